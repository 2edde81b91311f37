//! Causes of metadata that cannot be trusted: what stands where the metadata should.

use fixtures::manifest;
use studio_acs::StartError;
use studio_acs::report::cause::{metadata_cause, metadata_fault_cause};
use studio_acs::sp_metadata::{self, RequestedAttributes};
use studio_acs::{Config, service};
use studio_acs_identity::GroupUse;
use studio_acs_refusal::instant;
use support::TestDir;

use super::assert_cause;

const NOW: &str = "2026-01-15T10:00:30Z";

/// The bytes of the file that stands where the metadata should.
enum Content {
    /// A file of fixtures/metadata.
    Fixture(&'static str),
    /// A file of fixtures.
    File(&'static str),
    /// These bytes.
    Bytes(&'static [u8]),
    /// Identity Center's metadata with a part replaced.
    Edited(&'static str, &'static str),
    /// Our own metadata.
    Ours,
    /// No file.
    Nothing,
    /// No file; the setting is this.
    Setting(&'static str),
}
use Content::{Bytes, Edited, File, Fixture, Nothing, Ours, Setting};

const ROWS: &[(&str, Content)] = &[
    ("metadata_file_missing", Nothing),
    ("metadata_place_without_prefix", Setting("https://portal.sso.eu-central-1.amazonaws.com/saml/metadata/abc")),
    ("metadata_place_without_prefix", Setting("arn:aws:ssm:eu-central-1:111122223333:parameter/idp")),
    ("metadata_place_without_prefix", Setting("arn:aws:secretsmanager:eu-central-1:111122223333:secret:idp-AbCdEf")),
    ("metadata_place_without_prefix", Setting("s3://corp-studio/idp.xml")),
    ("metadata_place_without_prefix", Setting("file:///etc/studio-acs/idp.xml")),
    ("metadata_in_utf16", Bytes(b"\xff\xfe<\0?\0x\0m\0l\0")),
    ("metadata_in_utf16", Bytes(b"\xfe\xff\0<\0?\0x\0m\0l")),
    ("metadata_in_utf16", Bytes(b"<\0?\0x\0m\0l\0")),
    ("metadata_packed", Bytes(b"PK\x03\x04\x14\x00\xff")),
    ("metadata_packed", Bytes(b"PK\x03\x04\x14\x09\x08\x08")),
    ("metadata_packed", Bytes(b"\x1f\x8b\x08\x00\xff")),
    ("metadata_packed", Bytes(b"%PDF-1.7\n%\xe2\xe3")),
    ("metadata_is_a_certificate", Bytes(b"\x30\x82\x02\xcd\x30\x82\x01\xb5\xa0")),
    ("metadata_not_utf8", Bytes(b"<?xml version='1.0'?><md:EntityDescriptor><x>M\xfcller</x></md:EntityDescriptor>")),
    ("metadata_not_utf8", Edited("encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\"")),
    ("metadata_not_utf8", Edited("encoding=\"UTF-8\"", "encoding=\"utf-16\"")),
    ("metadata_behind_a_blank", Edited("<?xml", "\n<?xml")),
    ("metadata_behind_a_blank", Edited("<?xml", "  \r\n<?xml")),
    ("metadata_behind_a_blank", Edited("<?xml", "<!-- downloaded 2026-01-15 -->\n<?xml")),
    (
        "metadata_with_an_instruction",
        Edited("<md:EntityDescriptor", "<?xml-stylesheet type=\"text/xsl\" href=\"md.xsl\"?><md:EntityDescriptor"),
    ),
    ("metadata_with_an_instruction", Edited("</md:EntityDescriptor>", "<?page 1?></md:EntityDescriptor>")),
    ("metadata_without_namespace", Edited(" xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\"", "")),
    (
        "metadata_without_namespace",
        Edited("urn:oasis:names:tc:SAML:2.0:metadata", "urn:oasis:names:tc:SAML:2.0:metadata:"),
    ),
    (
        "metadata_without_namespace",
        Bytes(b"<EntityDescriptor entityID='https://idp.example.com'><IDPSSODescriptor/></EntityDescriptor>"),
    ),
    ("metadata_with_a_doctype", Edited("<md:EntityDescriptor", "<!DOCTYPE x><md:EntityDescriptor")),
    (
        "metadata_is_an_error",
        Bytes(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code></Error>"),
    ),
    (
        "metadata_is_an_error",
        Bytes(b"<S:Envelope xmlns:S='http://schemas.xmlsoap.org/soap/envelope/'><S:Body/></S:Envelope>"),
    ),
    ("metadata_in_base64", Bytes(b"PD94bWwgdmVyc2lvbj0iMS4wIiBlbmNvZGluZz0iVVRGLTgiPz4=")),
    ("metadata_in_base64", Bytes(b"PG1kOkVudGl0eURlc2NyaXB0b3I+PC9tZDpFbnRpdHlEZXNjcmlwdG9yPg==")),
    ("metadata_escaped", Bytes(b"&lt;md:EntityDescriptor entityID=&quot;x&quot;/&gt;")),
    ("metadata_escaped", Bytes(b"%3Cmd%3AEntityDescriptor%20entityID%3D")),
    (
        "metadata_behind_text",
        Edited("<?xml", "This XML file does not appear to have any style information associated with it.\n<?xml"),
    ),
    ("metadata_behind_text", Edited("<?xml", "HTTP/2 200\r\ncontent-type: application/xml\r\n\r\n<?xml")),
    ("metadata_is_other_text", Bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 5821\n")),
    ("metadata_is_other_text", Bytes(b"404: Not Found")),
    ("metadata_is_other_text", Bytes(b"entityid: https://idp.example.com\ncertificate: |\n  MIIC\n")),
    ("metadata_is_a_private_key", File("keys/rsa-2048.key.pem")),
    ("metadata_is_a_private_key", Bytes(b"-----BEGIN CERTIFICATE-----\nMII\n-----BEGIN PRIVATE KEY-----\nMII")),
    ("certificate_of_another_use", Edited("use=\"signing\"", "use=\"Signing\"")),
    ("certificate_of_another_use", Edited("use=\"signing\"", "use=\"\"")),
    ("certificate_of_another_use", Edited("use=\"signing\"", "use=\"sig\"")),
    ("metadata_empty", Bytes(b"")),
    ("metadata_empty", Bytes(b"\xef\xbb\xbf\n")),
    ("metadata_is_a_page", Bytes(b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>")),
    ("metadata_is_a_page", Bytes(b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>")),
    ("metadata_is_json", Bytes(b"{\"issuer\":\"https://idp.example.com\"}")),
    ("metadata_is_a_certificate", File("keys/rsa-2048.crt.pem")),
    ("metadata_is_a_certificate", Bytes(b"MIICzTCCAbWgAwIBAgIDBRAAMA0GCSqGSIb3DQEBCwUAMCkxFTATBgNV")),
    ("metadata_is_an_address", Bytes(b"https://portal.sso.eu-central-1.amazonaws.com/saml/metadata/MTIz\n")),
    ("metadata_is_our_own", Ours),
    ("metadata_of_a_service_provider", Edited("IDPSSODescriptor", "SPSSODescriptor")),
    ("metadata_without_idp", Edited("SAML:2.0:protocol", "SAML:1.1:protocol")),
    ("metadata_is_other_xml", File("responses/identity-center.xml")),
    ("metadata_damaged", Edited("</md:EntityDescriptor>", "")),
    ("metadata_damaged", Edited("</ds:X509Certificate>", "&</ds:X509Certificate>")),
    ("metadata_without_entity_id", Edited("entityID=", "entityId=")),
    ("metadata_until_unreadable", Edited("entityID=", "validUntil=\"2027-01-01\" entityID=")),
    ("metadata_expired", Edited("entityID=", "validUntil=\"2026-01-01T00:00:00Z\" entityID=")),
    ("metadata_without_certificate", Edited("use=\"signing\"", "use=\"encryption\"")),
    ("certificate_with_other_text", Fixture("certificate-text/pem")),
    ("certificate_with_other_text", Fixture("certificate-text/pem-chain")),
    ("certificate_with_other_text", Fixture("certificate-text/pem-public-key")),
    ("certificate_with_other_text", Fixture("certificate-text/openssl-lines")),
    ("certificate_with_other_text", Fixture("certificate-text/no-break-space")),
    ("certificate_with_other_text", Fixture("certificate-text/comment")),
    ("certificate_with_other_text", Fixture("certificate-text/chain")),
    ("certificate_with_other_text", Fixture("certificate-text/base64-of-pem")),
    ("certificate_with_other_text", Fixture("certificate-text/public-key")),
    ("certificate_is_a_private_key", Fixture("certificate-text/pem-private-key")),
    ("certificate_is_a_private_key", Fixture("certificate-text/private-key")),
    ("certificate_is_a_private_key", Fixture("certificate-text/private-key-sec1")),
    ("certificate_is_a_fingerprint", Fixture("certificate-text/fingerprint")),
    ("certificate_in_another_encoding", Fixture("certificate-text/hex")),
    ("certificate_in_another_encoding", Fixture("certificate-text/base64-twice")),
    ("certificate_unreadable", Fixture("certificate-text/cut")),
    ("certificate_unreadable", Fixture("certificate-text/placeholder")),
    ("certificate_key_unusable", Fixture("rsa-1024")),
    ("certificate_key_unusable", Fixture("small-exponent")),
    ("certificate_key_unusable", Fixture("chain/unsupported-leaf")),
    ("certificates_of_two_keys", Fixture("chain/two-keys")),
    ("certificates_of_two_keys", Fixture("chain/circle")),
];

/// Those that need another place than a file.
const ELSEWHERE: &[&str] =
    &["metadata_unreadable_at_aws", "metadata_entity_twice", "metadata_of_two_verifiers", "metadata_aws_setup"];

pub(super) fn tried() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|(cause, _)| *cause).chain(ELSEWHERE.iter().copied())
}

fn config(metadata: &str) -> Config {
    let settings =
        [("metadata", metadata), ("audience", "urn:studio"), ("acs-url", "https://studio.corp.example/saml")];
    let find = |name: &str| settings.iter().find(|(other, _)| *other == name);
    Config::read(|setting| find(setting.name).map(|(_, value)| (*value).to_owned())).expect("a configuration")
}

async fn error(metadata: &str) -> StartError {
    let now = instant::parse(NOW).expect("a time");
    service::trust(&config(metadata), now).await.map(drop).expect_err("it cannot be trusted")
}

#[tokio::test]
async fn each_content_leads_to_its_cause() {
    let good = manifest::read("metadata/identity-center.xml");
    let mut wrong = Vec::new();
    for (name, content) in ROWS {
        let bytes = match content {
            Fixture(file) => manifest::read(&format!("metadata/{file}.xml")),
            File(file) => manifest::read(file),
            Bytes(bytes) => bytes.to_vec(),
            Edited(from, to) => {
                let text = std::str::from_utf8(&good).expect("UTF-8");
                assert!(text.contains(from), "{name}: {from}");
                text.replace(from, to).into_bytes()
            }
            Ours => {
                let config = config("unused");
                sp_metadata::document(
                    &config.service_provider,
                    RequestedAttributes::of(&config.identity, GroupUse::Widens),
                )
                .expect("XML")
                .into_bytes()
            }
            Nothing | Setting(_) => Vec::new(),
        };
        let directory = TestDir::with("idp.xml", "");
        let file = format!("{}/idp.xml", directory.path());
        match content {
            Nothing => std::fs::remove_file(&file).expect("it is there"),
            _ => std::fs::write(&file, bytes).expect("a file"),
        }
        let error = error(if let Setting(place) = content { place } else { &file }).await;
        let StartError::Trust(trust) = &error else { panic!("{error}") };
        let cause = metadata_cause(Some(trust), "urn:studio");
        wrong.extend(assert_cause(name, Some(cause), "metadata", &error.to_string()).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn causes_that_need_another_place() {
    use studio_acs::trust::TrustError;
    use studio_acs_aws::SourceError;
    use studio_acs_saml::MetadataError;
    let at_aws = SourceError::Unreadable { place: "ssm:/studio-acs/idp".to_owned(), reason: "AccessDenied".to_owned() };
    let twice = MetadataError::DuplicateEntity("urn:idp".to_owned());
    for (name, cause) in [
        ("metadata_unreadable_at_aws", metadata_cause(Some(&TrustError::Source(at_aws)), "urn:studio")),
        ("metadata_of_two_verifiers", metadata_cause(Some(&TrustError::SecondOpinion(String::new())), "urn:studio")),
        ("metadata_aws_setup", metadata_cause(None, "urn:studio")),
        ("metadata_entity_twice", metadata_fault_cause(&twice, "urn:studio")),
    ] {
        assert_cause(name, Some(cause), "metadata", name).expect("its cause");
    }
}
