//! `studio-acs verify --token`: a captured token, asked every question the token API asks, with the clock set back.

use std::fmt;

use serde_json::{Value, json};
use studio_acs_jwt::{Check, KeySet, Rejection, Stage, TokenRules, UnverifiedToken, VerifiedToken, Verifier};
use studio_acs_refusal::{instant, printable};
use time::UtcDateTime;

use super::cause::{Cause, TokenContext, token_cause};
use super::steps::{self, Broken, VerifyStep};
use crate::token::TokenConfig;
use studio_acs_identity::Identity;

/// The result of a token: the checks that passed, in order, and the identity or the rejection at their end. Nothing in
/// it shows the token.
#[derive(Debug)]
pub struct TokenVerdict {
    rules: TokenRules,
    /// The rules that these settings do not ask.
    unasked: Vec<Check>,
    passed: Vec<(Check, String)>,
    /// The group claim, and the names of the claims that are there, where it is not among them.
    without_groups: Option<(String, Vec<String>)>,
    outcome: Result<Identity, Rejection>,
}

impl TokenVerdict {
    /// Asks the token API's own questions of `token`, by the issuer's `keys`, as of `at`.
    pub fn of(token: Result<UnverifiedToken, Rejection>, config: &TokenConfig, keys: &KeySet, at: UtcDateTime) -> Self {
        let TokenConfig { rules, claims, .. } = config;
        let mut passed = Vec::new();
        let verified = token.and_then(|token| Verifier::new(rules.clone()).verify(&token, keys, at, &mut passed));
        let lacks_groups = |token: &&VerifiedToken| !token.has(&claims.group_claim);
        let without_groups = verified
            .as_ref()
            .ok()
            .filter(lacks_groups)
            .map(|token| (claims.group_claim.clone(), token.claim_names().into_iter().map(printable).collect()));
        let outcome = verified.and_then(|token| Identity::by_token(&token, claims, &mut passed));
        let unasked = [
            (rules.scope.is_none(), Check::Scope),
            (!claims.is_by_email(), Check::EmailVerified),
            (!claims.require_groups, Check::Groups),
        ];
        let unasked = unasked.into_iter().filter_map(|(is_so, check)| is_so.then_some(check)).collect();
        Self { rules: rules.clone(), unasked, passed, without_groups, outcome }
    }

    /// The verdict on a token that no issuer of the configuration judges, by this `rejection`. `config` is one of the issuers.
    pub fn refused(rejection: Rejection, config: &TokenConfig) -> Self {
        let (rules, outcome) = (config.rules.clone(), Err(rejection));
        Self { rules, unasked: Vec::new(), passed: Vec::new(), without_groups: None, outcome }
    }

    /// Whether the token API would take it.
    pub fn is_accepted(&self) -> bool {
        self.outcome.is_ok()
    }

    /// The cause of a refusal; `None` where the token API would take it.
    pub fn cause(&self) -> Option<&'static Cause> {
        let rejection = self.outcome.as_ref().err()?;
        Some(token_cause(rejection, &TokenContext { rules: Some(&self.rules) }))
    }

    /// The verdict for programs.
    pub fn json(&self) -> Value {
        match &self.outcome {
            Ok(identity) => self.with_absent_groups(json!({
                "verdict": "accept",
                "user": identity.user(),
                "groups": identity.groups(),
                "issuer": identity.issuer(),
                "token_id": identity.source_id(),
                "token_use": self.rules.token_use.as_str(),
                "authenticated_at": identity.authenticated_at().map(instant::format),
                "authentication_methods": identity.authentication_methods(),
            })),
            Err(rejection) => json!({
                "verdict": "reject",
                "error": {
                    "code": rejection.code(),
                    "message": rejection.check().rule(),
                    "expected": rejection.expected(),
                    "found": rejection.found(),
                    "cause": self.cause().map(|cause| cause.name),
                    "fix": self.cause().map(|cause| cause.fix),
                },
            }),
        }
    }

    /// The same with the name of the group claim, where the token does not have it.
    fn with_absent_groups(&self, mut verdict: Value) -> Value {
        if let (Some(members), Some((claim, _))) = (verdict.as_object_mut(), &self.without_groups) {
            members.insert("group_claim_absent".to_owned(), json!(claim));
        }
        verdict
    }

    /// How many rules come after `broken`, and were not asked for that.
    fn not_reached(&self, broken: Check) -> usize {
        let asked = |check: &Check| self.passed.iter().any(|(passed, _)| passed == check);
        let ahead = Check::ALL.iter().filter(|check| **check > broken && !self.unasked.contains(check));
        ahead.filter(|check| !asked(check)).count()
    }
}

/// The verdict for people: a checklist in the order of the contract.
impl fmt::Display for TokenVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.passed.iter().map(|(check, found)| {
            let found = if found.is_empty() { "none" } else { found };
            VerifyStep { stage: heading(check.stage()), rule: check.rule(), found }
        });
        match &self.outcome {
            Ok(identity) => {
                steps::write(f, held, None)?;
                let (user, groups) = (identity.user(), identity.groups());
                let groups =
                    if groups.is_empty() { "no groups".to_owned() } else { format!("groups: {}", groups.join(", ")) };
                let id = identity.source_id();
                writeln!(f, "\nAccepted: {user} may open what the ledger says ({groups}; token {id})")?;
                if let Some((claim, names)) = &self.without_groups {
                    writeln!(f, "! The token has no claim {claim}; its claims are {}.", names.join(", "))?;
                    writeln!(
                        f,
                        "  fix  set STUDIO_ACS_TOKEN_GROUP_CLAIM to the one that holds the groups, if there is one"
                    )?;
                }
                writeln!(f, "Not asked: the ledger, the policy, and SageMaker.")
            }
            Err(rejection) => {
                let check = rejection.check();
                let broken = Broken {
                    stage: heading(check.stage()),
                    rule: check.rule(),
                    expected: rejection.expected(),
                    found: rejection.found(),
                    not_reached: self.not_reached(check),
                    code: rejection.code(),
                    cause: token_cause(rejection, &TokenContext { rules: Some(&self.rules) }),
                };
                steps::write(f, held, Some(broken))
            }
        }
    }
}

fn heading(stage: Stage) -> &'static str {
    match stage {
        Stage::Bearer => "Authorization",
        Stage::Header => "Header",
        Stage::Signature => "Signature",
        Stage::Claims => "Claims",
        Stage::Identity => "Identity",
    }
}
