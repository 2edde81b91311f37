//! Why a set of policies is not taken.

use std::fmt;

use crate::fault::PolicyFault;

/// Where a policy stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyPlace {
    /// The name that the file was given.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
}

impl fmt::Display for PolicyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A fault of the policies: the first one, in the order of the files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// A permit that lets users approve though it does not name the action.
    #[error(
        "{place}: the permit `{policy}` covers Action::\"Approve\" without naming it, expected `action == \
         Action::\"OpenStudio\"`, or `action in [Action::\"OpenStudio\", Action::\"Approve\"]` for both"
    )]
    ActionUnnamed {
        /// Where the policy begins.
        place: PolicyPlace,
        /// Its id.
        policy: String,
    },
    /// An annotation's value is of no use.
    #[error("{place}: @{annotation} of policy `{policy}` is {found:?}, expected {expected}")]
    AnnotationInvalid {
        /// Where the policy begins.
        place: PolicyPlace,
        /// Its id.
        policy: String,
        /// The annotation's name.
        annotation: &'static str,
        /// Its value.
        found: String,
        /// The allowed values.
        expected: &'static str,
    },
    /// An annotation that would be ignored on this kind of policy.
    #[error("{place}: policy `{policy}` has @{annotation}, which only a {belongs} may have")]
    AnnotationMisplaced {
        /// Where the policy begins.
        place: PolicyPlace,
        /// Its id.
        policy: String,
        /// The annotation's name.
        annotation: &'static str,
        /// `permit` or `forbid`.
        belongs: &'static str,
    },
    /// An annotation that would be ignored.
    #[error("{place}: policy `{policy}` has @{found}, expected one of @id, @reason, @needs, @session_seconds")]
    AnnotationUnknown {
        /// Where the policy begins.
        place: PolicyPlace,
        /// Its id.
        policy: String,
        /// The annotation's name.
        found: String,
    },
    /// A file that is too large to be read.
    #[error("{file}: {bytes} bytes, expected at most {limit}")]
    FileTooLarge {
        /// The file.
        file: String,
        /// Its size.
        bytes: usize,
        /// The most.
        limit: usize,
    },
    /// Two policies with one id.
    #[error("{place}: the id `{id}` is taken by the policy at {first}")]
    IdTaken {
        /// Where the second policy begins.
        place: PolicyPlace,
        /// The id.
        id: String,
        /// Where the first policy begins.
        first: PolicyPlace,
    },
    /// The validator refuses the policy.
    #[error("{place}: {message}")]
    Invalid {
        /// Where it is wrong.
        place: PolicyPlace,
        /// The policy's id.
        policy: String,
        /// Expected and found, in Cedar's words.
        message: String,
        /// The kind of the fault.
        fault: PolicyFault,
    },
    /// A permit for a name, where several issuers give names.
    #[error(
        "{place}: the permit `{policy}` names a user or a group, and several issuers are trusted: expected the issuer beside \
         it, as in `principal.issuer == \"https://idp.example\"`, or STUDIO_ACS_NAMES=shared"
    )]
    IssuerUnnamed {
        /// Where the policy begins.
        place: PolicyPlace,
        /// Its id.
        policy: String,
    },
    /// A user's name that would never be met.
    #[error("{place}: policy `{policy}` names User::{found:?}, expected lower case: people's names are compared so")]
    NameNotLower {
        /// Where the policy begins.
        place: PolicyPlace,
        /// Its id.
        policy: String,
        /// The name.
        found: String,
    },
    /// A network that no client is in: clients' addresses of IPv4 are compared as IPv4.
    #[error(
        "{place}: policy `{policy}` has ip({found:?}), an IPv4 network in IPv6's form, which no client is in, expected \
         ip({expected:?})"
    )]
    NetworkMapped {
        /// Where the policy begins.
        place: PolicyPlace,
        /// Its id.
        policy: String,
        /// The network as it is written.
        found: String,
        /// The same network in IPv4's form.
        expected: String,
    },
    /// No user could do anything.
    #[error("there is no permit (number of policies: {policies}), so nobody could sign in: is a file missing?")]
    NoPermit {
        /// The number of policies.
        policies: usize,
    },
    /// A forbid that does not tell why.
    #[error("{place}: the forbid `{policy}` has no @reason(\"…\"): whoever is refused is told why")]
    ReasonMissing {
        /// Where the policy begins.
        place: PolicyPlace,
        /// Its id.
        policy: String,
    },
    /// The schema that is part of the program cannot be read.
    #[error("the schema cannot be read: {0}")]
    Schema(String),
    /// Not Cedar.
    #[error("{place}: {message}")]
    Syntax {
        /// Where it is wrong.
        place: PolicyPlace,
        /// Expected and found, in Cedar's words.
        message: String,
        /// The kind of the fault.
        fault: PolicyFault,
    },
    /// A template, which nothing would ever fill in.
    #[error("{place}: a template with ?principal or ?resource, expected a policy")]
    Template {
        /// Where it begins.
        place: PolicyPlace,
    },
    /// Too deep to be read safely.
    #[error("{place}: more than {limit} {what}")]
    TooComplex {
        /// Where the limit is passed.
        place: PolicyPlace,
        /// The most.
        limit: usize,
        /// The counted things.
        what: &'static str,
    },
    /// More policies than a decision should wait for.
    #[error("{place}: more than {limit} policies")]
    TooMany {
        /// Where the first one too many begins.
        place: PolicyPlace,
        /// The most.
        limit: usize,
    },
    /// The machine gave no thread to read them, or Cedar has a fault.
    #[error("the policies could not be read: {0}")]
    Unread(String),
}

impl PolicyError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ActionUnnamed { .. } => "policy_action_unnamed",
            Self::AnnotationInvalid { .. } => "policy_annotation_invalid",
            Self::AnnotationMisplaced { .. } => "policy_annotation_misplaced",
            Self::AnnotationUnknown { .. } => "policy_annotation_unknown",
            Self::FileTooLarge { .. } => "policy_file_too_large",
            Self::IdTaken { .. } => "policy_id_taken",
            Self::Invalid { .. } => "policy_invalid",
            Self::IssuerUnnamed { .. } => "policy_issuer_unnamed",
            Self::NameNotLower { .. } => "policy_name_not_lower",
            Self::NetworkMapped { .. } => "policy_network_mapped",
            Self::NoPermit { .. } => "policy_no_permit",
            Self::ReasonMissing { .. } => "policy_reason_missing",
            Self::Schema(_) => "policy_schema",
            Self::Syntax { .. } => "policy_syntax",
            Self::Template { .. } => "policy_template",
            Self::TooComplex { .. } => "policy_too_complex",
            Self::TooMany { .. } => "policy_too_many",
            Self::Unread(_) => "policy_unread",
        }
    }
}
