//! One request, what may become of it, and when.

use studio_acs_identity::{UserId, folded};
use studio_acs_refusal::is_plain;
use time::UtcDateTime;

use super::error::ApprovalError;
use super::rules::ApprovalRules;
use super::terms::{ApprovalTerms, Fingerprint};
use crate::user_key::{UserKey, is_hex_digest};

/// The most characters of a name and of a ticket number.
const LONGEST_NAME: usize = 256;
/// The most bytes of all terms, as they are written.
const LONGEST_TERMS: usize = 16_384;

/// A request that no approver has decided on yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The id that it is approved or denied by: the user's key and the fingerprint of the terms.
    pub id: String,
    /// The user who asks.
    pub who: String,
    /// The terms that they ask for.
    pub terms: ApprovalTerms,
    /// When they asked.
    pub asked_at: UtcDateTime,
    /// Until when it can be decided on.
    pub until: UtcDateTime,
}

/// A request that waits for a decision, as a list of them has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The request.
    pub request: Pending,
    /// The denials that hold against it: as long as one does, no approver can approve it.
    pub denials: Vec<EarlierDenial>,
}

/// A denial that holds, for its user and entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierDenial {
    /// The approver who denied.
    pub by: String,
    /// When.
    pub at: UtcDateTime,
    /// Until when it holds.
    pub until: UtcDateTime,
}

impl EarlierDenial {
    /// The refusal of whatever it holds against.
    pub(crate) fn refusal(self) -> ApprovalError {
        ApprovalError::Decided { approved: false, by: self.by, at: self.at }
    }
}

/// An approval by another user, not long ago. Made only from a record that says so, for as long as it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    terms: ApprovalTerms,
    verdict: ApprovalVerdict,
    until: UtcDateTime,
}

impl Approved {
    /// Whether it covers a sign-in of these terms: these and no others.
    pub fn covers(&self, terms: &ApprovalTerms) -> bool {
        self.terms.fingerprint() == terms.fingerprint()
    }

    /// The approved terms.
    pub fn terms(&self) -> &ApprovalTerms {
        &self.terms
    }

    /// The approver's name.
    pub fn by(&self) -> &str {
        &self.verdict.by
    }

    /// The approver, among the users of all issuers.
    pub fn approver(&self) -> UserId {
        self.verdict.user_id()
    }

    /// When.
    pub fn at(&self) -> UtcDateTime {
        self.verdict.at
    }

    /// When it is over.
    pub fn until(&self) -> UtcDateTime {
        self.until
    }
}

/// A request and what became of it. All its times are whole seconds, as stores keep them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    request: Pending,
    fingerprint: Fingerprint,
    verdict: Option<ApprovalVerdict>,
    until: UtcDateTime,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApprovalVerdict {
    pub(crate) approved: bool,
    pub(crate) by: String,
    /// The approver's issuer; `None` where names are shared.
    pub(crate) issuer: Option<String>,
    pub(crate) at: UtcDateTime,
}

impl ApprovalVerdict {
    /// The approver.
    pub(crate) fn user_id(&self) -> UserId {
        UserId::new(self.issuer.as_deref(), &self.by)
    }
}

/// The two parts of a request's id; `None` if it is the id of no request.
pub(crate) fn parse_id(id: &str) -> Option<(UserKey, &str)> {
    let (user, fingerprint) = id.split_at_checked(id.len() / 2)?;
    Some((UserKey::parse(user)?, is_hex_digest(fingerprint).then_some(fingerprint)?))
}

impl Record {
    /// A new request.
    pub(crate) fn ask(
        who: &UserId,
        terms: ApprovalTerms,
        now: UtcDateTime,
        rules: &ApprovalRules,
    ) -> Result<Self, ApprovalError> {
        if who.issuer() != terms.issuer.as_deref() {
            return Err(wrong("who", "the user of the terms", "another"));
        }
        let who = text("who", who.name(), LONGEST_NAME)?;
        if let Some(ticket_number) = &terms.ticket_number {
            text("ticket_number", ticket_number, LONGEST_NAME)?;
        }
        let asked_at = now.truncate_to_second();
        let until = asked_at.saturating_add(rules.request_lasts).truncate_to_second();
        let record = Self::held(who, terms, asked_at, until, None, until);
        let record = record.ok_or_else(|| wrong("who", "the user of the terms", "another"))?;
        let written = serde_json::to_string(&record.request.terms).map_or(usize::MAX, |written| written.len());
        if written > LONGEST_TERMS {
            return Err(wrong("terms", &format!("at most {LONGEST_TERMS} bytes"), "more"));
        }
        Ok(record)
    }

    /// A request as a store holds it, unless it contradicts itself. Its id follows from the terms and is not kept.
    pub(crate) fn held(
        who: String,
        terms: ApprovalTerms,
        asked_at: UtcDateTime,
        request_until: UtcDateTime,
        verdict: Option<ApprovalVerdict>,
        until: UtcDateTime,
    ) -> Option<Self> {
        let user = terms.user_id();
        let own = verdict.as_ref().is_some_and(|verdict| verdict.user_id().may_be(&user));
        let user = UserKey::of(&user);
        if own || terms.user != folded(&who) {
            return None;
        }
        let fingerprint = terms.fingerprint();
        let request = Pending { id: format!("{user}{fingerprint}"), who, terms, asked_at, until: request_until };
        Some(Self { request, fingerprint, verdict, until })
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(crate) fn request(&self) -> &Pending {
        &self.request
    }

    pub(crate) fn verdict(&self) -> Option<&ApprovalVerdict> {
        self.verdict.as_ref()
    }

    /// When it is over: as a request, as an approval, or as a denial.
    pub(crate) fn until(&self) -> UtcDateTime {
        self.until
    }

    pub(crate) fn is_over(&self, now: UtcDateTime) -> bool {
        self.until <= now
    }

    /// The request, as long as no approver has decided.
    pub(crate) fn pending(&self) -> Result<Pending, ApprovalError> {
        match &self.verdict {
            None => Ok(self.request.clone()),
            Some(ApprovalVerdict { approved, by, at, .. }) => {
                Err(ApprovalError::Decided { approved: *approved, by: by.clone(), at: *at })
            }
        }
    }

    /// The decision of `by`.
    pub(crate) fn decide(
        &self,
        approve: bool,
        by: &UserId,
        now: UtcDateTime,
        rules: &ApprovalRules,
    ) -> Result<Self, ApprovalError> {
        check_approver(by.name())?;
        let request = self.pending()?;
        if self.is_over(now) {
            return Err(ApprovalError::Expired { at: self.until });
        }
        if request.terms.user_id().may_be(by) {
            return Err(ApprovalError::Own);
        }
        let at = now.truncate_to_second();
        // A denial holds for as long as a request may wait, from now on: it may be decided in its last second.
        let holds = if approve { rules.approval_lasts } else { rules.request_lasts };
        let until = at.saturating_add(holds).truncate_to_second();
        let (by, issuer) = (by.name().to_owned(), by.issuer().map(str::to_owned));
        let verdict = Some(ApprovalVerdict { approved: approve, by, issuer, at });
        Ok(Self { request, fingerprint: self.fingerprint, verdict, until })
    }

    /// The denial, if it is one, not over, and holds against these terms: those of the same entry, or of the same user
    /// profile by another entry, whatever else they are.
    pub(crate) fn denial_of(&self, terms: &ApprovalTerms, now: UtcDateTime) -> Option<EarlierDenial> {
        let verdict = self.verdict.as_ref().filter(|verdict| !verdict.approved && !self.is_over(now))?;
        let (denied, other) = (&self.request.terms.profile, &terms.profile);
        // SageMaker does not tell `Alice` from `alice`.
        let is_same_profile = denied.domain == other.domain && denied.profile.eq_ignore_ascii_case(&other.profile);
        let denial = || EarlierDenial { by: verdict.by.clone(), at: verdict.at, until: self.until };
        (denied.entry == other.entry || is_same_profile).then(denial)
    }

    /// The approval, if it is one and not over.
    pub(crate) fn approved(&self, now: UtcDateTime) -> Option<Approved> {
        let verdict = self.verdict.as_ref().filter(|verdict| verdict.approved && !self.is_over(now))?;
        let terms = self.request.terms.clone();
        Some(Approved { terms, verdict: verdict.clone(), until: self.until })
    }
}

/// Checks that the name of `approver` can be shown.
pub(crate) fn check_approver(approver: &str) -> Result<(), ApprovalError> {
    text("approver", approver, LONGEST_NAME).map(drop)
}

/// Takes what fits into a line of a list, and changes nothing else on a terminal.
fn text(field: &'static str, text: &str, longest: usize) -> Result<String, ApprovalError> {
    let wrong = |found| wrong(field, &format!("1 to {longest} printable characters"), found);
    if text.is_empty() {
        Err(wrong("none"))
    } else if text.chars().nth(longest).is_some() {
        Err(wrong("more"))
    } else if !text.chars().all(is_plain) {
        Err(wrong("a control character"))
    } else {
        Ok(text.to_owned())
    }
}

fn wrong(field: &'static str, expected: &str, found: &'static str) -> ApprovalError {
    ApprovalError::Text { field, expected: expected.to_owned(), found }
}
