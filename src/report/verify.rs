//! `studio-acs verify`: a captured response, asked every question the server asks, with the clock set back.

use std::fmt;

use serde_json::{Value, json};
use studio_acs_refusal::instant;
use studio_acs_saml::{Check, Rejection, Stage, UnverifiedResponse, VerifiedAssertion, Verifier};
use time::UtcDateTime;

use super::cause::{Cause, SamlContext, saml_cause};
use super::steps::{self, Broken, VerifyStep};
use studio_acs_identity::{Identity, IdentityRules};

/// The result of a response: the checks that passed, in order, and the identity or the rejection at their end.
#[derive(Debug)]
pub struct VerifyReport {
    passed: Vec<(Check, String)>,
    outcome: Result<(Identity, VerifiedAssertion), (Rejection, &'static Cause)>,
}

impl VerifyReport {
    /// Asks the server's own questions of `response`, as of `at`. Whether it was used before is not asked: nothing is used.
    pub fn of(
        response: Result<UnverifiedResponse, Rejection>,
        verifier: &Verifier,
        rules: &IdentityRules,
        policy_reads_groups: bool,
        outstanding: Option<&str>,
        at: UtcDateTime,
    ) -> Self {
        let mut passed = Vec::new();
        let message = response.as_ref().ok().map(|response| response.unverified_text().to_owned());
        let outcome = response
            .and_then(|response| verifier.verify(response, outstanding, at, &mut passed))
            .and_then(|assertion| Ok((Identity::of(&assertion, rules, policy_reads_groups, &mut passed)?, assertion)));
        let context = SamlContext {
            service_provider: Some(verifier.service_provider()),
            idps: Some(verifier.idps()),
            identity: Some(rules),
            unverified_message: message.as_deref(),
            now: Some(at),
        };
        let outcome = outcome.map_err(|rejection| {
            let cause = saml_cause(&rejection, &context);
            (rejection, cause)
        });
        Self { passed, outcome }
    }

    /// Whether the server would let the user in.
    pub fn is_accepted(&self) -> bool {
        self.outcome.is_ok()
    }

    /// The cause of a refusal; `None` where the user would be let in.
    pub fn cause(&self) -> Option<&'static Cause> {
        self.outcome.as_ref().err().map(|(_, cause)| *cause)
    }

    /// The verdict for programs.
    pub fn json(&self) -> Value {
        match &self.outcome {
            Ok((identity, assertion)) => {
                json!({
                    "verdict": "accept",
                    "user": identity.user(),
                    "domain": identity.named().map(|(_, domain)| domain.as_str()),
                    "issuer": assertion.issuer(),
                    "assertion_id": assertion.id(),
                    "not_on_or_after": instant::format(assertion.not_on_or_after()),
                    "signed": assertion.signed(),
                    "algorithm": assertion.algorithm(),
                })
            }
            Err((rejection, cause)) => json!({
                "verdict": "reject",
                "error": {
                    "code": rejection.code(),
                    "message": rejection.check().rule(),
                    "expected": rejection.expected(),
                    "found": rejection.found(),
                    "cause": cause.name,
                    "fix": cause.fix,
                },
            }),
        }
    }
}

/// The verdict for people: a checklist in the order of the contract.
impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.passed.iter();
        let held = held.map(|(check, found)| VerifyStep { stage: heading(check.stage()), rule: check.rule(), found });
        match &self.outcome {
            Ok((identity, assertion)) => {
                steps::write(f, held, None)?;
                let signed = assertion.signed().join(" and ");
                writeln!(
                    f,
                    "\nAccepted: {} may open {} ({signed} signed, {})",
                    identity.user(),
                    identity.named().map_or("what the ledger says", |(_, domain)| domain.as_str()),
                    assertion.algorithm()
                )?;
                writeln!(f, "Not asked: whether this response was used before, the ledger, the policy, and SageMaker.")
            }
            Err((rejection, cause)) => {
                let check = rejection.check();
                let asked = |other: &Check| *other == check || self.passed.iter().any(|(passed, _)| passed == other);
                let ahead = |other: &Check| other.stage() >= check.stage();
                let broken = Broken {
                    stage: heading(check.stage()),
                    rule: check.rule(),
                    expected: rejection.expected(),
                    found: rejection.found(),
                    not_reached: Check::ALL.iter().filter(|other| ahead(other) && !asked(other)).count(),
                    code: rejection.code(),
                    cause,
                };
                steps::write(f, held, Some(broken))
            }
        }
    }
}

fn heading(stage: Stage) -> &'static str {
    match stage {
        Stage::Binding => "Form",
        Stage::Xml => "XML",
        Stage::Shape => "Response",
        Stage::Signature => "Signature",
        Stage::Assertion => "Assertion",
        Stage::Identity => "Identity",
    }
}
