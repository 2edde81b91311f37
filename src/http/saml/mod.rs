//! SAML sign-in: the ACS, and the pages by which a sign-in continues in the same browser.

pub(super) mod acs;
mod claimed_issuer;
mod confirm;
mod open;
mod page_request;
pub(super) mod resume;
pub(super) mod review;
