//! The operator's reports: what a captured response or token is worth, how a deployment stands, and what to change.

mod advice;
mod captured;
pub mod check;
pub mod groups;
mod steps;
mod token;
mod verify;

pub use captured::{read_captured, read_captured_token};
pub use check::Checklist;
pub use token::TokenVerdict;
pub use verify::Verdict;
