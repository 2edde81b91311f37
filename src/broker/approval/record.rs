//! One request, what may become of it, and when.

use aws_lc_rs::digest::{Context, SHA256};
use studio_acs_saml::is_plain;
use time::UtcDateTime;

use super::{ApprovalError, ApprovalRules};
use crate::broker::user_key::{UserKey, hex};

/// The most characters of a name, of an entry's id and of a ticket.
const LONGEST_NAME: usize = 256;
/// The most characters of what an entry opens.
const LONGEST_OPENS: usize = 4096;

/// How many characters an id has.
const ID: usize = 32;

/// A request that nobody has decided on yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// What it is approved or denied by.
    pub id: String,
    /// Who asks.
    pub who: String,
    /// Which entry of the ledger they ask for.
    pub entry: String,
    /// What that opens, in words.
    pub opens: String,
    /// What they gave as the reason.
    pub ticket: Option<String>,
    /// When they asked.
    pub asked_at: UtcDateTime,
    /// Until when it can be decided on.
    pub until: UtcDateTime,
}

/// That another person has approved, not long ago. Made only from a record that says so, for as long as it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    by: String,
    at: UtcDateTime,
    until: UtcDateTime,
}

impl Approved {
    /// Who approved.
    pub fn by(&self) -> &str {
        &self.by
    }

    /// When.
    pub fn at(&self) -> UtcDateTime {
        self.at
    }

    /// When it is over.
    pub fn until(&self) -> UtcDateTime {
        self.until
    }
}

/// A request and what became of it. All its times are whole seconds, as stores keep them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    request: Pending,
    verdict: Option<Verdict>,
    until: UtcDateTime,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) approved: bool,
    pub(super) by: String,
    pub(super) at: UtcDateTime,
}

/// The one id of a person's requests for an entry.
pub(super) fn id(who: &str, entry: &str) -> String {
    let mut hash = Context::new(&SHA256);
    // The first part is always as long: no two pairs are the same text.
    hash.update(UserKey::of(who).to_string().as_bytes());
    hash.update(entry.as_bytes());
    let mut id = hex(hash.finish().as_ref());
    id.truncate(ID);
    id
}

pub(super) fn is_id(text: &str) -> bool {
    text.len() == ID && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl Record {
    /// A new request.
    pub(super) fn ask(
        who: &str,
        entry: &str,
        opens: &str,
        ticket: Option<&str>,
        now: UtcDateTime,
        rules: &ApprovalRules,
    ) -> Result<Self, ApprovalError> {
        let asked_at = now.truncate_to_second();
        let until = asked_at.saturating_add(rules.request_lasts).truncate_to_second();
        let request = Pending {
            id: id(who, entry),
            who: text("who", who, LONGEST_NAME)?,
            entry: text("entry", entry, LONGEST_NAME)?,
            opens: text("opens", opens, LONGEST_OPENS)?,
            ticket: ticket.map(|ticket| text("ticket", ticket, LONGEST_NAME)).transpose()?,
            asked_at,
            until,
        };
        Ok(Self { request, verdict: None, until })
    }

    /// What a store holds, unless it contradicts itself.
    pub(super) fn held(request: Pending, verdict: Option<Verdict>, until: UtcDateTime) -> Option<Self> {
        let own = verdict.as_ref().is_some_and(|verdict| UserKey::of(&verdict.by) == UserKey::of(&request.who));
        let whole = request.id == id(&request.who, &request.entry) && !own;
        whole.then_some(Self { request, verdict, until })
    }

    pub(super) fn id(&self) -> &str {
        &self.request.id
    }

    pub(super) fn request(&self) -> &Pending {
        &self.request
    }

    pub(super) fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }

    /// When it is over: as a request, as an approval, or as a denial.
    pub(super) fn until(&self) -> UtcDateTime {
        self.until
    }

    pub(super) fn is_over(&self, now: UtcDateTime) -> bool {
        self.until <= now
    }

    /// The request, as long as nobody has decided.
    pub(super) fn pending(&self) -> Result<Pending, ApprovalError> {
        match &self.verdict {
            None => Ok(self.request.clone()),
            Some(Verdict { approved, by, at }) => {
                Err(ApprovalError::Decided { approved: *approved, by: by.clone(), at: *at })
            }
        }
    }

    /// What `by` makes of it.
    pub(super) fn decide(
        &self,
        approve: bool,
        by: &str,
        now: UtcDateTime,
        rules: &ApprovalRules,
    ) -> Result<Self, ApprovalError> {
        let by = text("approver", by, LONGEST_NAME)?;
        let request = self.pending()?;
        if self.is_over(now) {
            return Err(ApprovalError::Expired { at: self.until });
        }
        if UserKey::of(&by) == UserKey::of(&request.who) {
            return Err(ApprovalError::Own);
        }
        let at = now.truncate_to_second();
        let until = if approve { at.saturating_add(rules.approval_lasts).truncate_to_second() } else { self.until };
        Ok(Self { request, verdict: Some(Verdict { approved: approve, by, at }), until })
    }

    /// The approval, if it is one and not over.
    pub(super) fn approved(&self, now: UtcDateTime) -> Option<Approved> {
        let verdict = self.verdict.as_ref().filter(|verdict| verdict.approved && !self.is_over(now))?;
        Some(Approved { by: verdict.by.clone(), at: verdict.at, until: self.until })
    }
}

/// Takes what fits into a line of a list, and changes nothing else on a terminal.
fn text(field: &'static str, text: &str, longest: usize) -> Result<String, ApprovalError> {
    let wrong = |found| ApprovalError::Text { field, expected: format!("1 to {longest} printable characters"), found };
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
