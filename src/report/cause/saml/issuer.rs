//! Causes of an issuer that the metadata does not name, and of metadata that no longer counts.

use studio_acs_saml::{Check, Rejection, TrustedIdp};

use super::SamlContext;
use crate::report::cause::difference::{Difference, as_sent};
use crate::report::cause::{Cause, causes};

/// The beginning of the issuer of an application of Identity Center.
const IDENTITY_CENTER: &str = "https://portal.sso.";

causes! {
    TWO_ISSUERS = "two_issuers", ["issuer_mismatch"],
        "the response and its assertion name two issuers, which no identity provider writes",
        "treat it as an attack, and look for its source";
    ABSENT = "issuer_absent", ["unknown_issuer"],
        "the assertion names no issuer",
        "let the identity provider put its entity ID into Issuer";
    NO_METADATA = "issuer_without_metadata", ["unknown_issuer"],
        "the metadata names no identity provider: its documents were removed, or none of them can be used",
        "put the metadata where STUDIO_ACS_METADATA points; the log says what is wrong with it";
    APPLICATION = "issuer_of_another_application", ["unknown_issuer"],
        "the issuer is another application of the same Identity Center, or the application was made again",
        "download this application's IAM Identity Center SAML metadata file and point STUDIO_ACS_METADATA at it; each application has its own issuer";
    REGION = "issuer_of_another_region", ["unknown_issuer"],
        "the issuer is an application of Identity Center in another region or partition",
        "download the IAM Identity Center SAML metadata file in the region where Identity Center is now, and point STUDIO_ACS_METADATA at it";
    IDENTITY_CENTER_UNKNOWN = "issuer_is_identity_center", ["unknown_issuer"],
        "the issuer is an application of Identity Center, and the metadata is another identity provider's",
        "download this application's IAM Identity Center SAML metadata file and point STUDIO_ACS_METADATA at it";
    OURS = "issuer_is_ourselves", ["unknown_issuer"],
        "the issuer is this service's own name: the identity provider was set up with it as its entity ID",
        "set the identity provider's entity ID to its own name; ours is the application's audience";
    SLASH = "issuer_slash", ["unknown_issuer"],
        "the issuer and the metadata's entity ID differ by the slash at the end",
        "download the identity provider's metadata again: its entityID must be the Issuer to the last character";
    CASE = "issuer_case", ["unknown_issuer"],
        "the issuer and the metadata's entity ID differ by capitals",
        "download the identity provider's metadata again: its entityID must be the Issuer to the last character";
    SCHEME = "issuer_scheme", ["unknown_issuer"],
        "the issuer and the metadata's entity ID differ by http and https",
        "download the identity provider's metadata again, by the address that users reach it at (Keycloak and others take the entity ID from the address)";
    SPACE = "issuer_space", ["unknown_issuer"],
        "white space stands around the issuer, as a formatted message has it, or around the metadata's entity ID",
        "capture the response unformatted; in the metadata, remove the white space from entityID";
    LOOK_ALIKE = "issuer_look_alike", ["unknown_issuer"],
        "the issuer and the metadata's entity ID look the same, and have different characters, such as a Cyrillic letter or a dash of typography",
        "download the identity provider's metadata again, and leave it as it is; if found has the strange character, and not expected, find out who posted the response here";
    WRITTEN = "issuer_written_otherwise", ["unknown_issuer"],
        "the issuer and the metadata's entity ID name one address, written differently",
        "download the identity provider's metadata again, by the address that users reach it at";
    TENANT = "issuer_of_another_tenant", ["unknown_issuer"],
        "the issuer is another application, tenant or realm at the same identity provider",
        "download the metadata of the application, tenant or realm that users sign in at, and point STUDIO_ACS_METADATA at it";
    UNKNOWN = "issuer_unknown", ["unknown_issuer"],
        "the issuer is an identity provider that the metadata does not name",
        "if users are to sign in there, add its metadata to STUDIO_ACS_METADATA; if not, find out who posted the response here";
    EXPIRED = "metadata_over", ["metadata_expired"],
        "the metadata's publisher says that it no longer counts (validUntil)",
        "download the metadata again, and put it where STUDIO_ACS_METADATA points";
    UNCONFIRMED = "metadata_not_read_again", ["metadata_unconfirmed"],
        "the metadata could not be read again within its maximum age",
        "put the metadata where STUDIO_ACS_METADATA points, readable and well-formed; the log says what is wrong with it";
}

/// Returns the cause.
pub(super) fn cause(rejection: &Rejection, context: &SamlContext<'_>) -> &'static Cause {
    match rejection.check() {
        Check::SameIssuer => &TWO_ISSUERS,
        Check::MetadataValid => &EXPIRED,
        Check::MetadataConfirmed => &UNCONFIRMED,
        _ => unknown(rejection, context),
    }
}

fn unknown(rejection: &Rejection, context: &SamlContext<'_>) -> &'static Cause {
    let found = as_sent(rejection.found());
    match found {
        "" | "no Issuer in the assertion" => return &ABSENT,
        _ if rejection.expected().ends_with("which has none") => return &NO_METADATA,
        _ if context
            .service_provider
            .is_some_and(|us| us.audience == found || us.acs_urls.iter().any(|url| url == found)) =>
        {
            return &OURS;
        }
        _ => {}
    }
    // A rejection has the beginning of a long list.
    let known: Vec<&str> = match context.idps {
        Some(idps) => idps.iter().map(TrustedIdp::entity_id).collect(),
        None => rejection.expected().split(" or ").collect(),
    };
    let difference = Difference::of(known.iter().copied(), [found].into_iter());
    if let Some(rest) = found.strip_prefix(IDENTITY_CENTER)
        && difference > Difference::Several
    {
        let host = rest.split_once('/').map_or(rest, |(host, _)| host);
        let others: Vec<_> = known.iter().filter_map(|known| known.strip_prefix(IDENTITY_CENTER)).collect();
        return if others.is_empty() {
            &IDENTITY_CENTER_UNKNOWN
        } else if others.iter().any(|other| other.split_once('/').map_or(*other, |(host, _)| host) == host) {
            &APPLICATION
        } else {
            &REGION
        };
    }
    match difference {
        Difference::Space | Difference::Quotes => &SPACE,
        Difference::Slash => &SLASH,
        Difference::Case => &CASE,
        Difference::LookAlike => &LOOK_ALIKE,
        Difference::Scheme => &SCHEME,
        Difference::Several | Difference::Doubled | Difference::Port => &WRITTEN,
        Difference::Stage | Difference::Path => &TENANT,
        Difference::Host | Difference::Placeholder | Difference::Other => &UNKNOWN,
    }
}
