//! The broker through HTTP: identity, ledger, policy, rates, records and mint, with the real SDK.

mod approvals;
mod confirm;
mod decisions;
mod down;
mod forms;
mod groups;
mod ledger;
mod links;
mod log_fields;
mod many;
mod policies;
mod provision;
mod resume_tokens;
mod role;
mod sessions;

use support::world::{
    ASSERTIONS, Book, LEDGER, NOON, RATES, STREAM, World, attempts, entry, in_groups, last, lines, on_record, text,
};
