//! The policy of studio-acs: whether a user may open this profile, now.
//!
//! ```text
//! files ─► Policies   (once: parsed, annotated, validated against the schema)
//!             │
//! Question ───┴─► Permit, or Denial   (for each sign-in)
//! ```
//!
//! Policies are written in [Cedar](https://docs.cedarpolicy.com) against [`SCHEMA`]; [`DEFAULT`] holds without others.
//! Four annotations add to Cedar: `@id`, the name in the audit log; `@reason`, which every forbid owes to the user whom
//! it refuses; `@needs`, the thing that the user can bring against it; `@session_seconds`, for how long a permit opens.
//! The crate does no I/O, reads no clock and holds no global state.

#![forbid(unsafe_code)]

pub mod cases;
mod complexity;
mod decision;
mod error;
mod fault;
mod file;
mod issuers;
mod membership;
mod network;
mod policies;
mod question;
mod rule;
mod vocabulary;
mod zone;

pub use decision::{Denial, Need, Permit};
pub use error::{PolicyError, PolicyPlace};
pub use fault::PolicyFault;
pub use file::FILE_LIMIT;
pub use policies::{DEFAULT, POLICY_LIMIT, Policies, SHIPPED};
pub use question::{Action, Fact, Facts, Profile, Question, TICKET_NUMBER_LIMIT};
pub use rule::Rule;
pub use vocabulary::SCHEMA;
pub use zone::{Zone, ZoneUnknown};
