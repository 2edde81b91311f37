//! Causes in the signature.

use studio_acs_saml::{Check, Rejection, TrustedIdp, UnverifiedResponse, Verifier, unverified_signers};

use super::SamlContext;
use crate::report::cause::{Cause, causes};

causes! {
    ELSEWHERE = "signature_elsewhere", ["signature_misplaced"],
        "a signature stands where no identity provider puts one",
        "treat it as an attack, and look for its source";
    UNSIGNED = "nothing_signed", ["unsigned"],
        "neither the response nor the assertion is signed",
        "let the identity provider sign assertions for this application; if it does, treat it as an attack";
    SIGNED_OTHERWISE = "signed_otherwise", ["unsigned"],
        "the identity provider signs another part than STUDIO_ACS_REQUIRE_SIGNED asks for",
        "let the identity provider sign that part, or set STUDIO_ACS_REQUIRE_SIGNED to what it signs";
    SHAPE = "signature_of_another_shape", ["signature_malformed"],
        "the signature has parts that no identity provider writes",
        "treat it as an attack, and look for its source";
    WHOLE_DOCUMENT = "signature_of_the_document", ["reference_mismatch"],
        "the signature covers the document by an empty reference, as simple test tools sign",
        "let the identity provider refer to the ID of what it signs, as SAML 2.0 demands";
    REFERENCE = "signature_of_another_element", ["reference_mismatch"],
        "the signature covers another element than the one that it stands in",
        "treat it as an attack, and look for its source";
    INCLUSIVE = "signed_by_inclusive_canonicalisation", ["transform_forbidden"],
        "the identity provider signs with inclusive canonicalisation, whose result changes with the message around it",
        "set the identity provider to exclusive canonicalisation (xml-exc-c14n), as SAML 2.0 recommends";
    CODE = "signature_with_code", ["transform_forbidden"],
        "the signature has a transform that is a program of the sender (XSLT, XPath)",
        "treat it as an attack, and look for its source";
    TRANSFORMS = "signature_by_other_transforms", ["transform_forbidden"],
        "the signature is made with other transforms than SAML allows",
        "set the identity provider to enveloped signatures with exclusive canonicalisation";
    SHA1 = "signed_with_sha1", ["algorithm_forbidden"],
        "the identity provider signs with SHA-1, which is broken",
        "let the identity provider sign with SHA-256; in Identity Center, Manage certificate: generate one with SHA-256 and RSA 2048, activate it, and download the metadata again";
    PSS = "signed_with_pss", ["algorithm_forbidden"],
        "the identity provider signs with RSASSA-PSS, which is not taken",
        "let the identity provider sign with RSA and SHA-256 (PKCS #1 v1.5)";
    SHARED_SECRET = "signed_with_a_shared_secret", ["algorithm_forbidden"],
        "the signature is made with a shared secret (HMAC), which no identity provider uses: a public key may have been the secret",
        "treat it as an attack, and look for its source";
    KEY_TYPE = "signed_by_a_key_of_another_type", ["algorithm_forbidden"],
        "the algorithm is for another type of key than those of the metadata: the certificate was rotated to another type",
        "download the identity provider's metadata again, and point STUDIO_ACS_METADATA at it";
    ALGORITHM = "signed_by_another_algorithm", ["algorithm_forbidden"],
        "the algorithm is not RSA or ECDSA with SHA-2",
        "let the identity provider sign with RSA and SHA-256";
    REFORMATTED = "capture_reformatted", ["digest_mismatch"],
        "the message was formatted after it was signed: without the white space between its elements it is as it was signed",
        "capture the response again without formatting it, best as the base64 in the POST; a proxy that formats it must not";
    REDACTED = "capture_redacted", ["digest_mismatch"],
        "a value in the message was replaced by a mark such as REDACTED or ***",
        "verify the response as it was; to show it to others, keep the report and not the response";
    CHANGED = "changed_after_signing", ["digest_mismatch"],
        "the message was changed after it was signed: an editor or a proxy did, the capture is not exact, or an attacker",
        "capture it again, as the base64 in the POST; if the exact response is refused too, treat it as an attack";
    ROTATED = "certificate_rotated", ["signature_invalid"],
        "the certificate in the response is not in the metadata: it was rotated since, or another sender made the response",
        "download the IAM Identity Center SAML metadata file again and point STUDIO_ACS_METADATA at it; if the certificate is not in the new file either, treat it as an attack";
    OTHER_IDP = "signed_by_another_idp", ["signature_invalid"],
        "the key is that of another identity provider of the metadata, which signs for this one",
        "see whether the two metadata files have their certificates swapped; if not, treat it as an attack";
    SIGNED_INFO = "signature_changed", ["signature_invalid"],
        "the certificate in the response is in the metadata, and the signature is not the one that it made: it was cut or changed",
        "capture it again, as the base64 in the POST; if the exact response is refused too, treat it as an attack";
    ANOTHER_KEY = "signed_by_another_key", ["signature_invalid"],
        "no key of the metadata made the signature: the certificate was rotated, the signature was changed, or another sender made it",
        "download the IAM Identity Center SAML metadata file again and point STUDIO_ACS_METADATA at it; studio-acs verify on the response tells more";
}

/// Returns the cause of a refusal by the signature.
pub(super) fn cause(rejection: &Rejection, context: &SamlContext<'_>) -> &'static Cause {
    match rejection.check() {
        Check::SignaturePlace => &ELSEWHERE,
        Check::Signed if rejection.found() == "no signature" => &UNSIGNED,
        Check::Signed => &SIGNED_OTHERWISE,
        Check::SignatureShape => &SHAPE,
        Check::Reference if rejection.found().is_empty() => &WHOLE_DOCUMENT,
        Check::Reference => &REFERENCE,
        Check::Transforms => of_transforms(rejection.found()),
        Check::Algorithm => of_algorithm(rejection),
        Check::Digest => of_digest(context),
        _ => of_key(rejection, context),
    }
}

fn of_transforms(found: &str) -> &'static Cause {
    if ["xslt", "xpath", "XPath", "base64"].iter().any(|program| found.contains(program)) {
        &CODE
    } else if found.contains("xml-c14n") {
        &INCLUSIVE
    } else {
        &TRANSFORMS
    }
}

fn of_algorithm(rejection: &Rejection) -> &'static Cause {
    let found = rejection.found();
    if found.ends_with("sha1") {
        &SHA1
    } else if found.contains("MGF1") || found.contains("pss") {
        &PSS
    } else if found.contains("hmac") {
        &SHARED_SECRET
    } else if rejection.expected().starts_with("an algorithm for the keys") {
        &KEY_TYPE
    } else {
        &ALGORITHM
    }
}

fn of_digest(context: &SamlContext<'_>) -> &'static Cause {
    let Some(message) = context.unverified_message else { return &CHANGED };
    // Two ways to format: white space between elements only, or around texts too.
    if [unformatted(message, false), unformatted(message, true)].into_iter().any(|text| is_as_signed(text, context)) {
        return &REFORMATTED;
    }
    let marks = ["REDACTED", "redacted", "***", "XXXX", "█", "[removed]"];
    if marks.iter().any(|mark| message.contains(mark)) { &REDACTED } else { &CHANGED }
}

/// The message without the white space between its elements, and if `texts` also around the texts in them.
fn unformatted(message: &str, texts: bool) -> String {
    let mut parts = message.split('>');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push('>');
        let (between, tag) = part.split_once('<').map_or((part, None), |(between, tag)| (between, Some(tag)));
        text.push_str(if texts || between.trim().is_empty() { between.trim() } else { between });
        if let Some(tag) = tag {
            text.push('<');
            text.push_str(tag);
        }
    }
    text
}

/// Whether the digests and the signatures of this text are right. Nothing else follows from it.
fn is_as_signed(text: String, context: &SamlContext<'_>) -> bool {
    let (Some(idps), Some(us), Some(now)) = (context.idps, context.service_provider, context.now) else { return false };
    let verifier = Verifier::new(idps.clone(), us.clone());
    let verified = UnverifiedResponse::from_xml(text.into_bytes())
        .and_then(|response| verifier.verify(response, None, now, &mut ()));
    verified.err().is_none_or(|rejection| rejection.check() > Check::SignatureValue)
}

/// By the certificate in the response, which proves nothing: it tells only whom to ask.
fn of_key(rejection: &Rejection, context: &SamlContext<'_>) -> &'static Cause {
    let (Some(message), Some(idps)) = (context.unverified_message, context.idps) else { return &ANOTHER_KEY };
    let signers = unverified_signers(message);
    let is_key_of = |idp: &TrustedIdp| idp.keys().any(|key| signers.contains(&key.id()));
    let issuer = rejection.expected().strip_prefix("a signature by a key of ").unwrap_or_default();
    match idps.iter().find(|idp| is_key_of(idp)) {
        _ if signers.is_empty() => &ANOTHER_KEY,
        Some(_) if idps.find(issuer).is_some_and(is_key_of) => &SIGNED_INFO,
        Some(_) => &OTHER_IDP,
        None => &ROTATED,
    }
}
