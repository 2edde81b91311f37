//! The SAML signature profile (Core 5.4) → [`Signed`]: a handle on what a trusted identity provider signed.

mod parts;
mod transforms;

use time::UtcDateTime;

use crate::canonical::canonicalize;
use crate::key::{Hash, KeyId, SignatureAlgorithm};
use crate::names::{DS, SAML};
use crate::rejection::{Check, Rejection};
use crate::response::UnverifiedShape;
use crate::service_provider::RequireSigned;
use crate::trusted::{Lapse, TrustedIdp, TrustedIdps, UsableKeys};
use crate::xml::Element;
use parts::Parts;
use studio_acs_refusal::Trace;
use transforms::{canonicalization, reference_transforms};

/// An assertion that a signature of its issuer covers. Made only by [`Signed::verify`].
pub(crate) struct Signed<'d> {
    assertion: Element<'d>,
    response: Element<'d>,
    issuer: &'d str,
    signed_response: Option<Signature>,
    signed_assertion: Option<Signature>,
}

/// A signature that was verified.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signature {
    /// Its algorithm.
    pub(crate) algorithm: SignatureAlgorithm,
    /// The key that verified it.
    pub(crate) key: KeyId,
}

impl<'d> Signed<'d> {
    /// Verifies every signature present, and that the required ones are present, by the keys that may verify at `now`.
    pub(crate) fn verify(
        shape: UnverifiedShape<'d>,
        idps: &'d TrustedIdps,
        required: RequireSigned,
        now: UtcDateTime,
        trace: &mut dyn Trace<Check>,
    ) -> Result<Self, Rejection> {
        let UnverifiedShape { response, assertion } = shape;
        let keys = usable_keys(known_issuer(response, assertion, idps, trace)?, now, trace)?;
        let (response_signature, assertion_signature) = find_signatures(response, assertion, required, trace)?;
        let mut verify = |signature: Option<Element<'d>>, parent| {
            signature.map(|signature| verify_signature(signature, parent, keys, trace)).transpose()
        };
        let signed_response = verify(response_signature, response)?;
        let signed_assertion = verify(assertion_signature, assertion)?;
        Ok(Self { assertion, response, issuer: keys.entity_id(), signed_response, signed_assertion })
    }

    /// The assertion: the one element that may be read for facts.
    pub(crate) fn assertion(&self) -> Element<'d> {
        self.assertion
    }

    /// The response around it. Unsigned unless [`Self::signed_response`]; what it says may refuse, never admit.
    pub(crate) fn envelope(&self) -> Element<'d> {
        self.response
    }

    /// The entity ID of the identity provider whose key verified.
    pub(crate) fn issuer(&self) -> &'d str {
        self.issuer
    }

    pub(crate) fn signed_response(&self) -> Option<Signature> {
        self.signed_response
    }

    pub(crate) fn signed_assertion(&self) -> Option<Signature> {
        self.signed_assertion
    }
}

/// Profiles 4.1.4.3: the issuer is an identity provider we know; the response, if it names one, names the same.
fn known_issuer<'t>(
    response: Element<'_>,
    assertion: Element<'_>,
    idps: &'t TrustedIdps,
    trace: &mut dyn Trace<Check>,
) -> Result<&'t TrustedIdp, Rejection> {
    let issuer_of = |element: Element<'_>| {
        let mut issuers = element.named(SAML, "Issuer");
        match (issuers.next(), issuers.next()) {
            (None, _) => Ok(None),
            (Some(issuer), None) => match issuer.text() {
                Some(text) => Ok(Some(text.into_owned())),
                None => Err(Check::AssertionShape.reject("an Issuer in plain text", "a comment or an element in it")),
            },
            (Some(_), Some(_)) => Err(Check::AssertionShape.reject("one Issuer", "several")),
        }
    };
    let issuer = issuer_of(assertion)?;
    let outer = issuer_of(response)?;
    if let (Some(outer), Some(issuer)) = (&outer, &issuer)
        && outer != issuer
    {
        return Err(
            Check::SameIssuer.reject(format!("{issuer} (the assertion's)"), format_args!("{outer} (the response's)"))
        );
    }
    if let Some(issuer) = &issuer {
        trace.passed(Check::SameIssuer, issuer);
    }
    let idp = issuer.as_deref().and_then(|issuer| idps.find(issuer)).ok_or_else(|| {
        let known: Vec<_> = idps.iter().map(TrustedIdp::entity_id).collect();
        match issuer.as_deref() {
            Some(issuer) if !known.is_empty() => Check::KnownIssuer.reject_texts(&known, &[issuer]),
            issuer => {
                let all =
                    if known.is_empty() { "an issuer of the metadata, which has none" } else { &known.join(" or ") };
                Check::KnownIssuer.reject(all.to_owned(), issuer.unwrap_or("no Issuer in the assertion"))
            }
        }
    })?;
    trace.passed(Check::KnownIssuer, &idp.entity_id());
    Ok(idp)
}

/// Those of its keys that may verify, of which there must be one: metadata ends, and so does what could not be read again.
fn usable_keys<'t>(
    idp: &'t TrustedIdp,
    now: UtcDateTime,
    trace: &mut dyn Trace<Check>,
) -> Result<UsableKeys<'t>, Rejection> {
    let keys = idp.usable(now).map_err(|lapse| {
        let (check, expected) = match lapse {
            Lapse::ValidUntil(_) => (Check::MetadataValid, "metadata that is valid"),
            Lapse::ConfirmedUntil(_) => (Check::MetadataConfirmed, "metadata that was read within the maximum age"),
        };
        check.reject(format!("{expected} for {}", idp.entity_id()), lapse)
    })?;
    for check in [Check::MetadataValid, Check::MetadataConfirmed] {
        trace.passed(check, &"yes");
    }
    Ok(keys)
}

type Found<'d> = (Option<Element<'d>>, Option<Element<'d>>);

/// The signatures of the response and of its assertion, and no other anywhere.
fn find_signatures<'d>(
    response: Element<'d>,
    assertion: Element<'d>,
    required: RequireSigned,
    trace: &mut dyn Trace<Check>,
) -> Result<Found<'d>, Rejection> {
    let own = |element: Element<'d>| element.named(DS, "Signature").next();
    let (on_response, on_assertion) = (own(response), own(assertion));
    let everywhere = response.descendants().filter(|element| element.is(DS, "Signature")).count();
    let in_place = usize::from(on_response.is_some()).saturating_add(usize::from(on_assertion.is_some()));
    if everywhere != in_place {
        return Err(Check::SignaturePlace.reject(
            "a Signature directly in the Response, in its Assertion, or in both",
            format_args!("{everywhere} in all, {in_place} in place"),
        ));
    }
    trace.passed(Check::SignaturePlace, &format_args!("{everywhere} in place"));

    let (expected, enough) = match required {
        RequireSigned::Any => ("a signed response or assertion", in_place > 0),
        RequireSigned::Assertion => ("a signed assertion", on_assertion.is_some()),
        RequireSigned::Response => ("a signed response", on_response.is_some()),
        RequireSigned::Both => ("a signed response and a signed assertion", in_place == 2),
    };
    let found = match (on_response, on_assertion) {
        (None, None) => "no signature",
        (Some(_), None) => "a signed response",
        (None, Some(_)) => "a signed assertion",
        (Some(_), Some(_)) => "both signed",
    };
    if !enough {
        return Err(Check::Signed.reject(expected, found));
    }
    trace.passed(Check::Signed, &found);
    Ok((on_response, on_assertion))
}

/// One signature over `parent`, from its shape to the key.
fn verify_signature(
    signature: Element<'_>,
    parent: Element<'_>,
    keys: UsableKeys<'_>,
    trace: &mut dyn Trace<Check>,
) -> Result<Signature, Rejection> {
    let parts = Parts::read(signature)?;
    trace.passed(Check::SignatureShape, &format_args!("on the {}", parent.local()));

    // Core 5.4.2. The ID is not looked up: it must be the parent's, so it can refer to no other element.
    let id = parent.attribute("ID").unwrap_or_default();
    let uri = parts.reference.attribute("URI").unwrap_or("no URI");
    if id.is_empty() || uri.strip_prefix('#') != Some(id) {
        return Err(Check::Reference.reject(format!("#{id}"), uri));
    }
    trace.passed(Check::Reference, &uri);

    let reference_method = reference_transforms(parts.transforms)?;
    let signed_info_method = canonicalization(parts.canonicalization_method)?;
    trace.passed(Check::Transforms, &"enveloped-signature, exclusive C14N");

    let (digest, algorithm) = algorithms(&parts, keys)?;
    trace.passed(Check::Algorithm, &algorithm.name());

    let covered = canonicalize(parent, &reference_method, Some(signature))?;
    // A digest is no secret; comparing it in constant time would gain nothing.
    if digest.digest(&covered).as_ref() != parts.digest_value {
        return Err(Check::Digest.reject(
            format!("the digest that was signed for the {}", parent.local()),
            "another: it was changed after it was signed",
        ));
    }
    trace.passed(Check::Digest, &"equal");

    let signed = canonicalize(parts.signed_info, &signed_info_method, None)?;
    let key = keys.iter().find(|key| key.verifies(algorithm, &signed, &parts.signature_value)).ok_or_else(|| {
        Check::SignatureValue.reject(
            format!("a signature by a key of {}", keys.entity_id()),
            format_args!("another: keys in the metadata: {}", keys.iter().count()),
        )
    })?;
    trace.passed(Check::SignatureValue, &"a key of the metadata");
    Ok(Signature { algorithm, key: key.id() })
}

/// The algorithms, both allowed, and the signature's one for a type of key that the identity provider has.
fn algorithms(parts: &Parts<'_>, keys: UsableKeys<'_>) -> Result<(Hash, SignatureAlgorithm), Rejection> {
    let digest_uri = parts.digest_method.attribute("Algorithm").unwrap_or("no Algorithm");
    let signature_uri = parts.signature_method.attribute("Algorithm").unwrap_or("no Algorithm");
    let signature = SignatureAlgorithm::from_signature_method(signature_uri)
        .ok_or_else(|| Check::Algorithm.reject("RSA or ECDSA with SHA-256, SHA-384 or SHA-512", signature_uri))?;
    let digest = Hash::from_digest_method(digest_uri)
        .ok_or_else(|| Check::Algorithm.reject("SHA-256, SHA-384 or SHA-512", digest_uri))?;
    if !keys.iter().any(|key| key.fits(signature)) {
        return Err(Check::Algorithm.reject("an algorithm for the keys of the metadata", signature.name()));
    }
    Ok((digest, signature))
}
