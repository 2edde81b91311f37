//! A policy's annotations, which Cedar carries and does not read.

use std::collections::BTreeSet;

use cedar_policy::{Effect, Policy};

use crate::decision::Need;
use crate::error::{PolicyError, PolicyPlace};
use crate::membership::Membership;
use studio_acs_identity::GroupUse;

/// A policy beside its conditions: who it is, and what follows if it decides.
#[derive(Debug)]
pub struct Rule {
    pub(crate) id: String,
    pub(crate) place: PolicyPlace,
    pub(crate) terms: Terms,
    pub(crate) reads: BTreeSet<String>,
    pub(crate) membership: Membership,
    /// Whether it permits, and names a user or a group without the issuer.
    pub(crate) is_unnamed: bool,
}

/// The consequences of a policy.
#[derive(Debug)]
pub(crate) enum Terms {
    /// It forbids, and tells why; what the user could bring against it.
    Forbid { reason: String, needs: Option<Need> },
    /// It permits, for so long.
    Permit { session_seconds: Option<u32> },
}

/// The sessions that SageMaker has.
const SESSION_SECONDS: std::ops::RangeInclusive<u32> = 1800..=43200;
/// The most characters of an id and of a reason: they stand in logs and on pages.
const LONGEST_ID: usize = 64;
const LONGEST_REASON: usize = 300;

impl Rule {
    /// Reads the annotations of the `number`th policy of its file.
    pub(crate) fn read(policy: &Policy, place: PolicyPlace, number: usize) -> Result<Self, PolicyError> {
        let mut rule = RuleReader { id: format!("{}#{number}", place.file), place, effect: policy.effect() };
        if let Some(id) = policy.annotation("id") {
            let fits = |c: char| c.is_ascii_alphanumeric() || "-_.:/#".contains(c);
            if id.is_empty() || id.len() > LONGEST_ID || !id.chars().all(fits) {
                return Err(rule.invalid("id", id, "1 to 64 of A-Z, a-z, 0-9, - _ . : / #"));
            }
            rule.id = id.to_owned();
        }
        // Sorted: the same file has the same first error every time.
        let mut annotations: Vec<_> = policy.annotations().collect();
        annotations.sort_unstable();
        let (mut reason, mut needs, mut session_seconds) = (None, None, None);
        for (name, value) in annotations {
            match name {
                "id" => {}
                "needs" => needs = Some(rule.needs(value)?),
                "reason" => reason = Some(rule.reason(value)?),
                "session_seconds" => session_seconds = Some(rule.session_seconds(value)?),
                found => {
                    let RuleReader { id: policy, place, .. } = rule;
                    return Err(PolicyError::AnnotationUnknown { place, policy, found: cut(found) });
                }
            }
        }
        let RuleReader { id, place, effect } = rule;
        let terms = match (effect, reason) {
            (Effect::Permit, _) => Terms::Permit { session_seconds },
            (Effect::Forbid, Some(reason)) => Terms::Forbid { reason, needs },
            (Effect::Forbid, None) => return Err(PolicyError::ReasonMissing { place, policy: id }),
        };
        Ok(Self { id, place, terms, reads: BTreeSet::new(), membership: Membership::default(), is_unnamed: false })
    }

    /// `@id`, or the file and the policy's number in it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where it stands.
    pub fn place(&self) -> &PolicyPlace {
        &self.place
    }

    /// Whether it permits; it forbids otherwise.
    pub fn permits(&self) -> bool {
        matches!(self.terms, Terms::Permit { .. })
    }

    /// Whether it is a permit that names a user or a group, and holds for that name of any issuer.
    pub fn names_no_issuer(&self) -> bool {
        self.is_unnamed
    }

    /// `@reason`: what is told to whom it refuses. Every forbid has one.
    pub fn reason(&self) -> Option<&str> {
        self.forbids().map(|(reason, _)| reason)
    }

    /// `@needs`: what can be brought against it.
    pub fn needs(&self) -> Option<Need> {
        self.forbids().and_then(|(_, needs)| needs)
    }

    /// `@session_seconds`: for how long it opens at most.
    pub fn session_seconds(&self) -> Option<u32> {
        match self.terms {
            Terms::Forbid { .. } => None,
            Terms::Permit { session_seconds } => session_seconds,
        }
    }

    /// The facts that it reads, by the schema's names, in alphabetical order.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
        self.reads.iter().map(String::as_str)
    }

    /// The groups that it names, in alphabetical order.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.membership.named.iter().map(String::as_str)
    }

    /// Whether it names this group.
    pub fn names_group(&self, name: &str) -> bool {
        self.membership.named.contains(name)
    }

    /// Whether it gives more to a user whose groups are not known than to a member of a group: by a forbid or a
    /// capped permit for members, or a permit for all but members.
    pub fn restricts_members(&self) -> bool {
        self.membership.restricts(self.effect(), self.session_seconds().is_some())
    }

    /// The use that it makes of the user's groups.
    pub fn group_use(&self) -> GroupUse {
        self.membership.group_use(self.effect(), self.session_seconds().is_some())
    }

    fn effect(&self) -> Effect {
        if self.permits() { Effect::Permit } else { Effect::Forbid }
    }

    pub(crate) fn forbids(&self) -> Option<(&str, Option<Need>)> {
        match &self.terms {
            Terms::Forbid { reason, needs } => Some((reason, *needs)),
            Terms::Permit { .. } => None,
        }
    }
}

/// A rule that is being read.
struct RuleReader {
    id: String,
    place: PolicyPlace,
    effect: Effect,
}

impl RuleReader {
    fn needs(&self, value: &str) -> Result<Need, PolicyError> {
        self.only_on(Effect::Forbid, "needs")?;
        let need = [Need::Ticket, Need::Approval].into_iter().find(|need| need.as_str() == value);
        need.ok_or_else(|| self.invalid("needs", value, "`ticket` or `approval`"))
    }

    fn reason(&self, value: &str) -> Result<String, PolicyError> {
        self.only_on(Effect::Forbid, "reason")?;
        let fits = value.chars().count() <= LONGEST_REASON && !value.chars().any(char::is_control);
        if value.trim().is_empty() || !fits {
            return Err(self.invalid(
                "reason",
                value,
                "a sentence for the person who is refused, of at most 300 characters",
            ));
        }
        Ok(value.to_owned())
    }

    fn session_seconds(&self, value: &str) -> Result<u32, PolicyError> {
        self.only_on(Effect::Permit, "session_seconds")?;
        let seconds = value.parse().ok().filter(|seconds| SESSION_SECONDS.contains(seconds));
        seconds.ok_or_else(|| self.invalid("session_seconds", value, "1800 to 43200 seconds"))
    }

    fn only_on(&self, effect: Effect, annotation: &'static str) -> Result<(), PolicyError> {
        if self.effect == effect {
            return Ok(());
        }
        let belongs = if effect == Effect::Permit { "permit" } else { "forbid" };
        Err(PolicyError::AnnotationMisplaced { place: self.place.clone(), policy: cut(&self.id), annotation, belongs })
    }

    fn invalid(&self, annotation: &'static str, found: &str, expected: &'static str) -> PolicyError {
        let (place, policy) = (self.place.clone(), cut(&self.id));
        PolicyError::AnnotationInvalid { place, policy, annotation, found: cut(found), expected }
    }
}

/// As much of a text as an error has room for.
fn cut(text: &str) -> String {
    text.chars().take(LONGEST_ID).collect()
}
