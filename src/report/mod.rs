//! The operator's reports: what a captured response is worth, and what to change.

mod advice;
mod captured;
mod verify;

pub use captured::read_captured;
pub use verify::Verdict;
