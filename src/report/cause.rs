//! A refusal → its [`Cause`]: the one place that says why a rule was broken and what repairs it.
//!
//! A rule says only that two values differ; the cause says how they came to differ. Each protocol has one function from a
//! rejection, its expected and found value, and the settings to a cause. Causes that AWS names stand in
//! [`AwsCause`](studio_acs_aws::AwsCause), since reasons of the log end with them. The causes are data: `docs/reference/causes.md`
//! lists all of them, and `tests/it/causes` has an input for each.

mod code;
mod difference;
mod ledger;
mod metadata;
mod policy;
mod saml;
mod text;
mod token;

pub use code::{code_cause, group_cause};
pub use ledger::ledger_cause;
pub use metadata::{metadata_cause, metadata_fault_cause};
pub use policy::policy_cause;
pub use saml::{SamlContext, saml_cause};
pub use token::{TokenContext, keys_cause, token_cause};

/// The cause of a refusal, and the operator's next step.
#[derive(Debug, PartialEq, Eq)]
pub struct Cause {
    /// The stable name.
    pub name: &'static str,
    /// The codes of the refusals that it can explain; the ids of the items of `check`, for those of metadata, ledger and policy.
    pub codes: &'static [&'static str],
    /// The state that led to the refusal.
    pub meaning: &'static str,
    /// The change that repairs it, and its place.
    pub fix: &'static str,
}

/// Declares causes: a constant each, and the list `ALL` of them. A row is a constant, its name, the codes that it can
/// explain, the meaning and the fix.
macro_rules! causes {
    ($($constant:ident = $name:literal, [$($code:literal),+], $meaning:literal, $fix:literal;)+) => {
        $(const $constant: $crate::report::cause::Cause = $crate::report::cause::Cause {
            name: $name,
            codes: &[$($code),+],
            meaning: $meaning,
            fix: $fix,
        };)+

        /// Every cause of this file, in the order of the reference.
        pub(in crate::report::cause) const ALL: &[&$crate::report::cause::Cause] = &[$(&$constant),+];
    };
}
use causes;

/// Every cause, under headings: those of a SAML response, of a token, of everything else, of metadata, and
/// of ledger and policy.
pub fn all() -> [(&'static str, Vec<&'static Cause>); 5] {
    [
        ("SAML sign-in", saml::all()),
        ("Token API", token::all()),
        ("Requests and broker", code::all()),
        ("Metadata", metadata::ALL.to_vec()),
        ("Ledger and policy", [text::ALL, ledger::ALL, policy::ALL].concat()),
    ]
}
