# SPDX-License-Identifier: MIT
# Findings (JSON Lines) and the result document of 'collect' in; what the summary and the outputs need out. One finding at a
# time: of each rule only a few resources are kept.
def most: 5;
def rank: {"critical": 0, "high": 1, "medium": 2, "low": 3, "info": 4}[.] // 5;

reduce inputs as $finding ({rules: {}, severities: {}};
    .rules[$finding.rule] |= ((. // {severity: $finding.severity, fail: 0, unknown: 0, suppressed: 0, resources: []})
        | .[$finding.status] += 1
        | if $finding.status == "fail" and (.resources | length) < most
          then .resources += [{account: $finding.account_id, name: ($finding.user_name // $finding.account_name),
                               id: $finding.resource_id, reason: $finding.reason}]
          else . end)
    | if $finding.status == "fail" then .severities[$finding.severity] += 1 else . end)
| .rules |= (to_entries | map(.value + {rule: .key}) | sort_by([(.severity | rank), -.fail, -.unknown, .rule]))
| . as $counted | $result[0] as $run
| {rules, users: $run.rows, accounts: ($run.successful_accounts | length),
   partial: [$run.partial_accounts[] | .account_id], not_read: $run.failed_accounts,
   outputs: {failed: ([.rules[].fail] | add // 0), unknown: ([.rules[].unknown] | add // 0),
             suppressed: ([.rules[].suppressed] | add // 0), critical: (.severities.critical // 0),
             high: (.severities.high // 0), "accounts-not-read": ($run.failed_accounts | length)}}
