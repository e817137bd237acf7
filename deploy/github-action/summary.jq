# SPDX-License-Identifier: MIT
# Markdown of what counts.jq has counted. Whatever somebody else chose (names, messages) goes through 'shown': everything in it
# that could mean something to Markdown or HTML is a character reference, and what can't be seen is a replacement character.
def longest: 160;
def most: 20;

def shown:
  tostring | if length > longest then .[:longest] + "\u2026" else . end
  | explode
  | map(if (48 <= . and . <= 57) or (65 <= . and . <= 90) or (97 <= . and . <= 122) or . == 32 then [.] | implode
        elif . < 32 or (127 <= . and . < 160) or . == 173 or . == 1564 or (8203 <= . and . <= 8207)
             or (8232 <= . and . <= 8238) or (8288 <= . and . <= 8303) or . == 65279 then "&#65533;"
        elif . < 127 then "&#\(.);"
        else [.] | implode end)
  | join("");

def plural($one; $many): if . == 1 then "\(.) \($one)" else "\(.) \($many)" end;

# Of a user the name says enough, of a key also its id.
def resource: (.name // "") as $name
  | "\(.account | shown) \($name | shown)"
    + (if .id == .account or (.id | endswith("/" + $name)) then "" else " (\(.id | shown))" end)
    + ": \(.reason | shown)";

def rules:
  "| severity | rule | failed | unknown | suppressed | first resources |", "|---|---|--:|--:|--:|---|",
  (.rules[] | "| \(.severity | shown) | \(.rule | shown) | \(.fail) | \(.unknown) | \(.suppressed) | "
    + ([.resources[] | resource] | join("<br>"))
    + (if .fail > (.resources | length) then "<br>and \(.fail - (.resources | length)) more" else "" end) + " |");

def not_read:
  "", "### Accounts not read", "", "| account | at | code | message |", "|---|---|---|---|",
  (.not_read[:most][] | "| \(.account_id | shown) | \(.stage // "" | shown) | \(.code // "" | shown) | \(.message // "" | shown) |"),
  (if (.not_read | length) > most then "", "and \((.not_read | length) - most) more" else empty end);

"## IAM census",
"",
"\(.users | plural("user"; "users")) of \(.accounts + (.partial | length) | plural("account"; "accounts")), "
  + "\(.partial | length) of them read in part; \(.not_read | length | plural("account"; "accounts")) not read. "
  + "\(.outputs.failed | plural("finding"; "findings")), \(.outputs.unknown) unknown, \(.outputs.suppressed) suppressed.",
"",
(if (.rules | length) > 0 then rules
 elif .accounts + (.partial | length) == 0 then "No account was read, so nothing was judged."
 else "Nothing was found, and nothing is unknown." end),
(if (.not_read | length) > 0 then not_read else empty end),
""
