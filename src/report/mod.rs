//! The operator's reports: what a captured response is worth, how a deployment stands, and what to change.

mod advice;
mod captured;
pub mod check;
mod verify;

pub use captured::read_captured;
pub use check::Checklist;
pub use verify::Verdict;
