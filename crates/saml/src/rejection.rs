//! Reasons to refuse a response: one [`Check`] per rule, its stable code, and the expected and found values.

use std::borrow::Cow;
use std::fmt::{self, Display};

/// How many characters of a sender's text a [`Rejection`] may carry.
const FOUND_LIMIT: usize = 200;

/// A rule that was broken. Holds nothing secret: names, URLs, times and identifiers, cut to a bounded length with
/// control and formatting characters escaped, never the response or its base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    check: Check,
    expected: String,
    found: String,
}

impl Rejection {
    /// The rule that was broken.
    pub fn check(&self) -> Check {
        self.check
    }

    /// The stable code of the rule, such as `audience_mismatch`.
    pub fn code(&self) -> &'static str {
        self.check.code()
    }

    /// The rule's requirement, with the configured value where one is set.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// The value found instead: bounded, printable, and written by the sender.
    pub fn found(&self) -> &str {
        &self.found
    }
}

impl Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.check.rule(), self.expected, self.found)
    }
}

impl std::error::Error for Rejection {}

/// Hears of each check that passed, in order, with the value that was found. The server listens with `()`.
pub trait Trace {
    /// `check` passed for `found`.
    fn passed(&mut self, check: Check, found: &dyn Display);
}

impl Trace for () {
    fn passed(&mut self, _: Check, _: &dyn Display) {}
}

/// The checks passed so far, in order, with what was found.
impl Trace for Vec<(Check, String)> {
    fn passed(&mut self, check: Check, found: &dyn Display) {
        self.push((check, printable(&found.to_string())));
    }
}

macro_rules! checks {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $stage:ident, $rule:literal;)+) => {
        /// The rules of SAML sign-in, in the order they are asked. Several rules may share a code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Check { $($(#[doc = $doc])+ $name),+ }

        impl Check {
            /// Every check, in the order they are asked.
            pub const ALL: &[Check] = &[$(Check::$name),+];

            /// The stable code that a breach is reported under.
            pub fn code(self) -> &'static str {
                match self { $(Check::$name => $code),+ }
            }

            /// The part of the way that the check belongs to.
            pub fn stage(self) -> Stage {
                match self { $(Check::$name => Stage::$stage),+ }
            }

            /// The rule in a few words.
            pub fn rule(self) -> &'static str {
                match self { $(Check::$name => $rule),+ }
            }
        }
    };
}

checks! {
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
    /// Ours: a person in more groups than an assertion holds must not pass for a person without any.
    GroupsHere = "groups_elsewhere", Identity, "the groups are in the assertion and not elsewhere, where they are read";
    /// Profiles 4.1.4.5: a bearer assertion is used once.
    Replay = "replayed", Replay, "the assertion was not used before";
    /// Without memory of what was used, nothing is let in.
    ReplayStore = "replay_store_unavailable", Replay, "the store of used assertions can be asked";
}

impl Check {
    /// The rejection for a breach of this rule.
    pub fn reject(self, expected: impl Into<Cow<'static, str>>, found: impl Display) -> Rejection {
        Rejection { check: self, expected: printable(&expected.into()), found: printable(&found.to_string()) }
    }
}

/// The stages of the way, in order.
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
    /// Replay only.
    Replay,
}

/// `text` on one line, bounded: what a sender wrote must not forge a line of a log or a terminal's colours.
pub fn printable(text: &str) -> String {
    let mut shown = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == FOUND_LIMIT {
            shown.push('…');
            break;
        }
        if is_plain(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    shown
}

/// Whether people can see `c` as it is: it is no control, and neither hides nor reorders its neighbours.
pub fn is_plain(c: char) -> bool {
    !c.is_control() && !is_format(c)
}

/// Characters that reorder or hide their neighbours.
fn is_format(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{61C}' | '\u{115F}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_sender_wrote_is_bounded_and_printable() {
        let rejection = Check::Audience.reject("us", format!("a\nb\u{202E}{}", "x".repeat(500)));
        assert!(rejection.found().starts_with("a\\u{a}b\\u{202e}xxx"));
        assert!(rejection.found().ends_with('…'));
        assert!(rejection.found().len() < 260);
    }

    #[test]
    fn what_is_expected_may_quote_the_sender_too() {
        let rejection = Check::SameIssuer.reject(format!("\u{9b}2J\nAccepted{}", "x".repeat(500)), "");
        assert!(rejection.expected().starts_with("\\u{9b}2J\\u{a}Accepted"));
        assert!(rejection.expected().len() < 260);
    }

    #[test]
    fn checks_stand_in_the_order_of_their_stages() {
        assert!(Check::ALL.is_sorted_by_key(|check| check.stage()));
    }
}
