//! Causes in issuer and signature.

use studio_acs_saml::{Check, Rejection};

use super::SamlContext;
use crate::report::cause::{Cause, causes};

causes! {
    TWO_ISSUERS = "two_issuers", ["issuer_mismatch"],
        "the response and its assertion name two issuers, which no identity provider writes",
        "treat it as an attack, and look for its source";
    UNKNOWN = "issuer_unknown", ["unknown_issuer"],
        "the metadata does not name the issuer: it is another application's, or another identity provider's",
        "download this application's IAM Identity Center SAML metadata file and point STUDIO_ACS_METADATA at it; each application has its own issuer";
    EXPIRED = "metadata_over", ["metadata_expired"],
        "the metadata's publisher says that it no longer counts (validUntil)",
        "download the metadata again, and put it where STUDIO_ACS_METADATA points";
    UNCONFIRMED = "metadata_not_read_again", ["metadata_unconfirmed"],
        "the metadata could not be read again within its maximum age",
        "put the metadata where STUDIO_ACS_METADATA points, readable and well-formed; the log says what is wrong with it";
    ELSEWHERE = "signature_elsewhere", ["signature_misplaced"],
        "a signature stands where no identity provider puts one",
        "treat it as an attack, and look for its source";
    UNSIGNED = "nothing_signed", ["unsigned"],
        "the identity provider signs neither the response nor the assertion",
        "let the identity provider sign assertions for this application";
    SIGNED_OTHERWISE = "signed_otherwise", ["unsigned"],
        "the identity provider signs another part than STUDIO_ACS_REQUIRE_SIGNED asks for",
        "let the identity provider sign that part, or set STUDIO_ACS_REQUIRE_SIGNED to what it signs";
    SHAPE = "signature_of_another_shape", ["signature_malformed"],
        "the signature has parts that no identity provider writes",
        "treat it as an attack, and look for its source";
    REFERENCE = "signature_of_another_element", ["reference_mismatch"],
        "the signature covers another element than the one that it stands in",
        "treat it as an attack, and look for its source";
    TRANSFORMS = "signature_by_other_transforms", ["transform_forbidden"],
        "the signature is made with other transforms than SAML allows",
        "set the identity provider to enveloped signatures with exclusive canonicalisation";
    SHA1 = "signed_with_sha1", ["algorithm_forbidden"],
        "the identity provider signs with SHA-1, which is broken",
        "let the identity provider sign with SHA-256; in Identity Center, Manage certificate: generate one with SHA-256 and RSA 2048, activate it, and download the metadata again";
    ALGORITHM = "signed_by_another_algorithm", ["algorithm_forbidden"],
        "the algorithm is not RSA or ECDSA with SHA-2, or does not fit the keys of the metadata",
        "let the identity provider sign with RSA and SHA-256, and download its metadata again";
    CHANGED = "changed_after_signing", ["digest_mismatch"],
        "the message was changed after it was signed",
        "capture it again, unformatted; if it is as it was sent, treat it as an attack";
    ANOTHER_KEY = "signed_by_another_key", ["signature_invalid"],
        "no key of the metadata made the signature: the certificate was rotated, or another sender made it",
        "download the IAM Identity Center SAML metadata file again and point STUDIO_ACS_METADATA at it";
}

/// Returns the cause of a refusal in this stage.
pub(super) fn cause(rejection: &Rejection, _: &SamlContext<'_>) -> &'static Cause {
    match rejection.check() {
        Check::SameIssuer => &TWO_ISSUERS,
        Check::KnownIssuer => &UNKNOWN,
        Check::MetadataValid => &EXPIRED,
        Check::MetadataConfirmed => &UNCONFIRMED,
        Check::SignaturePlace => &ELSEWHERE,
        Check::Signed if rejection.found() == "no signature" => &UNSIGNED,
        Check::Signed => &SIGNED_OTHERWISE,
        Check::SignatureShape => &SHAPE,
        Check::Reference => &REFERENCE,
        Check::Transforms => &TRANSFORMS,
        Check::Algorithm if rejection.found().ends_with("sha1") => &SHA1,
        Check::Algorithm => &ALGORITHM,
        Check::Digest => &CHANGED,
        _ => &ANOTHER_KEY,
    }
}
