//! The records of a step of a request for approval: a user asks, or an approver decides.

use serde_json::{Value, json};
use time::UtcDateTime;

use crate::ending::Ending;
use crate::event::{Event, EventPlace};
use crate::facts::{ApprovalFacts, Person};
use crate::recorded::Operation;
use crate::sink_kind::SinkKind;
use studio_acs_identity::Identity;

/// A step of a request for approval.
#[derive(Debug)]
pub struct ApprovalStep<'a> {
    /// The user who takes it.
    pub who: &'a Identity,
    /// Which.
    pub kind: StepKind,
    /// The user who asks to open the entry.
    pub requested_by: &'a str,
    /// The ledger's entry.
    pub entry: &'a str,
    /// The ticket number, as the user gave it.
    pub ticket_number: Option<&'a str>,
    /// The terms that they ask for.
    pub approval: ApprovalFacts,
}

/// A step of a request for approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// It is made.
    Request,
    /// It is approved.
    Approve,
    /// It is denied.
    Deny,
}

impl StepKind {
    /// OCSF's `activity_id` and `activity_name`.
    fn activity(self) -> (u8, &'static str) {
        match self {
            Self::Request => (1, "Create"),
            Self::Approve | Self::Deny => (3, "Update"),
        }
    }

    fn operation(self) -> Operation {
        match self {
            Self::Request => Operation {
                begins: false,
                call: "RequestApproval",
                intent: "approval is about to be asked for",
                done: "outcome: approval is asked for",
                not_done: "outcome: approval is not asked for",
                unknown: "outcome: whether approval is asked for is unknown",
            },
            Self::Approve => Operation {
                begins: false,
                call: "Approve",
                intent: "a request is about to be approved",
                done: "outcome: the request is approved",
                not_done: "outcome: the request is not approved by this",
                unknown: "outcome: whether the request is approved is unknown",
            },
            Self::Deny => Operation {
                begins: false,
                call: "Deny",
                intent: "a request is about to be denied",
                done: "outcome: the request is denied",
                not_done: "outcome: the request is not denied by this",
                unknown: "outcome: whether the request is denied is unknown",
            },
        }
    }
}

/// The content that both records of a step share.
#[derive(Debug)]
pub(crate) struct StepRecord {
    kind: StepKind,
    content: Value,
    pub(crate) correlation: String,
    /// The name of the user who takes the step.
    pub(crate) user: String,
}

impl StepRecord {
    /// The records of `step`, in the attempt of this correlation id.
    pub(crate) fn of(step: &ApprovalStep<'_>, correlation: &str, place: &EventPlace) -> Self {
        let person = Person::of(step.who);
        let mut data = json!({"requested_by": step.requested_by, "approval": step.approval.json()});
        if let (Some(ticket_number), Some(data)) = (step.ticket_number, data.as_object_mut()) {
            data.insert("ticket_number".to_owned(), ticket_number.into());
        }
        let content = json!({
            "activity_name": step.kind.activity().1,
            "class_name": "API Activity",
            "category_name": "Application Activity",
            "cloud": place.cloud(None),
            "actor": {"user": person.user(), "session": person.session()},
            "api": {
                "operation": step.kind.operation().call,
                "service": {"name": "studio-acs"},
                "request": {"uid": correlation, "data": data},
            },
            "src_endpoint": place.endpoint(),
            "resources": [{"type": "studio-acs ledger entry", "uid": step.entry}],
        });
        let (correlation, user) = (correlation.to_owned(), step.who.user().to_owned());
        Self { kind: step.kind, content, correlation, user }
    }

    /// API Activity: Create, or Update. The step is about to be taken.
    pub(crate) fn intent(&self, now: UtcDateTime) -> Event {
        let (activity, _) = self.kind.activity();
        Event::begun(self.content.clone(), activity, &self.kind.operation(), &self.correlation, now)
    }

    /// API Activity: Create, or Update. The outcome of the step.
    pub(crate) fn outcome(&self, ending: Ending, missed: &[SinkKind], now: UtcDateTime) -> Event {
        let (activity, _) = self.kind.activity();
        let content = self.content.clone();
        Event::ended(content, activity, &self.kind.operation(), ending, missed, &self.correlation, now)
    }
}
