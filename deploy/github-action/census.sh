#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The census of the action: collect, check, the summary, the outputs. Ends as 'check' does, but with 0 if something is unknown.
set -euo pipefail
here=$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")

fail() { echo "iam-census: $*" >&2; exit "${2:-1}"; }
for name in DATABASE FINDINGS SUPPRESS; do
  value=INPUT_$name
  [[ ${!value} != *$'\n'* ]] || fail "the input '${name,,}' has more than one line" 2
done
case $INPUT_FAIL_ON_UNKNOWN in
  true | false) ;;
  *) fail "the input 'fail-on-unknown' must be true or false" 2 ;;
esac

# A path or name that begins with '-' stays an option's value: all options are written --name=value.
collect=(--role-name="$INPUT_ROLE_NAME" --format=sqlite --output="$INPUT_DATABASE")
[ -z "$INPUT_ACCOUNTS" ] || collect+=(--accounts="${INPUT_ACCOUNTS//$'\n'/,}")
read -r -d '' -a units <<<"${INPUT_OU//,/ }" || true
for unit in "${units[@]}"; do collect+=(--ou="$unit"); done
check=(--format=jsonl --output="$INPUT_FINDINGS" --rules="$INPUT_RULES")
read -r -d '' -a limits <<<"$INPUT_LIMITS" || true
for limit in "${limits[@]}"; do check+=(--limit="$limit"); done
[ -z "$INPUT_SUPPRESS" ] || check+=(--suppress="$INPUT_SUPPRESS")
[ "$INPUT_FAIL_ON" = none ] || check+=(--fail-on="$INPUT_FAIL_ON")
[ "$INPUT_FAIL_ON_UNKNOWN" = false ] || check+=(--fail-on-unknown)

# The runner takes lines of a log for its commands, and names in messages are whatever somebody chose.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$token"
trap 'echo "::$token::"' EXIT
result=$(mktemp "$RUNNER_TEMP/iam-census-XXXXXX.json")
counts=$(mktemp "$RUNNER_TEMP/iam-census-XXXXXX.json")

summarize() { # FINDINGS
  jq -n --slurpfile result "$result" -f "$here/counts.jq" "$1" >"$counts"
  jq -r -f "$here/summary.jq" "$counts" >>"$GITHUB_STEP_SUMMARY"
  jq -r '.outputs | to_entries[] | "\(.key)=\(.value)"' "$counts" >>"$GITHUB_OUTPUT"
}

status=0
# What could not be read is 3: the rest is judged, and the summary says what is missing.
"$PROGRAM" collect "${collect[@]}" --json >"$result" || status=$?
case $status in
  0 | 3) ;;
  *)
    # No account was read: the reasons are in the summary.
    ! jq -e .failed_accounts "$result" >/dev/null 2>&1 || summarize /dev/null
    fail "'collect' ended with status $status" "$status"
    ;;
esac
status=0
"$PROGRAM" check "$INPUT_DATABASE" "${check[@]}" || status=$?
case $status in 0 | 3 | 4) ;; *) fail "'check' ended with status $status" "$status" ;; esac
printf '%s\n' "status=$status" "database=$INPUT_DATABASE" "findings-file=$INPUT_FINDINGS" >>"$GITHUB_OUTPUT"
summarize "$INPUT_FINDINGS"
[ "$status" -ne 4 ] || fail "findings meet fail-on=$INPUT_FAIL_ON: see the summary of the job" 4
