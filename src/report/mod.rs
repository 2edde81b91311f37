//! The operator's reports: what a captured response or token is worth, how a deployment stands, and what to change.

mod advice;
mod captured;
pub mod check;
mod code_advice;
pub mod groups;
mod steps;
mod token;
mod verify;

pub(crate) use advice::{advice, token_advice};
pub use captured::{read_captured, read_captured_token};
pub use check::Checklist;
pub(crate) use code_advice::code_advice;
pub use token::TokenVerdict;
pub use verify::VerifyReport;
