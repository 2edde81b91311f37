//! Checks of the configuration and the metadata by themselves.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use studio_acs::report::check::{Item, Severity};

use super::{Line, NOW, REGION, assert_first, assert_lines, at, config, line, offline};
use fixtures::manifest;
use support::TestDir;

/// A misconfiguration: the settings that make it, and the line that tells.
struct Row {
    name: &'static str,
    settings: &'static [(&'static str, &'static str)],
    line: Line,
}

/// TOML that is neither a ledger nor a policy.
pub(crate) const NEITHER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
/// The metadata of two identity providers.
const TWO: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/metadata/identity-center.xml,",
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/metadata/nested.xml"
);
/// A policy in a file.
const POLICY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/policies/access/default.cedar");
pub(crate) const LEDGER: (&str, &str) =
    ("ledger", concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/ledger/example.toml"));
const MANY_DOMAINS: &str = "d-00,d-01,d-02,d-03,d-04,d-05,d-06,d-07,d-08,d-09,d-10,d-11,d-12,d-13,d-14,d-15,d-16,d-17,d-18,d-19,d-20,d-21,d-22,d-23,d-24,d-25,d-26,d-27,d-28,d-29,d-30,d-31,d-32,d-33,d-34,d-35,d-36,d-37,d-38,d-39,d-40,d-41,d-42,d-43,d-44,d-45,d-46,d-47,d-48,d-49,d-50,d-51";
/// A policy that names the group of an entry of that ledger in another case.
const MISSPELT: &str = concat!("shipped:default,", env!("CARGO_MANIFEST_DIR"), "/tests/it/check/misspelt.cedar");
pub(crate) const KEY: (&str, &str) = ("resume-key", "secretsmanager:studio-acs/resume-key");

const HOST: &str = "https://abc123.execute-api.eu-central-1.amazonaws.com";

fn rows() -> Vec<Row> {
    use Item::*;
    use Severity::{Error, Warning};
    let row = |name, settings, line| Row { name, settings, line };
    vec![
        row(
            "audience of another deployment",
            &[("audience", "https://xyz789.execute-api.eu-central-1.amazonaws.com/")],
            line(Audience, Warning, "another host than the ACS URL", "STUDIO_ACS_AUDIENCE the same"),
        ),
        row(
            "audience without a slash",
            &[("audience", HOST)],
            line(Audience, Warning, "no slash at its end", "slash included"),
        ),
        row(
            "audience that is the ACS URL",
            &[("audience", super::ACS_URL)],
            line(Audience, Warning, "is the ACS URL", "Application SAML audience"),
        ),
        row(
            "audience in quotation marks",
            &[("audience", "\"urn:studio\"")],
            line(Audience, Warning, "a quotation mark", "what a shell or a form left behind"),
        ),
        row(
            "audience that is the identity provider",
            &[(
                "audience",
                "https://portal.sso.eu-central-1.amazonaws.com/saml/assertion/MTIzNDU2Nzg5MDEyX2lucy0wMTIzNDU2Nzg5YWJjZGVm",
            )],
            line(Audience, Error, "the identity provider's entity ID", "choose a name for this service"),
        ),
        row(
            "two identity providers, and no ledger",
            &[("metadata", TWO), ("names", "per-issuer")],
            line(Names, Warning, "without a ledger each may open any profile", "set STUDIO_ACS_LEDGER"),
        ),
        row(
            "two identity providers, and entries that name none",
            &[("metadata", TWO), ("names", "per-issuer"), LEDGER, KEY],
            line(Names, Error, "entries name no issuer, and several are trusted: ", "name the issuer there"),
        ),
        row(
            "no list of domains",
            &[("allowed-domains", "")],
            line(AllowedDomains, Warning, "any domain", "STUDIO_ACS_ALLOWED_DOMAINS"),
        ),
        row(
            "no table of used assertions",
            &[("replay-table", "")],
            line(
                ReplayShared,
                Warning,
                "for 60 s after each start of serve sign-ins are refused",
                "STUDIO_ACS_REPLAY_TABLE",
            ),
        ),
        row(
            "no table of used assertions, and a restart that forgets them",
            &[("replay-table", ""), ("replay-after-restart", "accept")],
            line(ReplayShared, Warning, "once more after each start", "leave STUDIO_ACS_REPLAY_AFTER_RESTART out"),
        ),
        row(
            "assertions for an hour",
            &[("max-age", "3600")],
            line(AssertionAge, Warning, "3600 s", "lower STUDIO_ACS_MAX_AGE"),
        ),
        row(
            "URLs for five minutes",
            &[("url-expires", "300")],
            line(UrlLifetime, Warning, "300 s", "lower STUDIO_ACS_URL_EXPIRES"),
        ),
        row(
            "URLs for five seconds",
            &[("url-expires", "5")],
            line(UrlLifetime, Warning, "5 s", "raise STUDIO_ACS_URL_EXPIRES"),
        ),
        row(
            "a stand-in for Studio",
            &[("studio-origin", "http://127.0.0.1:8403")],
            line(StudioOrigin, Error, "http://127.0.0.1:8403", "unset STUDIO_ACS_STUDIO_ORIGIN"),
        ),
        row(
            "no ledger where one is named",
            &[("ledger", "/nowhere/ledger.toml"), KEY],
            line(Ledger, Error, "/nowhere/ledger.toml", "correct the path"),
        ),
        row(
            "a ledger that is none",
            &[("ledger", NEITHER), KEY],
            line(Ledger, Error, "line ", "write [[entry]] above each entry"),
        ),
        row(
            "revocations that hold after an hour",
            &[LEDGER, ("ledger-refresh", "3600"), KEY],
            line(LedgerAge, Warning, "after 3600 s", "lower STUDIO_ACS_LEDGER_REFRESH"),
        ),
        row(
            "a ledger that is too old before it is read again",
            &[LEDGER, ("ledger-refresh", "60"), ("ledger-max-age", "30"), KEY],
            line(LedgerAge, Warning, "30 s old", "raise STUDIO_ACS_LEDGER_MAX_AGE"),
        ),
        row(
            "a ledger that holds for a day though nobody can read it",
            &[LEDGER, ("ledger-max-age", "86400"), KEY],
            line(LedgerAge, Warning, "86400 s", "lower STUDIO_ACS_LEDGER_MAX_AGE"),
        ),
        row(
            "metadata that is trusted for ever though nobody can read it",
            &[("metadata-max-age", "0")],
            line(TrustAge, Warning, "metadata: never", "STUDIO_ACS_METADATA_MAX_AGE"),
        ),
        row(
            "a policy that holds for a month though nobody can read it",
            &[("policy", POLICY), ("policy-max-age", "2592000")],
            line(TrustAge, Warning, "2592000 s", "STUDIO_ACS_POLICY_MAX_AGE"),
        ),
        row(
            "no policy where one is named",
            &[("policy", "/nowhere/policy.cedar")],
            line(Policy, Error, "/nowhere/policy.cedar", "correct the path"),
        ),
        row("a policy that is none", &[("policy", NEITHER)], line(Policy, Error, "Cargo.toml:", "docs/policy.md")),
        row(
            "a policy that gives more to a person without groups",
            &[("policy", "shipped:default,shipped:short-sessions")],
            line(
                PolicyGroups,
                Warning,
                "contractors-an-hour: a person whose groups are absent",
                "STUDIO_ACS_REQUIRE_GROUPS",
            ),
        ),
        row(
            "a group of another case than the entry's",
            &[("policy", MISSPELT), LEDGER, KEY],
            line(GroupNames, Warning, "Data-Scientists and data-scientists differ", "letter for letter"),
        ),
        row(
            "approvals of one process",
            &[("policy", "shipped:default,shipped:four-eyes"), KEY],
            line(ApprovalsShared, Error, "four-eyes asks for them", "STUDIO_ACS_APPROVAL_TABLE"),
        ),
        row(
            "counters of one process",
            &[("rate-table", "")],
            line(RatesShared, Warning, "each counts by itself", "STUDIO_ACS_RATE_TABLE"),
        ),
        row(
            "a list of origins that any page can match",
            &[("allowed-origins", "https://d-1234567890.awsapps.com,null")],
            line(AllowedOrigins, Warning, "null is listed", "set STUDIO_ACS_CONFIRM"),
        ),
        row(
            "a list of origins with requests that have none",
            &[("allowed-origins", "absent,null")],
            line(AllowedOrigins, Warning, "absent, null is listed", "docs/confirm.md"),
        ),
        row(
            "an origin that anybody on the way can be",
            &[("allowed-origins", "http://idp.corp.example")],
            line(AllowedOrigins, Warning, "is not https", "https"),
        ),
        row(
            "a confirmation at another instance",
            &[("confirm", "new-browser")],
            line(ResumeKey, Error, "to confirm the sign-in", "STUDIO_ACS_RESUME_KEY"),
        ),
        row("a choice at another instance", &[LEDGER], line(ResumeKey, Error, "is to choose", "STUDIO_ACS_RESUME_KEY")),
        row(
            "a question of another instance",
            &[("policy", "shipped:default,shipped:change-ticket")],
            line(ResumeKey, Error, "a policy asks", "STUDIO_ACS_RESUME_KEY"),
        ),
        row(
            "no key where one is named",
            &[("resume-key", "/nowhere/key")],
            line(ResumeKey, Error, "/nowhere/key", "openssl"),
        ),
        row(
            "profiles that no ledger describes",
            &[("provision", "on"), ("mint-role", "arn:aws:iam::123456789012:role/mint"), KEY],
            line(Provisioning, Warning, "no ledger says how", "STUDIO_ACS_LEDGER"),
        ),
        row(
            "profiles that the service's own role makes",
            &[("provision", "on"), LEDGER, KEY],
            line(Provisioning, Warning, "with rights for all", "STUDIO_ACS_MINT_ROLE"),
        ),
        row(
            "http",
            &[("acs-url", "http://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml")],
            line(AcsUrlHttps, Error, "in the clear", "write https"),
        ),
        row(
            "capitals in the host",
            &[("acs-url", "https://ABC123.execute-api.eu-central-1.amazonaws.com/prod/saml")],
            line(AcsUrlHost, Warning, "capitals", "in lower case"),
        ),
        row(
            "the port of https",
            &[("acs-url", "https://abc123.execute-api.eu-central-1.amazonaws.com:443/prod/saml")],
            line(AcsUrlHost, Warning, "the port that https has anyway", "without the port"),
        ),
        row(
            "the stage without a name",
            &[("acs-url", "https://abc123.execute-api.eu-central-1.amazonaws.com/$default/saml")],
            line(AcsUrlStage, Error, "names the stage $default", "take /$default off"),
        ),
        row(
            "a query",
            &[("acs-url", "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml?x=1")],
            line(AcsUrlHost, Warning, "after the path", "leave ? and # out"),
        ),
        row(
            "the endpoint's own name",
            &[
                ("acs-url", "https://vpce-0ab1-cd2e.execute-api.eu-central-1.vpce.amazonaws.com/prod/saml"),
                ("audience", "urn:studio"),
            ],
            line(AcsUrlHost, Error, "a header that browsers do not send", "API-ID-VPCE-ID"),
        ),
        row(
            "a trailing slash",
            &[("acs-url", "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml/")],
            line(AcsUrlPath, Warning, "/prod/saml/ ends with a slash", "better in neither"),
        ),
        row(
            "two trailing slashes",
            &[("acs-url", "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml//")],
            line(AcsUrlPath, Error, "/prod/saml// does not end with /saml", "take the slashes off"),
        ),
        row(
            "another path than API Gateway's",
            &[("acs-url", "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/acs")],
            line(AcsUrlPath, Error, "/prod/acs does not end with /saml", "STUDIO_ACS_ACS_PATH"),
        ),
        row(
            "another path, behind what may be a proxy",
            &[("acs-url", "https://studio.corp.example/sso"), ("audience", "urn:studio")],
            line(AcsUrlPath, Warning, "/sso does not end with /saml", "only a proxy"),
        ),
        row(
            "no stage",
            &[("acs-url", "https://abc123.execute-api.eu-central-1.amazonaws.com/saml")],
            line(AcsUrlStage, Error, "no stage before /saml", "/prod/saml"),
        ),
        row(
            "no stage behind an endpoint",
            &[
                ("acs-url", "https://abc123-vpce-0ab1cd2e.execute-api.eu-central-1.amazonaws.com/saml"),
                ("audience", "urn:studio"),
            ],
            line(AcsUrlStage, Error, "no stage", "/STAGE/saml"),
        ),
        row(
            "two stages",
            &[("acs-url", "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/v1/saml")],
            line(AcsUrlStage, Error, "it is one name", "STUDIO_ACS_ACS_PATH"),
        ),
        row(
            "a stage behind a custom domain",
            &[("acs-url", "https://studio.corp.example/prod/saml"), ("audience", "urn:studio")],
            line(AcsUrlStage, Warning, "every route is served under /prod", "a custom domain hides it"),
        ),
        row(
            "a base path with an empty segment",
            &[("acs-url", "https://studio.corp.example//saml"), ("audience", "urn:studio")],
            line(AcsUrlStage, Error, "nothing is served there", "leave / out"),
        ),
        row(
            "more domains than one policy can name",
            &[("allowed-domains", MANY_DOMAINS)],
            line(AllowedDomains, Warning, "52 domains", "several deployments"),
        ),
        row(
            "the second of two URLs is wrong",
            &[(
                "acs-url",
                "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml,https://abc123.execute-api.eu-central-1.amazonaws.com/saml",
            )],
            line(AcsUrlStage, Error, "no stage", "/prod/saml"),
        ),
        row(
            "a gateway in another region",
            &[("acs-url", "https://abc123.execute-api.us-east-1.amazonaws.com/prod/saml"), ("audience", "urn:studio")],
            line(
                AcsUrlRegion,
                Error,
                "the URL is in us-east-1, and AWS_REGION is eu-central-1",
                "AWS_REGION=us-east-1",
            ),
        ),
        row(
            "no metadata",
            &[("metadata", "/nowhere/metadata.xml")],
            line(Metadata, Error, "/nowhere/metadata.xml", "download"),
        ),
    ]
}

/// Metadata that is wrong: made of fixtures, at a time.
fn metadata_rows() -> Vec<(&'static str, TestDir, &'static str, Line)> {
    use Severity::{Error, Warning};
    let fixture = |name: &str| String::from_utf8(manifest::read(name)).expect("UTF-8");
    let one = |text: &str| TestDir::with("idp.xml", text);
    let rotation = one(&fixture("metadata/rotation.xml"));
    std::fs::write(format!("{}/more.xml", rotation.path()), fixture("metadata/rsa-3072.xml")).expect("a file");
    vec![
        (
            "an expired certificate",
            one(&fixture("metadata/expired-certificate.xml")),
            NOW,
            line(Item::IdpCertificate, Warning, "it still verifies", "generate one with SHA-256"),
        ),
        (
            "a certificate that ends soon",
            one(&fixture("metadata/identity-center.xml")),
            "2049-11-01T00:00:00Z",
            line(Item::IdpCertificate, Warning, "60 days", "generate one with SHA-256"),
        ),
        (
            "a certificate made with SHA-1",
            one(&with_sha1(&fixture("metadata/identity-center.xml"))),
            NOW,
            line(Item::IdpCertificate, Warning, "algorithm_forbidden", "SHA-256"),
        ),
        (
            "a weak key",
            one(&fixture("metadata/rsa-1024.xml")),
            NOW,
            line(Item::Metadata, Error, "RSA of 1024 bits", "RSA 2048"),
        ),
        (
            "keys with small exponents",
            one(&fixture("metadata/small-exponents-beside.xml")),
            NOW,
            line(Item::Metadata, Warning, "public exponent", "exponent 65537"),
        ),
        (
            "metadata that ends in ten days",
            one(&fixture("metadata/identity-center.xml")
                .replace("entityID=", "validUntil=\"2026-01-25T10:00:00Z\" entityID=")),
            NOW,
            line(Item::IdpMetadata, Warning, "validUntil 2026-01-25T10:00:00Z, 10 days", "download the metadata again"),
        ),
        (
            "metadata that ends in one day",
            one(&fixture("metadata/identity-center.xml")
                .replace("entityID=", "validUntil=\"2026-01-16T10:30:00Z\" entityID=")),
            NOW,
            line(
                Item::IdpMetadata,
                Warning,
                "validUntil 2026-01-16T10:30:00Z, 1 day left",
                "download the metadata again",
            ),
        ),
        (
            "a certificate in PEM beside one that is none",
            one(&fixture("metadata/left-out/pem.xml")),
            NOW,
            line(Item::Metadata, Warning, "remove the lines BEGIN CERTIFICATE", "no PEM lines"),
        ),
        (
            "a certificate of another algorithm beside a good one",
            one(&fixture("metadata/left-out/ed25519.xml")),
            NOW,
            line(Item::Metadata, Warning, "found Ed25519", "RSA of 2048 bits"),
        ),
        (
            "a certificate in PEM",
            one(&fixture("metadata/certificate-text/pem.xml")),
            NOW,
            line(Item::Metadata, Error, "it is in PEM", "no PEM lines"),
        ),
        (
            "two keys in one X509Data",
            one(&fixture("metadata/chain/two-keys.xml")),
            NOW,
            line(Item::Metadata, Error, "two certificates of different keys", "a KeyDescriptor of its own"),
        ),
        (
            "a login page in place of metadata",
            one("<!DOCTYPE html><title>Sign in</title>"),
            NOW,
            line(Item::Metadata, Error, "an HTML page", "sign in to the identity provider"),
        ),
        (
            "our own metadata",
            one(&format!(
                "<EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata' entityID='{}'><SPSSODescriptor/></EntityDescriptor>",
                super::AUDIENCE
            )),
            NOW,
            line(Item::Metadata, Error, "is a service provider", "give that file to the identity provider"),
        ),
        (
            "a certificate that begins next year",
            one(&beginning_in_2027(&fixture("metadata/identity-center.xml"))),
            NOW,
            line(Item::IdpCertificate, Warning, "begins on 2027-01-01T00:00:00Z, later than now", "compare the clock"),
        ),
        ("three keys", rotation, NOW, line(Item::IdpKeys, Warning, "3", "no longer used")),
        (
            "a response for metadata",
            one(&fixture("responses/identity-center.xml")),
            NOW,
            line(Item::Metadata, Error, "the root is `Response`", "download"),
        ),
        (
            "an entity ID cut short",
            one(&fixture("metadata/identity-center.xml").replace("X2lucy0wMTIzNDU2Nzg5YWJjZGVm", "")),
            NOW,
            line(Item::IdpOrigin, Warning, "no application's name", "download"),
        ),
        (
            "a directory without metadata",
            TestDir::with("idp.txt", ""),
            NOW,
            line(Item::Metadata, Error, "no .xml file", "STUDIO_ACS_METADATA"),
        ),
        (
            "a clock that was never set",
            one(&fixture("metadata/identity-center.xml")),
            "1970-01-01T00:10:00Z",
            line(Item::Clock, Error, "before this program was written", "NTP"),
        ),
    ]
}

/// The same metadata, whose certificate says that it was signed with SHA-1 and RSA.
fn with_sha1(metadata: &str) -> String {
    let sha256 = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
    let sha1 = [&sha256[..10], &[0x05]].concat();
    with_certificate(metadata, &sha256, &sha1, 2)
}

/// The same metadata, whose certificate says that it begins in 2027.
fn beginning_in_2027(metadata: &str) -> String {
    with_certificate(metadata, b"250101000000Z", b"270101000000Z", 1)
}

/// The same metadata, in whose certificate `from` stands so many times and is replaced by `to`, of the same length.
fn with_certificate(metadata: &str, from: &[u8], to: &[u8], times: usize) -> String {
    let (before, rest) = metadata.split_once("<ds:X509Certificate>").expect("a certificate");
    let (certificate, after) = rest.split_once("</ds:X509Certificate>").expect("a certificate");
    let mut der = STANDARD.decode(certificate).expect("base64");
    let places: Vec<_> = (0..der.len() - from.len()).filter(|place| der[*place..].starts_with(from)).collect();
    assert_eq!(places.len(), times);
    for place in places {
        der[place..place + to.len()].copy_from_slice(to);
    }
    format!("{before}<ds:X509Certificate>{}</ds:X509Certificate>{after}", STANDARD.encode(der))
}

/// The items that are misconfigured here.
pub(crate) fn tried() -> impl Iterator<Item = Item> {
    let metadata = metadata_rows().into_iter().map(|(_, _, _, line)| line.item);
    rows().into_iter().map(|row| row.line.item).chain(metadata).chain([
        Item::Region,
        Item::SecretFiles,
        Item::Environment,
    ])
}

#[tokio::test]
async fn what_is_well_gives_no_line() {
    let checklist = offline(&config(&[]), Some(REGION), at(NOW)).await;
    assert_lines("all well", &checklist, &[]);
    let custom = [("acs-url", "https://studio.corp.example/saml"), ("audience", "https://studio.corp.example/")];
    assert_lines("a custom domain", &offline(&config(&custom), Some("eu-west-1"), at(NOW)).await, &[]);
    let two = [("metadata", manifest::path("metadata/rotation.xml").display().to_string())];
    let two: Vec<_> = two.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let rotation = offline(&config(&two), Some(REGION), at(NOW)).await;
    assert_lines("a rotation", &rotation, &[]);
    assert!(rotation.to_string().contains("two: a rotation in progress"), "{rotation}");
    let china =
        [("acs-url", "https://abc123.execute-api.cn-north-1.amazonaws.com.cn/prod/saml"), ("audience", "urn:studio")];
    assert_lines("China", &offline(&config(&china), Some("cn-north-1"), at(NOW)).await, &[]);
    let here = [("acs-url", "http://127.0.0.1:8401/saml"), ("audience", "http://127.0.0.1:8401/")];
    assert_lines("this machine", &offline(&config(&here), Some(REGION), at(NOW)).await, &[]);
}

/// A secret's file is for the service only; a group may read it, as in a pod's volume.
#[tokio::test]
async fn a_secrets_file_that_other_users_can_get_at() {
    use Severity::{Error, Warning};
    let dir = TestDir::with("key", &"k".repeat(32));
    let key = format!("{}/key", dir.path());
    let webhook = [("audit-webhook", "https://siem.example/"), ("audit-webhook-secret", key.as_str())];
    for setting in [&[("resume-key", key.as_str())][..], &webhook, &[("audit-seal-key", &key)]] {
        for (mode, directory, is_private) in [
            (0o400, 0o755, true),
            (0o440, 0o755, true),
            (0o640, 0o755, true),
            (0o644, 0o755, false),
            (0o602, 0o755, false),
            (0o660, 0o755, false),
            (0o644, 0o700, true),
        ] {
            let set = |path: &str, mode| std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
            set(&key, mode);
            set(dir.path(), directory);
            let warning = line(Item::SecretFiles, Warning, "other users of the host", "chmod 400");
            let expected = if is_private { vec![] } else { vec![warning] };
            let checklist = offline(&config(setting), Some(REGION), at(NOW)).await;
            assert_lines(&format!("{mode:o} in {directory:o}"), &checklist, &expected);
            let shown = if is_private { format!("{key}, mode {mode:o}") } else { format!("{key} has mode {mode:o}") };
            assert!(checklist.to_string().contains(&shown), "{shown}: {checklist}");
        }
    }
    let nowhere = [webhook[0], ("audit-webhook-secret", "/nowhere/key")];
    let unreadable = line(Item::SecretFiles, Error, "/nowhere/key cannot be read", "STUDIO_ACS_AUDIT_WEBHOOK_SECRET");
    assert_lines("no file", &offline(&config(&nowhere), Some(REGION), at(NOW)).await, &[unreadable]);
}

/// One process by itself may keep everything to itself; that it ends is told.
#[tokio::test]
async fn one_process_needs_no_tables() {
    let alone = [("replay-table", ""), ("rate-table", ""), LEDGER, ("policy", "shipped:default,shipped:four-eyes")];
    let once = line(Item::ReplayShared, Severity::Warning, "one process", "STUDIO_ACS_REPLAY_TABLE");
    let approvals = line(Item::ApprovalsShared, Severity::Warning, "until it ends", "STUDIO_ACS_APPROVAL_TABLE");
    let checklist = offline(&config(&alone), Some(REGION), at(NOW)).await;
    assert_lines("alone", &checklist, &[once, approvals]);
    assert!(checklist.to_string().contains("example.toml, entries: "), "{checklist}");
    let all = [LEDGER, KEY, ("policy", "shipped:default,shipped:four-eyes"), ("approval-table", "ledger")];
    let all = [&all[..], &[("provision", "on"), ("mint-role", "arn:aws:iam::123456789012:role/mint")]].concat();
    assert_lines("together", &offline(&config(&all), Some(REGION), at(NOW)).await, &[]);
}

#[tokio::test]
async fn each_misconfigured_setting_gives_its_line_and_its_fix() {
    for Row { name, settings, line } in rows() {
        assert_lines(name, &offline(&config(settings), Some(REGION), at(NOW)).await, &[line]);
    }
    let nowhere = offline(&config(&[]), None, at(NOW)).await;
    let expected = line(Item::Region, Severity::Error, "nothing starts without", "set AWS_REGION");
    assert_lines("no region", &nowhere, &[expected]);
}

/// An operator who sets the least is also warned of defaults, and reads of the error first.
#[tokio::test]
async fn an_error_is_told_before_any_warning() {
    let defaults = [("allowed-domains", ""), ("rate-table", "")];
    for Row { name, settings, line } in rows().into_iter().filter(|row| row.line.severity == Severity::Error) {
        let settings: Vec<_> = settings.iter().chain(&defaults).copied().collect();
        assert_first(name, &offline(&config(&settings), Some(REGION), at(NOW)).await, &[line]);
    }
    for (name, dir, now, line) in metadata_rows().into_iter().filter(|(.., line)| line.severity == Severity::Error) {
        let settings: Vec<_> = [("metadata", dir.path())].into_iter().chain(defaults).collect();
        assert_first(name, &offline(&config(&settings), Some(REGION), at(now)).await, &[line]);
    }
}

#[tokio::test]
async fn each_fault_of_the_metadata_gives_its_line_and_its_fix() {
    for (name, dir, now, line) in metadata_rows() {
        let checklist = offline(&config(&[("metadata", dir.path())]), Some(REGION), at(now)).await;
        assert_lines(name, &checklist, &[line]);
    }
}

/// A line for each URL and each identity provider, which says whose it is.
#[tokio::test]
async fn findings_say_what_they_are_about() {
    let two = "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml,https://abc123-vpce-0ab1.execute-api.eu-central-1.amazonaws.com/prod/saml";
    let checklist = offline(&config(&[("acs-url", two)]), Some(REGION), at(NOW)).await;
    assert_lines("two URLs", &checklist, &[]);
    let about: Vec<_> =
        checklist.findings().iter().filter(|f| f.item() == Item::AcsUrlStage).map(|f| f.instance()).collect();
    assert_eq!(about, two.split(',').map(Some).collect::<Vec<_>>());
    assert!(checklist.to_string().contains("Identity provider https://portal.sso.eu-central-1.amazonaws.com/saml/"));
    assert!(checklist.to_string().contains("account 123456789012, application ins-0123456789abcdef"), "{checklist}");
}
