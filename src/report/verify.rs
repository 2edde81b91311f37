//! `studio-acs verify`: a captured response, asked every question the server asks, with the clock set back.

use std::fmt;

use serde_json::{Value, json};
use studio_acs_refusal::instant;
use studio_acs_saml::{Check, Rejection, Stage, UnverifiedResponse, VerifiedAssertion, Verifier};
use time::UtcDateTime;

use super::cause::{Cause, SamlContext, saml_cause};
use super::group_readers::GroupReaders;
use super::steps::{self, Broken, VerifyStep};
use super::understood::{UnderstoodAssertion, UnderstoodGroups};
use studio_acs_identity::{Identity, IdentityRules};

/// The result of a response: the checks that passed, in order, and the identity or the rejection at their end.
#[derive(Debug)]
pub struct VerifyReport {
    passed: Vec<(Check, String)>,
    /// The assertion, where its own rules hold; nothing of an unverified one is shown.
    assertion: Option<VerifiedAssertion>,
    /// The user, where the assertion names one.
    identity: Option<Identity>,
    broken: Option<Broken>,
    readers: GroupReaders,
    taken: Option<&'static str>,
}

impl VerifyReport {
    /// Asks the server's own questions of `response`, as of `at`. Whether it was used before is not asked: nothing is used.
    pub fn of(
        response: Result<UnverifiedResponse, Rejection>,
        verifier: &Verifier,
        rules: &IdentityRules,
        readers: GroupReaders,
        outstanding: Option<&str>,
        at: UtcDateTime,
    ) -> Self {
        let mut passed = Vec::new();
        let message = response.as_ref().ok().map(|response| response.unverified_text().to_owned());
        let context = SamlContext {
            service_provider: Some(verifier.service_provider()),
            idps: Some(verifier.idps()),
            identity: Some(rules),
            unverified_message: message.as_deref(),
            now: Some(at),
        };
        let assertion = response.and_then(|response| verifier.verify(response, outstanding, at, &mut passed));
        let identity = assertion.as_ref().map_err(Clone::clone).and_then(|it| Identity::of(it, rules, &mut passed));
        let broken = match &identity {
            Ok(identity) => identity.groups().check(readers.used()).err().as_ref().map(Broken::of_groups),
            Err(rejection) => {
                let check = rejection.check();
                let asked = |other: &Check| *other == check || passed.iter().any(|(passed, _)| passed == other);
                let ahead = |other: &Check| other.stage() >= check.stage();
                let not_reached = Check::ALL.iter().filter(|other| ahead(other) && !asked(other)).count();
                let cause = saml_cause(rejection, &context);
                Some(Broken::of(rejection, heading(check.stage()), cause, not_reached))
            }
        };
        Self { passed, assertion: assertion.ok(), identity: identity.ok(), broken, readers, taken: None }
    }

    /// The same, of a response that was taken out of this text, which holds more.
    pub fn taken_out_of(self, taken: Option<&'static str>) -> Self {
        Self { taken, ..self }
    }

    /// Whether the server would let the user in.
    pub fn is_accepted(&self) -> bool {
        self.broken.is_none()
    }

    /// The cause of a refusal; `None` where the user would be let in.
    pub fn cause(&self) -> Option<&'static Cause> {
        self.broken.as_ref().map(Broken::cause)
    }

    /// The verdict for programs.
    pub fn json(&self) -> Value {
        let mut report = match &self.broken {
            None => json!({"verdict": "accept"}),
            Some(broken) => json!({"verdict": "reject", "error": broken.json()}),
        };
        let Some(members) = report.as_object_mut() else { return report };
        if let Some(taken) = self.taken {
            members.insert("taken".to_owned(), json!(taken));
        }
        if let Some(assertion) = &self.assertion {
            let facts = [
                ("issuer", json!(assertion.issuer())),
                ("assertion_id", json!(assertion.id())),
                ("not_on_or_after", json!(instant::format(assertion.not_on_or_after()))),
                ("signed", json!(assertion.signed())),
                ("algorithm", json!(assertion.algorithm())),
            ];
            members.extend(facts.map(|(name, value)| (name.to_owned(), value)));
            members.extend(UnderstoodAssertion(assertion).json());
        }
        if let Some(identity) = &self.identity {
            members.insert("user".to_owned(), json!(identity.user()));
            members.insert("domain".to_owned(), json!(identity.named().map(|(_, domain)| domain.as_str())));
            members.extend(self.groups(identity).json());
        }
        report
    }

    fn groups<'a>(&'a self, identity: &'a Identity) -> UnderstoodGroups<'a> {
        UnderstoodGroups { groups: identity.groups(), readers: &self.readers }
    }
}

/// The verdict for people: a checklist in the order of the contract, and what was understood.
impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(taken) = self.taken {
            writeln!(f, "Taken out of {taken}\n")?;
        }
        let held = self.passed.iter();
        let held = held.map(|(check, found)| VerifyStep { stage: heading(check.stage()), rule: check.rule(), found });
        let assertion = self.assertion.as_ref().map(UnderstoodAssertion);
        let groups = self.identity.as_ref().map(|identity| self.groups(identity));
        let facts = assertion.iter().map(|it| -> &dyn fmt::Display { it });
        let facts: Vec<_> = facts.chain(groups.iter().map(|it| -> &dyn fmt::Display { it })).collect();
        steps::write(f, held, self.broken.as_ref(), &facts)?;
        let (None, Some(identity), Some(assertion)) = (&self.broken, &self.identity, &self.assertion) else {
            return Ok(());
        };
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
