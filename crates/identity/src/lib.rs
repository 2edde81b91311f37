//! Identities of studio-acs: [`VerifiedAssertion`](studio_acs_saml::VerifiedAssertion) or
//! [`VerifiedToken`](studio_acs_jwt::VerifiedToken) → [`Identity`], and the names of users, profiles, domains and roles.
//!
//! An [`Identity`] has no other source than what these two crates verified, so this crate comes after them. A
//! [`ResumeToken`] carries one to the next request of the same browser. The crate does no I/O and reads no clock.

#![forbid(unsafe_code)]

mod assertion;
mod confirmation;
mod confirmed;
mod credential_kind;
mod folded;
mod group_names;
mod group_use;
mod groups;
mod identity;
mod name;
mod names;
mod resume_token;
mod role_arn;
mod sign_in_request;
mod token;
mod user_id;

pub use assertion::IdentityRules;
pub use confirmation::{ConfirmRule, Confirmation};
pub use confirmed::Confirmed;
pub use credential_kind::{CredentialKind, Protocol};
pub use folded::folded;
pub use group_use::GroupUse;
pub use groups::{GroupCheck, GroupRejection, GroupValue, Groups, UnusableGroup};
pub use identity::{Identity, ReplayKey};
pub use name::{DomainId, UserProfileName};
pub use names::Names;
pub use resume_token::{CsrfToken, Issued, ResumeError, ResumeToken, ResumeTokens, Since};
pub use role_arn::RoleArn;
pub use sign_in_request::SignInRequest;
pub use token::ClaimRules;
pub use user_id::UserId;
