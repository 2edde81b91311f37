//! Causes in the user's attributes.

use studio_acs_identity::IdentityRules;
use studio_acs_saml::{Check, Rejection};

use super::SamlContext;
use crate::report::cause::code::{MAY_HOLD, elsewhere, named_otherwise};
use crate::report::cause::difference::as_sent;
use crate::report::cause::{Cause, causes};

causes! {
    NO_ATTRIBUTES = "attributes_absent", ["attribute_missing"],
        "the assertion has no attributes at all",
        "in Identity Center, Attribute mappings: add the attributes that studio-acs metadata lists";
    CASE = "attribute_of_another_case", ["attribute_missing"],
        "an attribute of the name exists with other capitals, spaces or hyphens",
        "make the name in Attribute mappings and in STUDIO_ACS_USER_ATTRIBUTE, STUDIO_ACS_DOMAIN_ATTRIBUTE or STUDIO_ACS_GROUP_ATTRIBUTE the same, capitals included";
    URI = "attribute_by_uri", ["attribute_missing"],
        "the attribute has its full name, a URI, and the setting has the short one, or the other way round",
        "set STUDIO_ACS_USER_ATTRIBUTE, STUDIO_ACS_DOMAIN_ATTRIBUTE or STUDIO_ACS_GROUP_ATTRIBUTE to the whole name of the attribute, as found lists it";
    NO_VALUE = "attribute_without_value", ["attribute_missing"],
        "the attribute is there without a value: its source is empty for this user",
        "fill in the user's source of the attribute at the identity provider, or map it to another source";
    GROUPS_ABSENT = "groups_absent", ["attribute_missing"],
        "the assertion has no groups, and STUDIO_ACS_REQUIRE_GROUPS asks for them",
        "let the identity provider send groups (Identity Center: ${user:groups}), set STUDIO_ACS_GROUP_ATTRIBUTE to their attribute, or set STUDIO_ACS_REQUIRE_GROUPS to off if no policy restricts members";
    ABSENT = "attribute_absent", ["attribute_missing"],
        "the assertion has no attribute of that name",
        "in Identity Center, Attribute mappings: add it under this very name, or set STUDIO_ACS_USER_ATTRIBUTE, STUDIO_ACS_DOMAIN_ATTRIBUTE or STUDIO_ACS_GROUP_ATTRIBUTE to the name in use";
    TWICE = "attribute_twice", ["attribute_ambiguous"],
        "the attribute is mapped twice",
        "in Identity Center, Attribute mappings: remove one of the two mappings of this name";
    SEVERAL = "attribute_with_several_values", ["attribute_ambiguous"],
        "the attribute has several values, and one user or domain is needed",
        "in Identity Center, Attribute mappings: map it to something that has one value for each user";
    NOT_PLAIN = "attribute_not_plain", ["attribute_ambiguous"],
        "the attribute's value holds an element and no plain text",
        "let the identity provider write the value as text; Shibboleth does so with a string encoder";
    COMMENT = "attribute_with_a_comment", ["attribute_ambiguous"],
        "a comment stands in the attribute's value; no signature covers it, so that one user could be read as another",
        "treat it as an attack, and look for its source: no identity provider writes it";
    EMAIL = "profile_is_an_address", ["attribute_invalid"],
        "the user profile's name is an e-mail address, which SageMaker does not take",
        "in Identity Center, Attribute mappings: map the user to a name of letters, digits and hyphens, or use a ledger, which takes any user name";
    PROFILE = "profile_name_unusable", ["attribute_invalid"],
        "the user profile's name has characters that SageMaker does not take, or is too long",
        "in Identity Center, Attribute mappings: map the user to a name of letters, digits and inner hyphens, or use a ledger, which takes any user name";
    USER_LONG = "user_name_too_long", ["attribute_invalid"],
        "the user's name has more bytes than a name may have",
        "map the user to a shorter attribute that no other user has, such as the user name or an ID, or set STUDIO_ACS_USER_ATTRIBUTE to one";
    USER = "user_name_unusable", ["attribute_invalid"],
        "the user's name has white space at an edge, hidden characters, or several @, as found shows",
        "correct the user's name at the identity provider, or map the user to an attribute with one plain name for each user";
    DOMAIN_URL = "domain_is_a_url", ["attribute_invalid"],
        "the domain is given by its URL",
        "map the domain to its ID, which is the first part of that URL's host: d-…";
    DOMAIN_ARN = "domain_is_an_arn", ["attribute_invalid"],
        "the domain is given by its ARN",
        "map the domain to its ID, which ends the ARN: d-…";
    DOMAIN_NAME = "domain_is_a_name", ["attribute_invalid"],
        "the domain is given by its name and not by its ID",
        "map the domain to its ID, d-…, which the SageMaker console lists beside the name";
    DOMAIN_SPACE = "domain_with_space", ["attribute_invalid"],
        "white space or capitals stand in the domain's ID",
        "type the domain's ID, d-…, again in Attribute mappings, in lower case and without spaces";
    UNREPLACED = "mapping_as_text", ["attribute_invalid"],
        "the value is the text of the mapping (${…}), which was not replaced",
        "in Identity Center, Attribute mappings: write a mapping as ${user:…} exactly, with a source that exists";
    EMPTY = "attribute_empty", ["attribute_invalid"],
        "the attribute's value is empty",
        "fill in the user's source of the attribute at the identity provider, or map it to another source";
    DOMAIN = "domain_not_listed", ["domain_not_allowed"],
        "the domain is not one of STUDIO_ACS_ALLOWED_DOMAINS",
        "add the domain to STUDIO_ACS_ALLOWED_DOMAINS, or correct the attribute mapping or the ledger's entry";
}

/// Returns the cause of a refusal in this stage.
pub(super) fn cause(rejection: &Rejection, context: &SamlContext<'_>) -> &'static Cause {
    let (expected, found) = (rejection.expected(), as_sent(rejection.found()));
    match rejection.check() {
        Check::AttributePresent if rejection.found().contains(MAY_HOLD) => named_otherwise(),
        Check::AttributePresent => absent(expected, rejection.found()),
        Check::AttributeSingle if found == "several" => &TWICE,
        Check::AttributeSingle if found.bytes().all(|byte| byte.is_ascii_digit()) => &SEVERAL,
        Check::AttributeSingle if found.starts_with("a value with a comment") => &COMMENT,
        Check::AttributeSingle => &NOT_PLAIN,
        Check::DomainAllowed => &DOMAIN,
        _ => invalid(expected, found, context.identity),
    }
}

/// By the names of the attributes that exist.
fn absent(expected: &str, found: &str) -> &'static Cause {
    let wanted = expected.strip_prefix("attribute ").unwrap_or(expected);
    if expected.ends_with("which is required") {
        return elsewhere(found).unwrap_or(&GROUPS_ABSENT);
    }
    if found.contains("as FriendlyName only") {
        return &URI;
    }
    let Some(names) = found.strip_prefix("only ") else {
        return if found == "no attributes" { &NO_ATTRIBUTES } else { &NO_VALUE };
    };
    let plain = |name: &str| name.to_lowercase().replace([' ', '-', '_'], "");
    let short = |name: &str| name.rsplit(['/', ':', '#']).next().unwrap_or(name).to_lowercase();
    if names.split(", ").map(as_sent).any(|name| plain(name) == plain(wanted)) {
        &CASE
    } else if names.split(", ").map(as_sent).any(|name| short(name) == short(wanted)) {
        &URI
    } else {
        &ABSENT
    }
}

/// By the value, and by whether it is a user's, a domain's or a group's.
fn invalid(expected: &str, found: &str, rules: Option<&IdentityRules>) -> &'static Cause {
    let is_domain =
        rules.map_or(expected.contains("d-abcdefghijkl"), |rules| expected.starts_with(&rules.domain_attribute));
    let id = found.trim().to_lowercase();
    match found {
        "an empty value" => &EMPTY,
        _ if found.contains("${") => &UNREPLACED,
        _ if is_domain && found.contains("://") => &DOMAIN_URL,
        _ if is_domain && found.starts_with("arn:") => &DOMAIN_ARN,
        _ if is_domain && id.starts_with("d-") && id != found => &DOMAIN_SPACE,
        _ if is_domain => &DOMAIN_NAME,
        _ if expected.contains("of plain text") && found.ends_with(" bytes") => &USER_LONG,
        _ if expected.contains("of plain text") => &USER,
        _ if found.contains('@') => &EMAIL,
        _ => &PROFILE,
    }
}
