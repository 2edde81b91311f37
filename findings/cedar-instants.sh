#!/usr/bin/env bash
# Instants and durations as SAML, RFC 3339, OCSF and ISO 8601 write them, in a Cedar policy.
#
# Guess:    datetime("…") takes what RFC 3339 writes, and duration("…") what ISO 8601 does.
# Seen:     an offset has no colon (+0100, as ISO 8601's basic form), though the date has hyphens and the time has colons;
#           a fraction has three digits or is not there; "P1D" is no duration, "1d" is. Each of the others is an error of
#           evaluation, and not of parsing: Cedar then skips the policy, and a permit denies.
# Version:  @cedar-policy/cedar-wasm 4.13.0 (npm), the crate cedar-policy built for WebAssembly.
# Concerns: whoever passes an instant of an assertion (ADFS writes seven digits), of a record (microseconds) or of a
#           library (an offset with a colon) into a policy as text, or types one.
# Here:     crates/policy passes numbers (unix_seconds, hour, minute, date) and no instants; a policy that errs denies.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @cedar-policy/cedar-wasm@4.13.0 > /dev/null

cat > ask.cjs <<'JAVASCRIPT'
const cedar = require("@cedar-policy/cedar-wasm/nodejs");

function ask(condition) {
  const answer = cedar.isAuthorized({
    principal: { type: "User", id: "ana" },
    action: { type: "Action", id: "open" },
    resource: { type: "Profile", id: "ana" },
    context: {},
    entities: [],
    policies: { staticPolicies: `permit (principal, action, resource) when { ${condition} };` },
  });
  const errors = answer.type === "success" ? answer.response.diagnostics.errors.length : -1;
  return errors === 0 ? answer.response.decision : errors === 1 ? "error" : "no policy";
}

for (const instant of [
  "2026-01-15T10:00:00Z",
  "2026-01-15T10:00:00.123Z",
  "2026-01-15T10:00:00.5Z",
  "2026-01-15T10:00:00.1234567Z",
  "2026-01-15T11:00:00+0100",
  "2026-01-15T11:00:00+01:00",
])
  console.log(instant, ask(`datetime("${instant}") > datetime("2026-01-15")`));
for (const duration of ["1d", "1d2h", "P1D", "PT1H"]) console.log(duration, ask(`duration("${duration}") > duration("0s")`));
JAVASCRIPT

found=$(node ask.cjs)
expected='2026-01-15T10:00:00Z allow
2026-01-15T10:00:00.123Z allow
2026-01-15T10:00:00.5Z error
2026-01-15T10:00:00.1234567Z error
2026-01-15T11:00:00+0100 allow
2026-01-15T11:00:00+01:00 error
1d allow
1d2h allow
P1D error
PT1H error'
if [ "$found" != "$expected" ]; then
  echo "the behaviour has changed:"
  diff <(echo "$expected") <(echo "$found") || true
  exit 1
fi
echo "as stated: $(echo "$found" | grep -c error) of $(echo "$found" | wc -l) are errors of evaluation"
