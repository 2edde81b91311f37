//! Causes in the user's attributes.

use studio_acs_saml::{Check, Rejection};

use super::SamlContext;
use crate::report::cause::{Cause, causes};

causes! {
    ABSENT = "attribute_absent", ["attribute_missing"],
        "the assertion has no attribute of that name",
        "in Identity Center, Attribute mappings: add it under this very name, or set STUDIO_ACS_USER_ATTRIBUTE, STUDIO_ACS_DOMAIN_ATTRIBUTE or STUDIO_ACS_GROUP_ATTRIBUTE to the name in use";
    SEVERAL = "attribute_with_several_values", ["attribute_ambiguous"],
        "the attribute occurs twice, has several values, or is not plain text",
        "in Identity Center, Attribute mappings: map it once, to something that has one value";
    FORMAT = "attribute_of_another_format", ["attribute_invalid"],
        "the attribute's value is not what SageMaker takes",
        "in Identity Center, Attribute mappings: map the user to a profile name, and the domain to its d-… ID";
    DOMAIN = "domain_not_listed", ["domain_not_allowed"],
        "the domain is not one of STUDIO_ACS_ALLOWED_DOMAINS",
        "add the domain to STUDIO_ACS_ALLOWED_DOMAINS, or correct the attribute mapping or the ledger's entry";
}

/// Returns the cause of a refusal in this stage.
pub(super) fn cause(rejection: &Rejection, _: &SamlContext<'_>) -> &'static Cause {
    match rejection.check() {
        Check::AttributePresent => &ABSENT,
        Check::AttributeSingle => &SEVERAL,
        Check::DomainAllowed => &DOMAIN,
        _ => &FORMAT,
    }
}
