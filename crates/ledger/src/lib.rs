//! The ledger: which user may open which profile where. A [`Principal`] → [`Entitlement`]s.
//!
//! It is a text (TOML or JSON, in a file, a parameter or a secret), a DynamoDB table, or nothing: then the assertion's
//! own attributes are the one entitlement. `docs/ledger.md` shows everything that can be written; [`LedgerSchema`] is
//! its form.
//!
//! It guarantees:
//! - An [`Entitlement`] is for this user: their name stands in the entry, or a group of theirs does.
//! - No two users open one profile: names are derived so, and a ledger where entries clash is refused. A sign-in sees
//!   only its own entries of a table: there [`add`](Ledger::add) and [`list`](Ledger::list) look at all of them.
//! - A revocation beats whatever allows, and holds at the latest after [`LedgerRules::refresh`].
//! - An unreadable or invalid entry gives no user anything.

#![forbid(unsafe_code)]

mod admin;
mod deep_link;
mod document;
mod dynamodb;
mod entitlement;
mod entry;
mod error;
mod fault;
mod index;
mod ledger;
mod profile_name;
mod report;
mod resolve;
mod schema;
mod subject;
mod unknown_user;

pub use admin::{Edit, EditError, Revocable};
pub use deep_link::{DeepLink, LandingUri, REVIEW, SpaceName};
pub use document::LEDGER_UNREADABLE;
pub use dynamodb::item::{ENTRY, SUBJECT};
pub use entitlement::Entitlement;
pub use entry::Provision;
pub use error::{LedgerError, LedgerStartError};
pub use fault::LedgerFault;
pub use ledger::{Ledger, LedgerRules, LedgerSource, Principal};
pub use report::{Explanation, LedgerRow, Listing};
pub use schema::{EntrySchema, LedgerSchema, LinkSchema, ProvisionSchema, RevokedSchema, TeamSchema};
pub use subject::{Person, Subject};
pub use unknown_user::explain_groups;

#[cfg(test)]
mod tests;
