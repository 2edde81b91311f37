//! The refusals of studio-acs: one rule each, with a stable code, and with what was expected and found.
//!
//! [`rules!`] declares the rules of a protocol or of a step, in the order in which they are checked. A [`Rejection`] names
//! the rule that was broken, and a [`Trace`] receives each rule that holds. [`broken_rules!`] lists the rules of an error enum.
//! The crate does no I/O and reads no clock.

#![forbid(unsafe_code)]

mod alarm;
mod base64_fault;
mod broken_rule;
mod compare;
mod counted;
mod file_kind;
mod hex;
pub mod instant;
mod log_message;
mod nearest;
mod other_text;
mod printable;
mod rejection;
mod rules;

pub use alarm::Alarm;
pub use base64_fault::{Base64Fault, Base64Form};
pub use broken_rule::BrokenRule;
pub use compare::{Compared, Likeness, compare, likeness, list_beside};
pub use counted::counted;
pub use file_kind::{FileKind, pem_label};
pub use hex::hex;
pub use log_message::LogMessage;
pub use nearest::{near_miss, nearest};
pub use other_text::OtherText;
pub use printable::{is_plain, printable, printable_within};
pub use rejection::{Rejection, Rule, Trace};
