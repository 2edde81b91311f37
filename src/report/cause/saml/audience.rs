//! Causes of an audience that is not ours.

use studio_acs_saml::Rejection;

use super::SamlContext;
use crate::report::cause::difference::{Difference, as_sent};
use crate::report::cause::{Cause, causes};

causes! {
    SLASH = "audience_slash", ["audience_mismatch"],
        "the audience and ours differ by the slash at the end",
        "make Application SAML audience in Identity Center and STUDIO_ACS_AUDIENCE the same, slash included";
    CASE = "audience_case", ["audience_mismatch"],
        "the audience and ours differ by capitals",
        "make Application SAML audience in Identity Center and STUDIO_ACS_AUDIENCE the same, capitals included";
    SCHEME = "audience_scheme", ["audience_mismatch"],
        "the audience and ours differ by http, https or a missing scheme",
        "make Application SAML audience in Identity Center and STUDIO_ACS_AUDIENCE the same, with https:// in both or in neither";
    PORT = "audience_port", ["audience_mismatch"],
        "the audience and ours differ by a port",
        "make Application SAML audience in Identity Center and STUDIO_ACS_AUDIENCE the same, without :443 in both";
    SPACE = "audience_space", ["audience_mismatch"],
        "white space, or a character without a width, stands in, before or after one of the two audiences",
        "type Application SAML audience in Identity Center and STUDIO_ACS_AUDIENCE again instead of copying them";
    LOOK_ALIKE = "audience_look_alike", ["audience_mismatch"],
        "the two audiences look the same, and have different characters, such as a Cyrillic letter or a dash of typography",
        "type Application SAML audience in Identity Center and STUDIO_ACS_AUDIENCE again; found and expected show the other characters as code points";
    QUOTES = "audience_quotes", ["audience_mismatch"],
        "quotation marks stand around one of the two audiences",
        "take the quotation marks out of STUDIO_ACS_AUDIENCE, or of Application SAML audience";
    STAGE = "audience_stage", ["audience_mismatch"],
        "the stage, or another first part of the path, stands in one of the two audiences only",
        "make Application SAML audience in Identity Center and STUDIO_ACS_AUDIENCE the same, with the stage in both or in neither";
    WRITTEN = "audience_written_otherwise", ["audience_mismatch"],
        "the audience and ours name one address, written differently in several places",
        "copy STUDIO_ACS_AUDIENCE into Application SAML audience in Identity Center, to the last character";
    PATH = "audience_path", ["audience_mismatch"],
        "the audience and ours have one host and different paths",
        "make Application SAML audience in Identity Center and STUDIO_ACS_AUDIENCE the same; it is a name, and need not be an address that answers";
    HOST = "audience_host", ["audience_mismatch"],
        "the audience has another host than ours: it is another deployment's, or the domain name was changed",
        "put the present name into Application SAML audience in Identity Center and into STUDIO_ACS_AUDIENCE";
    ACS_URL = "audience_is_the_acs_url", ["audience_mismatch"],
        "the audience is our ACS URL: the two fields of the console were filled with one value, or swapped",
        "put STUDIO_ACS_AUDIENCE into Application SAML audience in Identity Center; the ACS URL belongs into Application ACS URL";
    OF_IDP = "audience_is_the_idp", ["audience_mismatch"],
        "the audience is the identity provider's own name",
        "put STUDIO_ACS_AUDIENCE into Application SAML audience in Identity Center, and not the issuer's URL";
    PLACEHOLDER = "audience_is_a_placeholder", ["audience_mismatch"],
        "one of the two audiences is a placeholder of a published example",
        "put this service's own name into Application SAML audience in Identity Center and into STUDIO_ACS_AUDIENCE";
    ABSENT = "audience_absent", ["audience_mismatch"],
        "the assertion names no audience",
        "let the identity provider restrict assertions to an audience (AudienceRestriction), and put STUDIO_ACS_AUDIENCE there";
    OTHER = "audience_other", ["audience_mismatch"],
        "the assertion is for another application",
        "if the sign-in was meant for this service, make Application SAML audience in Identity Center and STUDIO_ACS_AUDIENCE the same; if not, find out who posted it here";
}

/// Returns the cause. Several audiences are compared one by one.
pub(super) fn cause(rejection: &Rejection, context: &SamlContext<'_>) -> &'static Cause {
    let found = rejection.found().split(", ").map(as_sent);
    let is_found = |name: &str| found.clone().any(|found| found == name);
    let acs_urls = context.service_provider.map(|us| us.acs_urls.as_slice()).unwrap_or_default();
    match as_sent(rejection.found()) {
        "" | "no AudienceRestriction" => return &ABSENT,
        _ if acs_urls.iter().any(|url| is_found(url)) => return &ACS_URL,
        _ if context.idps.is_some_and(|idps| idps.iter().any(|idp| is_found(idp.entity_id()))) => return &OF_IDP,
        _ => {}
    }
    match Difference::of([rejection.expected()], found) {
        Difference::Space => &SPACE,
        Difference::Quotes => &QUOTES,
        Difference::Slash => &SLASH,
        Difference::Case => &CASE,
        Difference::LookAlike => &LOOK_ALIKE,
        Difference::Scheme => &SCHEME,
        Difference::Port => &PORT,
        Difference::Stage => &STAGE,
        Difference::Several | Difference::Doubled => &WRITTEN,
        Difference::Path => &PATH,
        Difference::Host => &HOST,
        Difference::Placeholder => &PLACEHOLDER,
        Difference::Other => &OTHER,
    }
}
