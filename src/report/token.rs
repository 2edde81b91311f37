//! `studio-acs verify --token`: a captured token, asked every question the token API asks, with the clock set back.

use std::fmt;

use serde_json::{Value, json};
use studio_acs_jwt::{Check, KeySet, Rejection, Stage, TokenRules, UnverifiedToken, VerifiedToken, Verifier};
use studio_acs_refusal::{instant, printable};
use time::UtcDateTime;

use super::cause::{Cause, TokenContext, token_cause};
use super::group_readers::GroupReaders;
use super::steps::{self, Broken, VerifyStep};
use super::understood::UnderstoodGroups;
use crate::token::{KeysError, TokenConfig};
use studio_acs_identity::Identity;

/// The result of a token: the checks that passed, in order, and the identity or the rejection at their end. Nothing in
/// it shows the token.
#[derive(Debug)]
pub struct TokenVerdict {
    rules: TokenRules,
    passed: Vec<(Check, String)>,
    /// The user, where the token names one.
    identity: Option<Identity>,
    /// The group claim, and the names of the claims that are there, where it is not among them.
    without_groups: Option<(String, Vec<String>)>,
    broken: Option<Broken>,
    readers: GroupReaders,
    /// The name of the token in a capture that holds more.
    taken: Option<&'static str>,
}

impl TokenVerdict {
    /// Asks the token API's own questions of `token`, by the issuer's `keys`, as of `at`. The token API has a ledger, even if
    /// the configuration of `readers` has none.
    pub fn of(
        token: Result<UnverifiedToken, Rejection>,
        config: &TokenConfig,
        keys: &KeySet,
        readers: GroupReaders,
        at: UtcDateTime,
    ) -> Self {
        let TokenConfig { rules, claims, .. } = config;
        let (rules, readers, mut passed) = (rules.clone(), readers.and_ledger(), Vec::new());
        let verified = token.and_then(|token| Verifier::new(rules.clone()).verify(&token, keys, at, &mut passed));
        let lacks_groups = |token: &&VerifiedToken| !token.has(&claims.group_claim);
        let without_groups = verified
            .as_ref()
            .ok()
            .filter(lacks_groups)
            .map(|token| (claims.group_claim.clone(), token.claim_names().into_iter().map(printable).collect()));
        let identity = verified.and_then(|token| Identity::by_token(&token, claims, &mut passed));
        let unasked = [
            (rules.scope.is_none(), Check::Scope),
            (!claims.is_by_email(), Check::EmailVerified),
            (!claims.require_groups, Check::Groups),
        ];
        let unasked = unasked.into_iter().filter_map(|(is_so, check)| is_so.then_some(check));
        let broken = match &identity {
            Ok(identity) => identity.groups().check(readers.used()).err().as_ref().map(Broken::of_groups),
            Err(rejection) => {
                let asked: Vec<_> = passed.iter().map(|(check, _)| *check).chain(unasked).collect();
                Some(broken(rejection, &asked, &rules))
            }
        };
        Self { rules, passed, identity: identity.ok(), without_groups, broken, readers, taken: None }
    }

    /// The verdict on a token that no issuer of the configuration judges, by this `rejection`. `config` is one of the issuers.
    pub fn refused(rejection: &Rejection, config: &TokenConfig) -> Self {
        let (rules, broken) = (config.rules.clone(), Some(broken(rejection, &[], &config.rules)));
        let readers = GroupReaders::default();
        Self { rules, passed: Vec::new(), identity: None, without_groups: None, broken, readers, taken: None }
    }

    /// The verdict on any token of an issuer whose keys are unusable, by this error and its cause: the token API takes none.
    pub fn without_keys(error: &KeysError, cause: &'static Cause, config: &TokenConfig) -> Self {
        let (rules, broken) = (config.rules.clone(), Some(Broken::of_keys(error, cause)));
        let readers = GroupReaders::default();
        Self { rules, passed: Vec::new(), identity: None, without_groups: None, broken, readers, taken: None }
    }

    /// The same, of a token that has this name in a capture that holds more.
    pub fn taken_out_of(self, taken: Option<&'static str>) -> Self {
        Self { taken, ..self }
    }

    /// Whether the token API would take it.
    pub fn is_accepted(&self) -> bool {
        self.broken.is_none()
    }

    /// The cause of a refusal; `None` where the token API would take it.
    pub fn cause(&self) -> Option<&'static Cause> {
        self.broken.as_ref().map(Broken::cause)
    }

    /// The verdict for programs.
    pub fn json(&self) -> Value {
        let mut report = match &self.broken {
            None => json!({"verdict": "accept"}),
            Some(broken) => json!({"verdict": "reject", "error": broken.json()}),
        };
        if let (Some(members), Some(taken)) = (report.as_object_mut(), self.taken) {
            members.insert("taken".to_owned(), json!(taken));
        }
        let (Some(members), Some(identity)) = (report.as_object_mut(), &self.identity) else { return report };
        let facts = [
            ("user", json!(identity.user())),
            ("issuer", json!(identity.issuer())),
            ("token_id", json!(identity.source_id())),
            ("token_use", json!(self.rules.token_use.as_str())),
            ("authenticated_at", json!(identity.authenticated_at().map(instant::format))),
            ("authentication_methods", json!(identity.authentication_methods())),
        ];
        members.extend(facts.map(|(name, value)| (name.to_owned(), value)));
        members.extend(UnderstoodGroups { groups: identity.groups(), readers: &self.readers }.json());
        if let Some((claim, _)) = &self.without_groups {
            members.insert("group_claim_absent".to_owned(), json!(claim));
        }
        report
    }
}

/// The broken rule of `rejection`, with the number of rules after it that were not `asked`.
fn broken(rejection: &Rejection, asked: &[Check], rules: &TokenRules) -> Broken {
    let check = rejection.check();
    let not_reached = Check::ALL.iter().filter(|other| **other > check && !asked.contains(other)).count();
    let cause = token_cause(rejection, &TokenContext { rules: Some(rules) });
    Broken::of(rejection, heading(check.stage()), cause, not_reached)
}

/// The verdict for people: a checklist in the order of the contract, and what was understood.
impl fmt::Display for TokenVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(taken) = self.taken {
            writeln!(f, "Taken out of the capture: {taken}\n")?;
        }
        let held = self.passed.iter().map(|(check, found)| {
            let found = if found.is_empty() { "none" } else { found };
            VerifyStep { stage: heading(check.stage()), rule: check.rule(), found }
        });
        let understood = self.identity.as_ref().map(|identity| {
            let groups = UnderstoodGroups { groups: identity.groups(), readers: &self.readers };
            (Authentication(identity), groups)
        });
        let facts = understood
            .iter()
            .flat_map(|(authentication, groups)| -> [&dyn fmt::Display; 2] { [authentication, groups] });
        let facts: Vec<_> = facts.collect();
        steps::write(f, held, self.broken.as_ref(), &facts)?;
        let (None, Some(identity)) = (&self.broken, &self.identity) else { return Ok(()) };
        let (user, id) = (identity.user(), identity.source_id());
        writeln!(f, "\nAccepted: {user} may open what the ledger says (token {id})")?;
        if let Some((claim, names)) = &self.without_groups {
            let absence = identity.groups().absence();
            let near = absence.as_deref().and_then(|words| words.split_once(", beside "));
            let near = near.map_or_else(String::new, |(_, near)| format!(" beside {}", printable(near)));
            writeln!(f, "! The token has no claim {claim}{near}; its claims are {}.", names.join(", "))?;
            let fix = "set STUDIO_ACS_TOKEN_GROUP_CLAIM to the one that holds the groups, if there is one";
            writeln!(f, "  fix  {fix}")?;
        }
        writeln!(f, "Not asked: the ledger, the policy, and SageMaker.")
    }
}

/// When and how the user signed in, as the token says.
struct Authentication<'a>(&'a Identity);

impl fmt::Display for Authentication<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.0.authenticated_at().map_or_else(|| "at no known time".to_owned(), instant::format);
        let methods: Vec<_> = self.0.authentication_methods().iter().map(|method| printable(method)).collect();
        let methods = if methods.is_empty() { "by no known method".to_owned() } else { methods.join(", ") };
        writeln!(f, "  {:<14} {at}, {methods}", "authenticated")
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
