//! The page of rules and codes.

use std::fmt::Write as _;

use studio_acs::http::codes::{Code, codes};

use super::table;

const ABOUT: &str = "Every rule that a sign-in can break. The stages stand in the order of a sign-in. The log has the stable code, and several \
    rules may share one. The answer has the HTTP status and the heading. Each refusal counts \
    for the [alarm](../runbook-operate.md#alarms) `Refused`, and for the one of its row. \
    [Causes](causes.md) lists why each code is found, and the fix.";

const QUESTIONS: &str = "Two answers of the token API are questions and no refusals: `choose_entry` (409, with the entries) and `ticket_required` (409, \
    with the policy's reason). An API client is told `invalid_token` in place of every code with the status 401 except `token_missing`.";

pub(super) fn page() -> String {
    let codes = codes();
    let mut body = String::new();
    for (heading, protocols, more) in [
        ("SAML sign-in", &["saml"][..], ""),
        ("Token API", &["jwt"], QUESTIONS),
        ("Both protocols", &["saml", "jwt"], ""),
    ] {
        let rows = codes
            .iter()
            .filter(|code| code.protocols.iter().map(|protocol| protocol.as_str()).eq(protocols.iter().copied()));
        let row = |code: &Code| {
            let (stage, rule) = (code.rule.stage.to_owned(), code.rule.rule.to_owned());
            let alarm = code.alarm.map(|alarm| format!("`{}`", alarm.as_str())).unwrap_or_default();
            [stage, rule, format!("`{}`", code.rule.code), code.status.to_string(), code.title.to_owned(), alarm]
        };
        let rows = table(["stage", "rule", "code", "status", "heading", "alarm"], rows.map(row));
        let _ = write!(body, "## {heading}\n\n{rows}\n");
        if !more.is_empty() {
            let _ = write!(body, "{more}\n\n");
        }
    }
    super::page("Rules and codes", ABOUT, &(body.trim_end().to_owned() + "\n"))
}
