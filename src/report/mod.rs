//! The operator's reports: what a captured response or token is worth, how a deployment stands, and what to change.

#[cfg(feature = "cli")]
mod captured;
pub mod cause;
#[cfg(feature = "cli")]
pub mod check;
#[cfg(feature = "cli")]
mod group_readers;
#[cfg(feature = "cli")]
pub mod groups;
mod placeholder;
mod start;
#[cfg(feature = "cli")]
mod steps;
#[cfg(feature = "cli")]
mod token;
#[cfg(feature = "cli")]
mod understood;
#[cfg(feature = "cli")]
mod untrusted;
#[cfg(feature = "cli")]
mod verify;

#[cfg(feature = "cli")]
pub use captured::{CapturedToken, capture_around, read_captured, read_captured_token};
#[cfg(feature = "cli")]
pub use check::Checklist;
#[cfg(feature = "cli")]
pub use group_readers::GroupReaders;
pub use start::{StartReport, start_cause};
#[cfg(feature = "cli")]
pub use token::TokenVerdict;
#[cfg(feature = "cli")]
pub use untrusted::UntrustedReport;
#[cfg(feature = "cli")]
pub use verify::VerifyReport;
