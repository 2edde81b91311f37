//! The causes of metadata that cannot be trusted, by the item `metadata` of `check`.

use studio_acs_aws::SourceError;
use studio_acs_saml::{CertificateText, KeyError, MetadataError, OtherFile};

use super::{Cause, causes};
use crate::trust::TrustError;

causes! {
    AT_AWS = "metadata_unreadable_at_aws", ["metadata"],
        "the parameter or secret that holds the metadata cannot be read",
        "correct the name in STUDIO_ACS_METADATA, and let the role do ssm:GetParameter or secretsmanager:GetSecretValue, and kms:Decrypt, through endpoints of the VPC";
    NO_FILE = "metadata_file_missing", ["metadata"],
        "no file, or no directory with a file, is where STUDIO_ACS_METADATA points",
        "download the IAM Identity Center SAML metadata file, and point STUDIO_ACS_METADATA at it or at its directory";
    NOT_TEXT = "metadata_not_utf8", ["metadata"],
        "the file is no text in UTF-8: it is in UTF-16, packed, or a certificate in DER",
        "store the metadata as it was downloaded: XML in UTF-8";
    EMPTY = "metadata_empty", ["metadata"],
        "the file is empty: a download or a copy failed",
        "download the metadata again";
    HTML = "metadata_is_a_page", ["metadata"],
        "the file is an HTML page: the download was sent to a login page",
        "sign in to the identity provider's console in a browser, download the metadata there, and look into the file: it begins with <?xml or with EntityDescriptor";
    JSON = "metadata_is_json", ["metadata"],
        "the file is JSON, as OpenID Connect's discovery document or an API's answer",
        "download the SAML metadata, which is XML";
    CERTIFICATE = "metadata_is_a_certificate", ["metadata"],
        "the file is a certificate or another PEM or base64, and metadata holds more than that",
        "download the identity provider's SAML metadata file, which has its certificate, its entity ID and its addresses";
    URL = "metadata_is_an_address", ["metadata"],
        "the place holds the address of the metadata and not the metadata",
        "download the document from that address, and keep it there: the service fetches none itself";
    OWN = "metadata_is_our_own", ["metadata"],
        "the file is this service's own metadata, which is for the identity provider",
        "give that file to the identity provider, and point STUDIO_ACS_METADATA at the identity provider's metadata";
    SERVICE_PROVIDER = "metadata_of_a_service_provider", ["metadata"],
        "the metadata describes a service provider (SPSSODescriptor) and no identity provider",
        "download the metadata of the identity provider: it has an IDPSSODescriptor";
    NO_IDP = "metadata_without_idp", ["metadata"],
        "the metadata describes no identity provider of SAML 2.0",
        "download the identity provider's metadata for SAML 2.0: it has an IDPSSODescriptor";
    OTHER_XML = "metadata_is_other_xml", ["metadata"],
        "the file is XML of another kind than SAML metadata, such as a response",
        "download the identity provider's SAML metadata file: its root is EntityDescriptor or EntitiesDescriptor";
    DAMAGED = "metadata_damaged", ["metadata"],
        "the file is not well-formed XML, or XML that this service does not take: it was cut or edited",
        "download the metadata again, and leave it as it is";
    NO_ENTITY_ID = "metadata_without_entity_id", ["metadata"],
        "an EntityDescriptor has no entityID, by which responses are recognised",
        "download the metadata again, and leave it as it is";
    TWICE = "metadata_entity_twice", ["metadata"],
        "one document describes one identity provider twice",
        "put the two descriptions of the identity provider into two files, or remove one";
    UNTIL = "metadata_until_unreadable", ["metadata"],
        "validUntil is not a time in UTC with a Z",
        "download the metadata again, and leave it as it is; if it is as its publisher wrote it, ask the publisher";
    EXPIRED = "metadata_expired", ["metadata"],
        "the metadata's publisher says that it no longer counts (validUntil)",
        "download the metadata again, and put it where STUDIO_ACS_METADATA points";
    NO_CERTIFICATE = "metadata_without_certificate", ["metadata"],
        "the identity provider's role has no signing certificate",
        "let the identity provider's metadata list its signing certificate (KeyDescriptor with X509Certificate), and download it again";
    TEXT = "certificate_with_other_text", ["metadata"],
        "another text than the base64 of one certificate stands in X509Certificate",
        "keep in X509Certificate only the base64 of the signing certificate: no PEM lines, no other text, no second certificate";
    PRIVATE = "certificate_is_a_private_key", ["metadata"],
        "a private key stands in X509Certificate, and is no secret any more",
        "make a new key at the identity provider, and put its certificate there";
    UNREADABLE = "certificate_unreadable", ["metadata"],
        "the certificate was cut or changed, or its issuer's may be the only readable one beside it",
        "download the metadata again, and leave it as it is";
    WEAK = "certificate_key_unusable", ["metadata"],
        "the certificate's key is of an algorithm or a size that is not taken",
        "let the identity provider sign by RSA of 2048 bits or more with the exponent 65537, or by ECDSA on P-256, P-384 or P-521, and put its metadata there; in Identity Center, Manage certificate: generate one with SHA-256 and RSA 2048";
    TWO_KEYS = "certificates_of_two_keys", ["metadata"],
        "one X509Data has certificates of two keys, neither of which issued the other, so that it is unknown which one signs",
        "give each signing certificate a KeyDescriptor of its own, and remove those that do not sign; compare the fingerprints with the identity provider's";
    SECOND_OPINION = "metadata_of_two_verifiers", ["metadata"],
        "the second verifier does not take the metadata",
        "leave the metadata as the identity provider made it";
    AWS = "metadata_aws_setup", ["metadata"],
        "the AWS SDK, which reads the metadata, cannot be set up",
        "set AWS_REGION and AWS_CA_BUNDLE right: where metadata is kept at AWS, it is read from there";
}

/// Returns the cause of trust that cannot be had, for a service provider with this audience. `None` stands for a failure
/// before the metadata is read.
pub fn metadata_cause(error: Option<&TrustError>, audience: &str) -> &'static Cause {
    match error {
        None => &AWS,
        Some(TrustError::Source(SourceError::Unreadable { place, reason } | SourceError::Absent { place, reason })) => {
            match (place.starts_with("ssm:") || place.starts_with("secretsmanager:"), reason.contains("UTF-8")) {
                (true, _) => &AT_AWS,
                (false, true) => &NOT_TEXT,
                (false, false) => &NO_FILE,
            }
        }
        Some(TrustError::Untrusted { error, .. }) => metadata_fault_cause(error, audience),
        Some(TrustError::SecondOpinion(_)) => &SECOND_OPINION,
    }
}

/// Returns the cause of a fault in metadata that can be read.
pub fn metadata_fault_cause(error: &MetadataError, audience: &str) -> &'static Cause {
    match error {
        MetadataError::AnotherFile(OtherFile::Empty) => &EMPTY,
        MetadataError::AnotherFile(OtherFile::Html) => &HTML,
        MetadataError::AnotherFile(OtherFile::Json) => &JSON,
        MetadataError::AnotherFile(OtherFile::Pem(_) | OtherFile::Base64) => &CERTIFICATE,
        MetadataError::AnotherFile(OtherFile::Url) => &URL,
        MetadataError::NotMetadata(root) if root.eq_ignore_ascii_case("html") => &HTML,
        MetadataError::NotMetadata(_) => &OTHER_XML,
        MetadataError::NoEntityId => &NO_ENTITY_ID,
        MetadataError::DuplicateEntity(_) => &TWICE,
        MetadataError::MalformedValidUntil { .. } => &UNTIL,
        MetadataError::Expired { .. } => &EXPIRED,
        MetadataError::ServiceProvider(entity_id) if entity_id == audience => &OWN,
        MetadataError::ServiceProvider(_) => &SERVICE_PROVIDER,
        MetadataError::NoIdp | MetadataError::OtherProtocol { .. } => &NO_IDP,
        MetadataError::NoSigningKey { left_out, .. } => match left_out.first() {
            Some((_, error)) => key_cause(error),
            None => &NO_CERTIFICATE,
        },
        MetadataError::Ambiguous { .. } => &TWO_KEYS,
        MetadataError::Key { error, .. } => key_cause(error),
        _ => &DAMAGED,
    }
}

fn key_cause(error: &KeyError) -> &'static Cause {
    match error {
        KeyError::Text(CertificateText::PemOf(label)) if label.contains("PRIVATE") => &PRIVATE,
        KeyError::Text(CertificateText::NotBase64(_)) => &UNREADABLE,
        KeyError::Text(_) => &TEXT,
        KeyError::Key(_) | KeyError::Exponent(_) => &WEAK,
        _ => &UNREADABLE,
    }
}
