//! Causes of a destination or a recipient that is not our ACS URL.

use studio_acs_saml::{Check, Rejection};

use super::SamlContext;
use crate::report::cause::difference::{Difference, as_sent};
use crate::report::cause::{Cause, causes};

causes! {
    SLASH = "acs_url_slash", ["destination_mismatch", "recipient_mismatch"],
        "the URL and ours differ by the slash at the end",
        "make Application ACS URL in Identity Center and STUDIO_ACS_ACS_URL the same, without a slash at the end";
    CASE = "acs_url_case", ["destination_mismatch", "recipient_mismatch"],
        "the URL and ours differ by capitals",
        "make Application ACS URL in Identity Center and STUDIO_ACS_ACS_URL the same, in lower case";
    SCHEME = "acs_url_scheme", ["destination_mismatch", "recipient_mismatch"],
        "the URL and ours differ by http and https",
        "write https in Application ACS URL in Identity Center and in STUDIO_ACS_ACS_URL: both say how browsers reach the service, and not how a proxy does";
    PORT = "acs_url_port", ["destination_mismatch", "recipient_mismatch"],
        "the URL and ours differ by a port",
        "make Application ACS URL in Identity Center and STUDIO_ACS_ACS_URL the same, without :443 in both";
    SPACE = "acs_url_space", ["destination_mismatch", "recipient_mismatch"],
        "white space, quotation marks or a character without a width stand in or around one of the two URLs",
        "type Application ACS URL in Identity Center and STUDIO_ACS_ACS_URL again instead of copying them";
    LOOK_ALIKE = "acs_url_look_alike", ["destination_mismatch", "recipient_mismatch"],
        "the two URLs look the same, and have different characters, such as a Cyrillic letter or a dash of typography",
        "type Application ACS URL in Identity Center and STUDIO_ACS_ACS_URL again; found and expected show the other characters as code points";
    DOUBLED = "acs_url_double_slash", ["destination_mismatch", "recipient_mismatch"],
        "a slash stands twice in one of the two URLs: an address that ends with one was put before a path",
        "write the URL with single slashes in Application ACS URL in Identity Center and in STUDIO_ACS_ACS_URL";
    STAGE = "acs_url_stage", ["destination_mismatch", "recipient_mismatch"],
        "the stage, or another first part of the path, stands in one of the two URLs only",
        "write the URL as browsers reach it in both places: API Gateway's own address has the stage, and a custom domain may not";
    WRITTEN = "acs_url_written_otherwise", ["destination_mismatch", "recipient_mismatch"],
        "the URL and ours name one address, written differently in several places",
        "copy STUDIO_ACS_ACS_URL into Application ACS URL in Identity Center, to the last character";
    PATH = "acs_url_path", ["destination_mismatch", "recipient_mismatch"],
        "the URL and ours have one host and different paths",
        "make Application ACS URL in Identity Center and STUDIO_ACS_ACS_URL the same; the path ends with the one that is served";
    HOST = "acs_url_host", ["destination_mismatch", "recipient_mismatch"],
        "the URL has another host than ours: API Gateway's own name beside a custom domain, or another deployment",
        "if that address is this deployment's (an API Gateway host, or a name of the same domain), add it to STUDIO_ACS_ACS_URL, which takes several with commas, or put ours into Application ACS URL in Identity Center; if not, find out who posted the response here";
    AUDIENCE = "acs_url_is_the_audience", ["destination_mismatch", "recipient_mismatch"],
        "the URL is our audience: the two fields of the console were filled with one value, or swapped",
        "put STUDIO_ACS_ACS_URL into Application ACS URL in Identity Center; the audience belongs into Application SAML audience";
    PLACEHOLDER = "acs_url_is_a_placeholder", ["destination_mismatch", "recipient_mismatch"],
        "one of the two URLs is a placeholder of a published example",
        "put this service's own URL into Application ACS URL in Identity Center and into STUDIO_ACS_ACS_URL";
    NO_DESTINATION = "destination_absent", ["destination_mismatch"],
        "the response is signed and does not say where it was sent, as SAML 2.0 demands (samlp leaves it out unless it is set), or its Destination is empty",
        "set the destination at the identity provider to STUDIO_ACS_ACS_URL, or let it sign the assertion only";
    NO_RECIPIENT = "recipient_absent", ["recipient_mismatch"],
        "no bearer confirmation names a recipient (samlp leaves it out unless it is set), or the recipient is empty",
        "set the recipient at the identity provider to STUDIO_ACS_ACS_URL";
    OTHER = "acs_url_other", ["destination_mismatch", "recipient_mismatch"],
        "the response was sent to another service",
        "if the sign-in was meant for this service, make Application ACS URL in Identity Center and STUDIO_ACS_ACS_URL the same; if not, find out who posted it here";
}

/// Returns the cause. Several URLs are compared one by one.
pub(super) fn cause(rejection: &Rejection, context: &SamlContext<'_>) -> &'static Cause {
    let found = rejection.found().split(", ").map(as_sent);
    let is_empty = found.clone().all(str::is_empty);
    match rejection.check() {
        Check::Recipient if is_empty || rejection.found().starts_with("no bearer") => return &NO_RECIPIENT,
        Check::Destination if is_empty || rejection.found().starts_with("no Destination") => return &NO_DESTINATION,
        _ => {}
    }
    if context.service_provider.is_some_and(|us| found.clone().any(|found| found == us.audience)) {
        return &AUDIENCE;
    }
    match Difference::of(rejection.expected().split(" or "), found.clone()) {
        Difference::Space | Difference::Quotes => &SPACE,
        Difference::Slash => &SLASH,
        Difference::Case => &CASE,
        Difference::LookAlike => &LOOK_ALIKE,
        Difference::Doubled => &DOUBLED,
        Difference::Scheme => &SCHEME,
        Difference::Port => &PORT,
        Difference::Stage => &STAGE,
        Difference::Several => &WRITTEN,
        Difference::Path => &PATH,
        Difference::Host
            if rejection.expected().split(" or ").any(|ours| found.clone().any(|found| may_be_ours(ours, found))) =>
        {
            &HOST
        }
        Difference::Host => &OTHER,
        Difference::Placeholder => &PLACEHOLDER,
        Difference::Other => &OTHER,
    }
}

/// Whether the two addresses may be one deployment's: one of them is API Gateway's own, or both are of one domain.
fn may_be_ours(ours: &str, found: &str) -> bool {
    let is_gateway = |address: &str| host(address).contains(".execute-api.");
    is_gateway(ours)
        || is_gateway(found)
        || domain(ours).is_some_and(|domain_of_ours| Some(domain_of_ours) == domain(found))
}

/// The host of an address, without its port.
fn host(address: &str) -> &str {
    let (_, rest) = address.split_once("://").unwrap_or_default();
    rest.split(['/', ':']).next().unwrap_or_default()
}

/// The part of the host's name that one owner has: two labels, or three where the last two are as short as `co.uk`.
/// A number at the end is an IP address's, which has no such part.
fn domain(address: &str) -> Option<Vec<&str>> {
    let labels: Vec<_> = host(address).rsplit('.').collect();
    let (last, next) = (labels.first()?, labels.get(1)?);
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit());
    let count = if last.len() == 2 && next.len() <= 3 { 3 } else { 2 };
    labels.get(..count).filter(|_| !is_number).map(<[_]>::to_vec)
}
