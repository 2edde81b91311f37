//! The rules of a SAML response, in the order in which they are checked.

use studio_acs_refusal::BrokenRule;

/// A rule that a response broke.
pub type Rejection = studio_acs_refusal::Rejection<Check>;

studio_acs_refusal::rules! {
    /// The rules of a response, in the order in which they are checked. Several rules may share a code.
    pub enum Check;

    /// Bindings 3.5.4: the message arrives by HTTP POST.
    Method = "method_not_allowed", Binding, "the request is a POST";
    /// Bindings 3.5.4: the form is URL-encoded.
    ContentType = "unsupported_media_type", Binding, "the body is a URL-encoded form";
    /// Work is bounded before it is done.
    BodySize = "too_large", Binding, "the body is within the size limit";
    /// Bindings 3.5.4: the control is named `SAMLResponse`; once, so that no two readers can disagree.
    FormFields = "malformed_request", Binding, "the form holds one SAMLResponse and at most one RelayState";
    /// Bindings 3.5.4: the message is base64.
    Base64 = "malformed_base64", Binding, "SAMLResponse is standard base64";
    /// XML 1.0 2.1, Namespaces in XML 1.0; UTF-8 only, no processing instructions.
    WellFormed = "malformed_xml", Xml, "the message is well-formed XML 1.0 with namespaces, in UTF-8";
    /// No document type declaration of any kind: it could define entities and default attributes.
    NoDoctype = "dtd_forbidden", Xml, "there is no document type declaration";
    /// Work is bounded before it is done.
    Complexity = "too_complex", Xml, "depth, elements, attributes and namespaces are within limits";
    /// XML Signature 4.4.3.2: a reference by ID means one element.
    UniqueIds = "duplicate_id", Xml, "every ID occurs once";
    /// Core 3.3.3, 3.2.2: the root is a SAML 2.0 response.
    Response = "not_a_response", Shape, "the root is a SAML 2.0 Response with ID and IssueInstant";
    /// Core 3.2.2.2: the identity provider reports success.
    Status = "status_not_success", Shape, "the status is Success";
    /// Core 2.3.4: we have no decryption key.
    NotEncrypted = "encrypted_assertion", Shape, "the assertion is not encrypted";
    /// Profiles 4.1.4.2; one, so that what is verified is what is read.
    OneAssertion = "assertion_count", Shape, "the response holds exactly one assertion";
    /// Core 2.3.3, 3.2.2: the response and its assertion have one issuer.
    SameIssuer = "issuer_mismatch", Signature, "the response and the assertion have the same issuer";
    /// Profiles 4.1.4.3: the issuer is an identity provider that the metadata names.
    KnownIssuer = "unknown_issuer", Signature, "the issuer is an identity provider of the metadata";
    /// Metadata 2.3.1, 2.3.2, 2.4.1: metadata says until when it counts.
    MetadataValid = "metadata_expired", Signature, "the issuer's metadata is valid";
    /// Ours: what was taken out of metadata that cannot be read is not known.
    MetadataConfirmed = "metadata_unconfirmed", Signature, "the issuer's metadata was read within the maximum age";
    /// Core 5.4.1, 5.4.2: a signature is a child of what it signs.
    SignaturePlace = "signature_misplaced", Signature, "signatures stand in the response or its assertion, one each at most";
    /// Profiles 4.1.4.3, 4.1.4.5: the assertion is covered by a signature.
    Signed = "unsigned", Signature, "a signature covers the assertion as required";
    /// XML Signature 4.1–4.4: the schema, exactly; no `Object`, no second reference.
    SignatureShape = "signature_malformed", Signature, "the signature has each part once, in order";
    /// Core 5.4.2: the reference names the ID of the signature's parent.
    Reference = "reference_mismatch", Signature, "the reference names the element that holds the signature";
    /// Core 5.4.3, 5.4.4: enveloped signature, then exclusive canonicalisation; nothing else.
    Transforms = "transform_forbidden", Signature, "the transforms are enveloped-signature, then exclusive C14N";
    /// RFC 9231: RSA or ECDSA with SHA-2, fitting the key.
    Algorithm = "algorithm_forbidden", Signature, "the algorithms are RSA or ECDSA with SHA-2 and fit the key";
    /// XML Signature 3.2.1: reference validation.
    Digest = "digest_mismatch", Signature, "the digest is that of the signed element";
    /// XML Signature 3.2.2: signature validation, under metadata keys only.
    SignatureValue = "signature_invalid", Signature, "the signature verifies under a key of the issuer's metadata";
    /// Core 2.3.3: version, ID and instants are as the schema says.
    AssertionShape = "malformed_assertion", Assertion, "the assertion has version 2.0, an ID, and UTC instants";
    /// Bindings 3.5.5.2: a signed message names where it was sent.
    Destination = "destination_mismatch", Assertion, "the destination is our ACS URL";
    /// Profiles 4.1.4.2, 4.1.4.3: a bearer confirmation names us.
    Recipient = "recipient_mismatch", Assertion, "a bearer confirmation has our ACS URL as recipient";
    /// Profiles 4.1.4.3: the bearer confirmation has not run out.
    ConfirmationNotOnOrAfter = "expired", Assertion, "the bearer confirmation has not expired";
    /// Profiles 4.1.4.2: a bearer confirmation has no future start.
    ConfirmationNotBefore = "not_yet_valid", Assertion, "the bearer confirmation has begun";
    /// Profiles 4.1.4.3, 4.1.5: an answer names a question of ours; an unsolicited response names none.
    InResponseTo = "in_response_to", Assertion, "InResponseTo is absent or names an outstanding request";
    /// Core 2.5.1: conditions are present.
    Conditions = "conditions_missing", Assertion, "the assertion has conditions";
    /// Core 2.5.1.2: the validity period has begun.
    ConditionsNotBefore = "not_yet_valid", Assertion, "the conditions' validity has begun";
    /// Core 2.5.1.2: the bound is exclusive.
    ConditionsNotOnOrAfter = "expired", Assertion, "the conditions' validity has not ended";
    /// Core 2.5.1.1: a condition that is not understood leaves the assertion's validity unknown.
    KnownConditions = "condition_unknown", Assertion, "every condition is understood";
    /// Core 2.5.1.4, Profiles 4.1.4.2: each restriction names us.
    Audience = "audience_mismatch", Assertion, "every audience restriction names our audience";
    /// Ours: Identity Center's own window can be an hour.
    Age = "expired", Assertion, "the assertion is not older than the maximum age";
    /// Core 2.3.3: nothing is issued in the future.
    Issued = "not_yet_valid", Assertion, "the assertion was not issued in the future";
    /// Profiles 4.1.4.2: the subject was authenticated.
    AuthnStatement = "authn_statement_missing", Assertion, "the assertion has an authentication statement";
    /// Core 2.7.2: the session at the identity provider has not ended.
    SessionNotOnOrAfter = "expired", Assertion, "the identity provider's session has not ended";
    /// Core 2.7.3: the attribute is present.
    AttributePresent = "attribute_missing", Identity, "the attribute is present";
    /// Core 2.7.3.1; one value, plain text, so that no two readers can disagree.
    AttributeSingle = "attribute_ambiguous", Identity, "the attribute occurs once, with one value, in plain text";
    /// SageMaker API: `UserProfileName`, `DomainId`.
    AttributeFormat = "attribute_invalid", Identity, "the attribute has SageMaker's format";
    /// Configuration: the domain is one of ours.
    DomainAllowed = "domain_not_allowed", Identity, "the domain is on the configured list";
}

/// The stages of a verification, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// HTTP-POST binding.
    Binding,
    /// XML.
    Xml,
    /// The shape of a response.
    Shape,
    /// Issuer and signature.
    Signature,
    /// The assertion's own rules.
    Assertion,
    /// The user whom it is about.
    Identity,
}

impl Check {
    /// Returns the rule with the name of its stage, as lists of all codes have it.
    pub fn broken_rule(self) -> BrokenRule {
        BrokenRule { stage: self.stage().name(), code: self.code(), rule: self.rule() }
    }
}

impl Stage {
    /// Returns the name of the stage in lists of all codes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Binding => "form",
            Self::Xml => "XML",
            Self::Shape => "response",
            Self::Signature => "signature",
            Self::Assertion => "assertion",
            Self::Identity => "identity",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_stand_in_the_order_of_their_stages() {
        assert!(Check::ALL.is_sorted_by_key(|check| check.stage()));
    }

    /// The lists of all codes have a heading for each.
    #[test]
    fn each_stage_has_its_name_in_lists() {
        let mut stages: Vec<_> = Check::ALL.iter().map(|check| check.broken_rule().stage).collect();
        stages.dedup();
        assert_eq!(stages, ["form", "XML", "response", "signature", "assertion", "identity"]);
        assert!(Check::ALL.iter().all(|check| check.broken_rule().code == check.code()));
    }
}
