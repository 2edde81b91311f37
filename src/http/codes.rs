//! Every code that a sign-in can end with, for the reference and for the deployment's checks.

use std::collections::BTreeSet;

use serde_json::Value;
use studio_acs_identity::Protocol;

use super::OPENAPI;
use super::error::{DISAGREEMENT, Refusal, SECOND_OPINION};
use super::notice::Notice;
use studio_acs_broker::BrokerError;
use studio_acs_refusal::{Alarm, BrokenRule};

/// A rule and the answer to a sign-in that breaks it.
#[derive(Debug, Clone)]
pub struct Code {
    /// The rule.
    pub rule: BrokenRule,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The protocols whose sign-ins can break the rule.
    pub protocols: Vec<Protocol>,
    /// The heading of the answer.
    pub title: &'static str,
    /// The alarm that counts it; `None` where only the number of all refusals raises one.
    pub alarm: Option<Alarm>,
}

/// The alarm that counts refusals of this code.
fn alarm_of(code: &str) -> Option<Alarm> {
    match code {
        "replayed" => Some(Alarm::Replayed),
        // No user makes these by accident. An identity provider does by its settings: with a key that is not in the metadata
        // yet, with SHA-1 or another algorithm (`algorithm_forbidden`), or under another name than its assertions have
        // (`issuer_mismatch`, `unknown_issuer`).
        "algorithm_forbidden"
        | "assertion_count"
        | "digest_mismatch"
        | "dtd_forbidden"
        | "duplicate_id"
        | "issuer_mismatch"
        | "reference_mismatch"
        | "second_opinion"
        | "sign_in_declined"
        | "signature_invalid"
        | "signature_malformed"
        | "signature_misplaced"
        | "transform_forbidden"
        | "unknown_issuer"
        | "unsigned"
        | "token_algorithm_forbidden"
        | "token_header_forbidden"
        | "token_issuer_mismatch"
        | "token_key_unknown"
        | "token_signature_invalid" => Some(Alarm::Forged),
        "mint_denied"
        | "mint_failed"
        | "mint_role_denied"
        | "mint_role_failed"
        | "mint_throttled"
        | "mint_timeout"
        | "mint_unreachable"
        | "profile_not_found"
        | "provision_denied"
        | "provision_failed"
        | "provision_off"
        | "provision_throttled"
        | "url_forbidden" => Some(Alarm::MintFailed),
        "approval_store_unavailable"
        | "ledger_unavailable"
        | "metadata_unconfirmed"
        | "policy_unavailable"
        | "rate_store_unavailable"
        | "replay_store_unavailable"
        | "token_keys_unavailable" => Some(Alarm::StoreFailed),
        "ledger_malformed" | "policy_failed" => Some(Alarm::Undecidable),
        "audit_unavailable" => Some(Alarm::AuditFailed),
        _ => None,
    }
}

/// The stages in the order of a sign-in. Stages of one protocol do not follow those of the other.
pub const STAGES: &[&str] = &[
    "form",
    "XML",
    "response",
    "signature",
    "assertion",
    "method",
    "authorization",
    "token header",
    "request",
    "keys",
    "token signature",
    "claims",
    "token identity",
    "identity",
    "page form",
    "confirmation",
    "resume",
    "replay",
    "groups",
    "ledger",
    "policy",
    "approval",
    "rate",
    "audit",
    "mint",
    "provision",
];

/// Returns each rule once, in the order of a sign-in.
pub fn codes() -> Vec<Code> {
    let shown = shown_to_api_clients();
    let mut codes: Vec<Code> = Vec::new();
    let mut add = |code: Code| {
        let same = codes.iter_mut().find(|other| (other.rule, other.status) == (code.rule, code.status));
        let Some(same) = same else { return codes.push(code) };
        let more: Vec<_> = code.protocols.into_iter().filter(|protocol| !same.protocols.contains(protocol)).collect();
        same.protocols.extend(more);
    };
    for refusal in Refusal::examples() {
        add(Code::of(&refusal));
    }
    let (status, notice) = DISAGREEMENT;
    add(Code { protocols: vec![Protocol::Saml], ..Code::new(SECOND_OPINION, status.as_u16(), &notice) });
    for error in BrokerError::examples() {
        let is_told = shown.contains(error.code());
        let is_asked_by_tokens_only = matches!(error, BrokerError::AnotherProfile(_));
        let mut code = Code::of(&Refusal::from(error));
        code.protocols = [(Protocol::Saml, !is_asked_by_tokens_only), (Protocol::Jwt, is_told)]
            .into_iter()
            .filter_map(|(protocol, can_end)| can_end.then_some(protocol))
            .collect();
        add(code);
    }
    codes.sort_by_key(|code| STAGES.iter().position(|stage| *stage == code.rule.stage));
    codes
}

impl Code {
    fn new(rule: BrokenRule, status: u16, notice: &Notice) -> Self {
        Self { rule, status, protocols: Vec::new(), title: notice.title, alarm: alarm_of(rule.code) }
    }

    /// The code of this refusal; of the broker's, the protocols are not known yet.
    fn of(refusal: &Refusal) -> Self {
        let (status, notice) = refusal.answer();
        let code = Self::new(refusal.broken_rule(), status.as_u16(), &notice);
        match refusal {
            Refusal::Request(_) | Refusal::Token(_) => Self { protocols: vec![Protocol::Jwt], ..code },
            Refusal::NotOpened(_) => code,
            _ => Self { protocols: vec![Protocol::Saml], ..code },
        }
    }
}

/// The codes that the API's document lists: the values of each schema whose name ends in `Code`.
fn shown_to_api_clients() -> BTreeSet<String> {
    let document: Value = serde_json::from_str(OPENAPI).unwrap_or_default();
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten();
    let lists =
        schemas.filter(|(name, _)| name.ends_with("Code")).filter_map(|(_, schema)| schema.get("enum")?.as_array());
    lists.flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
