//! The question: all facts of one sign-in, as the other parts of the service know them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use studio_acs_identity::{Names, Protocol};

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

/// May this user do this with this profile, as things are? Every text in it is data: nothing is read as policy.
#[derive(Debug, Clone)]
pub struct Question {
    /// The requested action.
    pub action: Action,
    /// The user who signed in. Policies see user names in lower case, here and below.
    pub user: String,
    /// The issuer whose name that is: an identity provider's entity ID, or a token's `iss`.
    pub issuer: String,
    /// Whether a name without its issuer names a user or a group, as of now.
    pub names: Names,
    /// The groups the user is in, as the identity provider or the directory names them.
    pub groups: Vec<String>,
    /// The profile to open.
    pub profile: Profile,
    /// When, from where, and how.
    pub facts: Facts,
}

/// An action on a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Action {
    /// Agree that another user opens it.
    Approve,
    /// Open it.
    OpenStudio,
}

/// An entry of the ledger, and the user profile that it leads to. It can be kept with a request for approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The entry's ID.
    pub entry: String,
    /// The title that the user reads.
    pub title: String,
    /// The user the entry names; `None` for an entry for a group.
    pub for_user: Option<String>,
    /// The group the entry names; `None` for an entry for a user.
    pub for_group: Option<String>,
    /// The issuer that the entry names with its user or group; `None` if it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Whether the user profile is the asking user's own, shared with no other user.
    pub own_profile: bool,
    /// The user profile.
    pub profile: String,
    /// The Studio domain.
    pub domain: String,
    /// The account of the domain, unless it is the service's own.
    pub account: Option<String>,
    /// The region of the domain, unless it is the service's own.
    pub region: Option<String>,
    /// The team that pays.
    pub team: Option<String>,
    /// Whether production can be reached from there.
    pub production: bool,
    /// Whether the team has spent more than it was given. Needed where [`Fact::OverBudget`] is read.
    pub over_budget: bool,
    /// The entry's other tags.
    pub tags: BTreeMap<String, String>,
}

/// The moment and the way of one sign-in.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The time.
    pub now: UtcDateTime,
    /// How long the session would last.
    pub session_seconds: u32,
    /// When the user gave a password or a second factor, if the identity provider says so.
    pub authenticated_at: Option<UtcDateTime>,
    /// SAML's `AuthnContextClassRef`, or the `amr` values of a token.
    pub authentication_methods: Vec<String>,
    /// The way in.
    pub protocol: Protocol,
    /// The client's address, from a source that clients cannot forge.
    pub source_ip: Option<IpAddr>,
    /// The VPC endpoint that the request came through.
    pub vpc_endpoint: Option<String>,
    /// The VPC of that endpoint.
    pub vpc: Option<String>,
    /// How many URLs this user was given in the last minute. Needed where [`Fact::UrlsThisMinute`] is read.
    pub urls_this_minute: Option<u32>,
    /// The ticket number that the user gave. It counts only where a policy asks for one. Longer than
    /// [`TICKET_NUMBER_LIMIT`], it counts as none.
    pub ticket_number: Option<String>,
    /// The approver who agreed that this user opens this profile now. Needed where [`Fact::ApprovedBy`] is read.
    pub approved_by: Option<String>,
    /// The approver's issuer; `None` where names are shared.
    pub approved_by_issuer: Option<String>,
    /// To approve: who asked.
    pub requested_by: Option<String>,
    /// The issuer of the user who asked; `None` where names are shared.
    pub requested_by_issuer: Option<String>,
}

/// The most characters of a ticket number.
pub const TICKET_NUMBER_LIMIT: usize = 64;

/// A fact that costs something to find out: ask [`Policies::read`](crate::Policies::read) whether any policy reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// [`Facts::approved_by`].
    ApprovedBy,
    /// [`Profile::over_budget`].
    OverBudget,
    /// [`Facts::urls_this_minute`].
    UrlsThisMinute,
}

impl Fact {
    /// Every fact of the kind.
    pub const ALL: [Self; 3] = [Self::ApprovedBy, Self::OverBudget, Self::UrlsThisMinute];

    /// The attribute of the schema.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::ApprovedBy => "approved_by",
            Self::OverBudget => "over_budget",
            Self::UrlsThisMinute => "urls_this_minute",
        }
    }
}
