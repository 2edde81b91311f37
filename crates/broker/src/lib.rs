//! The broker of studio-acs: [`Identity`](studio_acs_identity::Identity) → [`Outcome`]. It knows nothing of SAML's wire format or
//! of HTTP.
//!
//! [`Broker::open`] is the order of events, always: replay protection and ledger → policy → rate → audit of intent → mint →
//! audit of the outcome.

#![forbid(unsafe_code)]

mod alert;
mod approval;
mod authorize;
mod broker;
mod current_policies;
mod decide;
mod decision;
mod destination;
mod error;
mod grant;
mod mint;
mod not_done;
mod not_opened;
mod open_request;
mod open_response;
mod outcome;
mod provision;
mod rate;
mod replay;
mod review;
mod rules;
mod session_seconds;
mod user_key;

pub use alert::ASKS_AGAIN;
pub use approval::{
    ApprovalError, ApprovalRules, ApprovalTerms, Approvals, Approved, EarlierDenial, Fingerprint, Pending,
    ProvisionTerms, Waiting,
};
pub use authorize::{AuthorizeError, Authorized, Authorizer, CurrentAuthorizer, RequestContext};
pub use broker::Broker;
pub use current_policies::{CurrentPolicies, POLICY_UNREADABLE, PolicySource, PolicyStartError, read as read_policies};
pub use destination::Destination;
pub use error::{BrokerError, POLICY_FAILS};
pub use grant::Grant;
pub use mint::{Mint, MintError, MintRules, Minter, PresignedUrl};
pub use not_done::NotDone;
pub use not_opened::NotOpened;
pub use open_request::OpenRequest;
pub use open_response::{EntryFields, OpenResponse};
pub use outcome::{Outcome, Review};
pub use provision::{Progress, Provision, ProvisionError, Provisioner};
pub use rate::{Count, RateError, RateRules, Rates};
pub use replay::{AfterRestart, FirstUse, ReplayError, ReplayGuard, RestartGrace};
pub use review::ReviewDecision;
pub use rules::{Check, Rejection, Stage};
pub use session_seconds::{LONGEST_SESSION, SHORTEST_SESSION};
pub use studio_acs_aws::TableRules;
pub use studio_acs_ledger::REVIEW;

/// The attributes of the tables' keys, for checks of a deployment.
pub mod tables {
    pub use crate::approval::{PENDING, PENDING_UNTIL};
    pub use crate::rate::KEY as RATE_KEY;
    pub use crate::replay::KEY as REPLAY_KEY;
}
