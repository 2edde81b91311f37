//! The causes of metadata that cannot be trusted, by the item `metadata` of `check`.

use studio_acs_aws::SourceError;
use studio_acs_refusal::FileKind;
use studio_acs_saml::{CertificateText, Check, KeyError, MetadataError, Rejection};

use super::text::has_scheme;
use super::{Cause, causes};
use crate::trust::TrustError;

causes! {
    AT_AWS = "metadata_unreadable_at_aws", ["metadata"],
        "the parameter or secret that holds the metadata cannot be read",
        "correct the name in STUDIO_ACS_METADATA, and let the role do ssm:GetParameter or secretsmanager:GetSecretValue, and kms:Decrypt, through endpoints of the VPC";
    NO_FILE = "metadata_file_missing", ["metadata"],
        "no file, or no directory with a file, is where STUDIO_ACS_METADATA points",
        "download the IAM Identity Center SAML metadata file, and point STUDIO_ACS_METADATA at it or at its directory";
    PLACE = "metadata_place_without_prefix", ["metadata"],
        "STUDIO_ACS_METADATA holds an ARN or an address, and a place without a known prefix is a file's path",
        "write ssm: or secretsmanager: before the name or ARN; metadata at another address has to be kept at one of these places or in a file: the service fetches none itself";
    NOT_TEXT = "metadata_not_utf8", ["metadata"],
        "the metadata is in another encoding than UTF-8, or its XML declaration names one, such as ISO-8859-1",
        "let the identity provider write UTF-8; or convert the file, as by iconv -f ISO-8859-1 -t UTF-8, and write encoding=\"UTF-8\" in its first line";
    UTF16 = "metadata_in_utf16", ["metadata"],
        "the metadata is in UTF-16: an editor or a shell stored it so, as > does in Windows PowerShell",
        "store it as UTF-8, or download it again by curl -o or Invoke-WebRequest -OutFile";
    PACKED = "metadata_packed", ["metadata"],
        "the file is packed (gzip, ZIP), or a document such as a PDF",
        "unpack it, and point STUDIO_ACS_METADATA at the XML in it; curl unpacks a download with --compressed";
    BASE64 = "metadata_in_base64", ["metadata"],
        "the file is base64 of XML",
        "decode it, as by base64 -d, and store the XML";
    ESCAPED = "metadata_escaped", ["metadata"],
        "the file has &lt; or %3C where metadata has <: it was copied out of a page or an address",
        "download the metadata as a file instead of copying it";
    BEHIND_TEXT = "metadata_behind_text", ["metadata"],
        "other text stands before the XML: a browser's view, or the headers of an HTTP answer (curl -i)",
        "download the metadata as a file, or remove everything before its first <";
    DECLARATION = "metadata_behind_a_blank", ["metadata"],
        "white space or an empty line stands before the XML declaration, which must be the first characters",
        "remove everything before <?xml";
    INSTRUCTION = "metadata_with_an_instruction", ["metadata"],
        "the file has a processing instruction, such as xml-stylesheet, which tells programs to run or load something",
        "remove the line that begins with <?xml-stylesheet, or <? and another name: the metadata says the same without it";
    DOCTYPE = "metadata_with_a_doctype", ["metadata"],
        "the file has a document type declaration, which metadata has none of",
        "remove <!DOCTYPE …>, or download the metadata again where it was edited";
    NAMESPACE = "metadata_without_namespace", ["metadata"],
        "the elements are named as in SAML metadata, and their namespace is absent, undeclared or another: an editor removed xmlns",
        "download the metadata again, and leave it as it is: its root has xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\"";
    ERROR = "metadata_is_an_error", ["metadata"],
        "the file is the error of a server or a bucket in XML, such as AccessDenied",
        "give the download access, and download the metadata again";
    TEXT_FILE = "metadata_is_other_text", ["metadata"],
        "the file is text and no XML: an error of a server, a pointer of Git LFS, a token, or a program's output",
        "look into the file, and download the identity provider's SAML metadata, which begins with <";
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
        "the file is a certificate, or a key in PEM, DER or base64, and metadata holds more than that",
        "download the identity provider's SAML metadata file, which has its certificate, its entity ID and its addresses";
    SECRET = "metadata_is_a_private_key", ["metadata"],
        "the file has a private key in it, which must not be here and is no secret any more",
        "remove it, make a new key where it belongs, and download the identity provider's SAML metadata file";
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
    USE = "certificate_of_another_use", ["metadata"],
        "the use of a KeyDescriptor is neither signing nor encryption, which are written in lower case",
        "write use=\"signing\", or leave use out where the key is for both";
    TEXT = "certificate_with_other_text", ["metadata"],
        "another text than the base64 of one certificate stands in X509Certificate",
        "keep in X509Certificate only the base64 of the signing certificate: no PEM lines, no other text, no second certificate";
    FINGERPRINT = "certificate_is_a_fingerprint", ["metadata"],
        "the fingerprint of a certificate stands in X509Certificate, by which no signature can be verified",
        "put the certificate itself there: the base64 of its DER, as the identity provider's metadata has it";
    OTHER_ENCODING = "certificate_in_another_encoding", ["metadata"],
        "the certificate is in hexadecimal digits, or was encoded in base64 twice",
        "put the base64 of the certificate's DER there, encoded once: the lines between BEGIN and END of its PEM file";
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
        Some(TrustError::Source(SourceError::Unreadable { place, .. } | SourceError::Absent { place, .. })) => {
            if place.starts_with("ssm:") || place.starts_with("secretsmanager:") {
                &AT_AWS
            } else if has_scheme(place) {
                &PLACE
            } else {
                &NO_FILE
            }
        }
        Some(TrustError::Source(SourceError::NotText { kind, .. })) => of_file(kind),
        Some(TrustError::Untrusted { error, .. }) => metadata_fault_cause(error, audience),
        Some(TrustError::SecondOpinion(_)) => &SECOND_OPINION,
    }
}

/// Returns the cause of a fault in metadata that can be read.
pub fn metadata_fault_cause(error: &MetadataError, audience: &str) -> &'static Cause {
    match error {
        MetadataError::AnotherFile(kind) => of_file(kind),
        MetadataError::Xml(rejection) => of_xml(rejection),
        MetadataError::NotMetadata { root, .. } => of_root(root),
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

fn of_file(kind: &FileKind) -> &'static Cause {
    match kind {
        FileKind::Empty => &EMPTY,
        FileKind::Html => &HTML,
        FileKind::Json => &JSON,
        FileKind::Pem(_) | FileKind::Der | FileKind::Base64OfDer => &CERTIFICATE,
        FileKind::PrivateKey(_) => &SECRET,
        FileKind::Url => &URL,
        FileKind::Utf16 => &UTF16,
        FileKind::Zip | FileKind::Gzip | FileKind::Pdf => &PACKED,
        FileKind::NotUtf8 => &NOT_TEXT,
        FileKind::Base64OfXml => &BASE64,
        FileKind::EscapedXml => &ESCAPED,
        FileKind::XmlBehindText | FileKind::HttpAnswer => &BEHIND_TEXT,
        _ => &TEXT_FILE,
    }
}

fn of_xml(rejection: &Rejection) -> &'static Cause {
    match (rejection.check(), rejection.expected()) {
        (Check::NoDoctype, _) => &DOCTYPE,
        (_, "an XML declaration of version 1.0 in UTF-8") => &NOT_TEXT,
        (_, "nothing before the XML declaration") => &DECLARATION,
        (_, "a declared prefix") => &NAMESPACE,
        (_, expected) if expected.contains("no processing instruction") => &INSTRUCTION,
        _ => &DAMAGED,
    }
}

/// By the name of the root element.
fn of_root(root: &str) -> &'static Cause {
    match root {
        "EntityDescriptor" | "EntitiesDescriptor" => &NAMESPACE,
        "Error" | "error" | "Fault" | "Envelope" => &ERROR,
        name if name.eq_ignore_ascii_case("html") => &HTML,
        _ => &OTHER_XML,
    }
}

fn key_cause(error: &KeyError) -> &'static Cause {
    match error {
        KeyError::Text(CertificateText::PemOf(label)) if label.contains("PRIVATE") => &PRIVATE,
        KeyError::Text(CertificateText::PrivateKey) => &PRIVATE,
        KeyError::Text(CertificateText::Fingerprint) => &FINGERPRINT,
        KeyError::Text(CertificateText::Hex | CertificateText::Base64Twice) => &OTHER_ENCODING,
        KeyError::Text(CertificateText::NotBase64(_)) => &UNREADABLE,
        KeyError::Text(_) => &TEXT,
        KeyError::Use(_) => &USE,
        KeyError::Key(_) | KeyError::Exponent(_) => &WEAK,
        _ => &UNREADABLE,
    }
}
