//! SAML sign-in: the ACS, and the pages by which a sign-in continues in the same browser.

pub(super) mod acs;
mod confirm;
pub(super) mod resume;
