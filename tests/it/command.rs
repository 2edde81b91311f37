//! The command as its users run it: arguments, exit statuses, and what is printed where.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::process::{Command, Output, Stdio};

use fixtures::manifest;
use serde_json::{Value, json};
use studio_acs::Clock;
use studio_acs::demo::Demo;
use studio_acs_refusal::instant;
use studio_acs_standins::idp::Claim;
use support::issuer::{ISSUER, Issuer, claims, key_set, with};
use support::moto::Moto;
use support::process::{NOWHERE, SignIns};
use support::{Lines, TestDir};

fn studio_acs(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_studio-acs"));
    command.args(args).env_clear().env("AWS_REGION", "eu-central-1");
    command
}

fn run(args: &[&str]) -> (Option<i32>, String, String) {
    read(studio_acs(args).output().expect("the command runs"))
}

fn read(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// `verify` for the row of Identity Center's shape, with more arguments.
fn verify(file: &str, more: &[&str]) -> Vec<String> {
    let row = manifest::rows("verify").into_iter().find(|row| row.name == "accept/identity-center").expect("the row");
    let metadata = manifest::path(&row.metadata).display().to_string();
    let args =
        ["verify", "--metadata", &metadata, "--audience", &row.audience, "--acs-url", &row.acs_url, "--at", &row.at];
    args.iter().chain(more).chain(&[file]).map(ToString::to_string).collect()
}

fn run_verify(file: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let args = verify(file, more);
    run(&args.iter().map(String::as_str).collect::<Vec<_>>())
}

fn fixture(name: &str) -> String {
    manifest::path(name).display().to_string()
}

#[test]
fn verify_accepts_with_a_checklist_of_what_was_found() {
    let (status, report, _) = run_verify(&fixture("responses/identity-center.xml"), &[]);
    assert_eq!(status, Some(0));
    for line in [
        "✓ the issuer is an identity provider of the metadata",
        "✓ every audience restriction names our audience",
        "Accepted: ",
    ] {
        assert!(report.contains(line), "{report}");
    }
    assert!(!report.contains('✗'), "{report}");
}

#[test]
fn verify_rejects_with_expected_found_and_what_to_change() {
    let (status, report, _) =
        run_verify(&fixture("responses/identity-center.xml"), &["--audience=https://other.example/"]);
    assert_eq!(status, Some(2), "a flag given twice is a usage error");
    assert_eq!(report, "");
    let metadata = fixture("metadata/identity-center.xml");
    let (status, report, _) = run(&[
        "verify",
        "--metadata",
        &metadata,
        "--audience",
        "https://other.example/",
        "--acs-url",
        "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml",
        "--at",
        "2026-01-15T11:00:30+01:00",
        &fixture("responses/identity-center.xml"),
    ]);
    assert_eq!(status, Some(1));
    for words in [
        "✗ every audience restriction names our audience",
        "expected  https://other.example/",
        "found     https://abc123.execute-api.eu-central-1.amazonaws.com/",
        "Refused: audience_mismatch",
        "Application SAML audience",
        "STUDIO_ACS_AUDIENCE",
    ] {
        assert!(report.contains(words), "{words}: {report}");
    }
}

#[test]
fn verify_speaks_json() {
    let (status, report, _) = run_verify(&fixture("responses/identity-center.xml"), &["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!((status, &report["verdict"]), (Some(0), &"accept".into()));
    let fields: BTreeSet<_> = report.as_object().expect("an object").keys().map(String::as_str).collect();
    let of_the_assertion =
        ["algorithm", "assertion_id", "domain", "issuer", "not_on_or_after", "signed", "user", "verdict"];
    let understood = ["attributes", "authenticated_at", "authentication_method", "name_id", "name_id_format"];
    let groups = [
        "groups",
        "groups_absent",
        "groups_elsewhere",
        "groups_matched",
        "groups_unusable",
        "ledger",
        "unusable_groups",
    ];
    assert_eq!(fields, of_the_assertion.into_iter().chain(understood).chain(groups).collect());

    let (status, report, _) = run_verify(
        &fixture("responses/identity-center.xml"),
        &["--format", "json", "--require-signed", "both", "--allowed-domains", "d-other"],
    );
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!((status, &report["error"]["code"]), (Some(1), &"domain_not_allowed".into()));
    let fields: BTreeSet<_> = report["error"].as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(fields, BTreeSet::from(["cause", "code", "expected", "fix", "found", "message"]));
}

/// No response can be judged by metadata that no start would take: each is refused, with the fix for the metadata.
#[test]
fn verify_names_the_fault_of_the_metadata() {
    let metadata = fixture("metadata/chain/two-keys.xml");
    let us = ["--audience", "urn:studio", "--acs-url", "https://studio.corp.example/saml"];
    let response = fixture("responses/identity-center.xml");
    let args = [&["verify", "--metadata", &metadata], &us[..], &[&response]].concat();
    let (status, report, errors) = run(&args);
    assert_eq!((status, errors.as_str()), (Some(1), ""), "{report}");
    for words in
        ["✗ the metadata can be trusted", "X509Data", "Cause: certificates_of_two_keys: ", "To do: give each signing"]
    {
        assert!(report.contains(words), "{words}: {report}");
    }
    let (status, report, _) = run(&[&args[..], &["--format", "json"]].concat());
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!((status, &report["verdict"]), (Some(1), &"reject".into()));
    assert_eq!(
        (&report["error"]["code"], &report["error"]["cause"]),
        (&"metadata".into(), &"certificates_of_two_keys".into())
    );
}

#[test]
fn verify_reads_standard_input_and_variables() {
    let mut command = studio_acs(&["verify", "--at", "2026-01-15T10:00:30Z", "--format", "json", "-"]);
    command
        .env("STUDIO_ACS_METADATA", fixture("metadata"))
        .env("STUDIO_ACS_AUDIENCE", "https://abc123.execute-api.eu-central-1.amazonaws.com/");
    command.env("STUDIO_ACS_ACS_URL", "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml");
    command.env("STUDIO_ACS_METADATA", fixture("metadata/identity-center.xml"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the command runs");
    child
        .stdin
        .take()
        .expect("standard input")
        .write_all(&manifest::read("responses/identity-center.xml"))
        .expect("written");
    let (status, report, _) = read(child.wait_with_output().expect("an end"));
    assert_eq!(status, Some(0), "{report}");
}

#[test]
fn usage_and_configuration_errors_end_with_two() {
    let response = fixture("responses/identity-center.xml");
    for (args, words) in [
        (vec!["verify", response.as_str()], "STUDIO_ACS_METADATA (--metadata): it is not set"),
        (vec!["verify"], "FILE"),
        (vec!["serve"], "for example STUDIO_ACS_AUDIENCE="),
        (
            vec![
                "serve",
                "--metadata",
                "/nowhere",
                "--audience",
                "us",
                "--acs-url",
                "https://us.example/saml",
                "--skew",
                "301",
            ],
            "--skew",
        ),
        (
            vec!["serve", "--metadata", "/nowhere", "--audience", "us", "--acs-url", "https://us.example/saml"],
            "/nowhere",
        ),
        (vec!["metadata"], "STUDIO_ACS_AUDIENCE"),
        (vec!["verify", "--allowed-domains", "", "-"], "--allowed-domains"),
        (vec!["demo", "--port", "many"], "--port"),
        (vec!["demo", "--port", "65533"], "0 to 65532"),
        (vec!["fly"], "fly"),
        (vec![], "Usage"),
    ] {
        let (status, output, errors) = run(&args);
        assert_eq!((status, output.as_str()), (Some(2), ""), "{args:?}");
        assert!(errors.contains(words), "{args:?}: {errors}");
    }
    let mut misspelt = studio_acs(&["metadata", "--audience", "us", "--acs-url", "https://us.example/saml"]);
    let (status, output, errors) =
        read(misspelt.env("STUDIO_ACS_ALLOWED_DOMAIN", "d-a").output().expect("the command runs"));
    assert_eq!((status, output.as_str()), (Some(2), ""));
    assert!(errors.contains("STUDIO_ACS_ALLOWED_DOMAIN: there is no such setting"), "{errors}");
    for more in [&["--at", "yesterday"][..], &["--format", "xml"]] {
        let args = verify(&response, &[]);
        let args: Vec<_> = args
            .iter()
            .map(String::as_str)
            .filter(|arg| !arg.starts_with("2026"))
            .filter(|arg| *arg != "--at")
            .chain(more.iter().copied())
            .collect();
        assert_eq!(run(&args).0, Some(2), "{more:?}");
    }
    assert_eq!(run_verify("/nowhere", &[]).0, Some(2));
}

/// `verify --token` for what `input` holds, at ten seconds after [`TOKEN_TIME`], with more arguments.
fn verify_token(input: &str, keys: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let dir = TestDir::with("jwks.json", keys);
    let keys = format!("{}/jwks.json", dir.path());
    let mut command = studio_acs(&["verify", "--token", "-", "--at", "2026-01-15T10:00:10Z"]);
    command.args(["--token-issuer", ISSUER, "--token-jwks", &keys, "--token-audience", "portal"]).args(more);
    // Without the SAML settings, a ledger, and AWS.
    command.env_remove("AWS_REGION").env("HOME", "/nowhere");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    // A command that ends before reading closes the pipe.
    let _ = child.stdin.take().expect("standard input").write_all(input.as_bytes());
    read(child.wait_with_output().expect("an end"))
}

const TOKEN_TIME: &str = "2026-01-15T10:00:00Z";

fn token_claims() -> Value {
    with(claims("alice", instant::parse(TOKEN_TIME).expect("a time")), "groups", json!(["data", "ops"]))
}

#[test]
fn a_token_is_explained_rule_by_rule() {
    let issuer = Issuer::new("k1");
    let (token, keys) = (issuer.sign(&token_claims()), key_set(&[&issuer]));
    for input in [&token, &format!("Bearer {token}"), &format!("\n Authorization: Bearer {token} \r\n")] {
        let (status, report, errors) = verify_token(input, &keys, &[]);
        assert_eq!(status, Some(0), "{report}{errors}");
        for words in [
            "✓ one Authorization header holds one compact JWS",
            "✓ the signature verifies under the key",
            "✓ the token is for us ",
            "✓ the token was not issued in the future                                 2026-01-15T10:00:00Z\n",
            "✓ the token is not older than the maximum age                            2026-01-15T10:00:00Z\n",
            "\n  groups         \"data\", \"ops\"\n",
            "\nAccepted: alice may open what the ledger says (token alice-1768471200)\n",
            "Not asked: the ledger,",
        ] {
            assert!(report.contains(words), "{words}: {report}");
        }
        assert!(!report.contains('✗') && !report.contains("eyJ"), "{report}");
    }
    for (claims, more, code, words) in [
        (
            with(token_claims(), "iss", json!("https://other.example")),
            &[][..],
            "token_issuer_mismatch",
            "found     https://other.example",
        ),
        (with(token_claims(), "aud", json!("other")), &[], "token_audience_mismatch", "STUDIO_ACS_TOKEN_AUDIENCE"),
        (token_claims(), &["--token-user-claim", "email"], "token_claim_missing", "STUDIO_ACS_TOKEN_USER_CLAIM"),
        (token_claims(), &["--token-max-age", "1", "--skew", "0"], "token_expired", "STUDIO_ACS_TOKEN_MAX_AGE"),
        (with(token_claims(), "exp", Value::Null), &[], "token_claim_missing", "expected  exp"),
        (token_claims(), &["--token-use", "access"], "token_use_mismatch", "· 7 rules not reached"),
    ] {
        let token = issuer.sign(&claims);
        let (status, report, errors) = verify_token(&token, &keys, more);
        assert_eq!(status, Some(1), "{report}{errors}");
        for words in ["\n  ✗ ", "      expected  ", &format!("\n\nRefused: {code}\nCause: "), "\nTo do: ", words] {
            assert!(report.contains(words), "{words}: {report}");
        }
        assert!(!report.contains("eyJ"), "{report}");
    }
    let (status, report, _) = verify_token(&token, &key_set(&[&Issuer::new("k2")]), &[]);
    assert!(status == Some(1) && report.contains("Refused: token_key_unknown\n"), "{report}");
    let (status, report, _) = verify_token("what?", &keys, &[]);
    assert!(status == Some(1) && report.contains("Refused: token_malformed\n"), "{report}");
}

/// A user without groups is none where the claim is only named otherwise.
#[test]
fn a_group_claim_that_the_token_does_not_have_is_told() {
    let issuer = Issuer::new("k1");
    let claims = with(token_claims(), "realm_access", json!({"roles": ["admin"]}));
    let (token, keys) = (issuer.sign(&claims), key_set(&[&issuer]));
    let (status, report, _) = verify_token(&token, &keys, &["--token-group-claim", "roles"]);
    for words in [
        "! The token has no claim roles beside realm_access.roles, groups, which may hold them; its claims are ",
        "\n  groups         none: claim roles is absent, beside realm_access.roles, groups, which may hold them\n",
        "STUDIO_ACS_TOKEN_GROUP_CLAIM",
    ] {
        assert!(status == Some(0) && report.contains(words), "{words}: {report}");
    }
    let (_, report, _) = verify_token(&token, &keys, &["--token-group-claim", "roles", "--format", "json"]);
    assert_eq!(serde_json::from_str::<Value>(&report).expect("JSON")["group_claim_absent"], "roles");
    for path in ["realm_access.roles", "/realm_access/roles"] {
        let (_, report, _) = verify_token(&token, &keys, &["--token-group-claim", path]);
        assert!(report.contains("  groups         \"admin\"\n") && !report.contains('!'), "{path}: {report}");
    }
}

#[test]
fn a_tokens_verdict_is_json_too() {
    let issuer = Issuer::new("k1");
    let (token, keys) = (issuer.sign(&token_claims()), key_set(&[&issuer]));
    let (status, report, _) = verify_token(&token, &keys, &["--format", "json"]);
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let expected = json!({
        "verdict": "accept", "user": "alice", "groups": ["data", "ops"], "issuer": ISSUER, "token_id": "alice-1768471200",
        "token_use": "id", "authenticated_at": TOKEN_TIME, "authentication_methods": [],
        "groups_absent": null, "groups_elsewhere": null, "groups_matched": [], "groups_unusable": 0, "unusable_groups": [], "ledger": null,
    });
    assert_eq!((status, report), (Some(0), expected));
    let (status, report, _) = verify_token(&token, &keys, &["--format", "json", "--token-user-claim", "oid"]);
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!((status, &report["error"]["code"]), (Some(1), &"token_claim_missing".into()));
    let fields: BTreeSet<_> = report["error"].as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(fields, BTreeSet::from(["cause", "code", "expected", "fix", "found", "message"]));
}

#[test]
fn a_token_out_of_an_answer_is_said_to_be_taken_out_of_it() {
    let issuer = Issuer::new("k1");
    let answer = json!({"access_token": "opaque", "id_token": issuer.sign(&token_claims()), "token_type": "Bearer"});
    let keys = key_set(&[&issuer]);
    let (status, report, errors) = verify_token(&answer.to_string(), &keys, &[]);
    assert_eq!(status, Some(0), "{report}{errors}");
    assert!(report.starts_with("Taken out of the capture: id_token\n") && !report.contains("eyJ"), "{report}");
    let (_, report, _) = verify_token(&answer.to_string(), &keys, &["--format", "json"]);
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!((&report["verdict"], &report["taken"]), (&"accept".into(), &"id_token".into()));
}

/// A file that can be read and is something else refuses each response or token; one that is absent judges none.
#[test]
fn another_file_than_metadata_or_keys_ends_with_one_and_its_cause() {
    let response = fixture("responses/identity-center.xml");
    let us = ["--audience", "https://studio.corp.example/", "--acs-url", "https://studio.corp.example/saml"];
    for (bytes, cause) in [
        (&b"\xff\xfe<\0?\0"[..], "metadata_in_utf16"),
        (b"\x1f\x8b\x08\x00\xff", "metadata_packed"),
        (b"\x30\x82\x02\xcd\x30", "metadata_is_a_certificate"),
        (b"<!DOCTYPE html>", "metadata_is_a_page"),
    ] {
        let dir = TestDir::with("idp.xml", "");
        let metadata = format!("{}/idp.xml", dir.path());
        std::fs::write(&metadata, bytes).expect("a file");
        let (status, report, _) = run(&[&["verify", "--metadata", &metadata], &us[..], &[&response]].concat());
        assert!(status == Some(1) && report.contains(&format!("Cause: {cause}: ")), "{status:?} {report}");
    }
    let issuer = Issuer::new("k1");
    let token = issuer.sign(&token_claims());
    for (keys, cause) in
        [("", "keys_empty"), ("<html></html>", "keys_are_a_page"), ("{\"message\":\"Forbidden\"}", "keys_are_an_error")]
    {
        let (status, report, _) = verify_token(&token, keys, &[]);
        assert!(status == Some(1) && report.contains("Refused: token_keys_unavailable"), "{status:?} {report}");
        assert!(report.contains(&format!("Cause: {cause}: ")), "{report}");
        let (_, report, _) = verify_token(&token, keys, &["--format", "json"]);
        let report: Value = serde_json::from_str(&report).expect("JSON");
        assert_eq!((&report["verdict"], &report["error"]["cause"]), (&"reject".into(), &cause.into()));
    }
    let (status, _, _) = run(&[&["verify", "--metadata", "/nowhere/idp.xml"], &us[..], &[&response]].concat());
    assert_eq!(status, Some(2));
}

#[test]
fn a_token_that_cannot_be_judged_ends_with_two_and_is_not_repeated() {
    let issuer = Issuer::new("k1");
    let token = issuer.sign(&token_claims());
    let token_api = ["--token-issuer", ISSUER, "--token-jwks", "/nowhere/jwks.json", "--token-audience", "portal"];
    let misplaced = format!("--token={token}");
    for (args, words) in [
        (&["verify", "--token", "-"][..], "STUDIO_ACS_TOKEN_AUDIENCE (--token-audience): it is not set"),
        (&["verify", "--token", "-", "--token-issuer", ISSUER], "STUDIO_ACS_TOKEN_JWKS (--token-jwks): it is not set"),
        (&["verify", "--token", "-", "--metadata", "m"], "--metadata"),
        (&["verify", "--token-issuer", ISSUER, "-"], "'--token-issuer <VALUE>' cannot be used with '[FILE]'"),
        (&["verify", "--token", "-", "-"], "[FILE]"),
        (
            &[&["verify", "--token", "-"][..], &token_api].concat(),
            "STUDIO_ACS_TOKEN_JWKS (--token-jwks): /nowhere/jwks.json: ",
        ),
        (&[&["verify", "--token", &token][..], &token_api].concat(), "a token itself goes into a file"),
        (&[&["verify", &misplaced][..], &token_api].concat(), "a token itself goes into a file"),
    ] {
        let (status, output, errors) = read(studio_acs(args).stdin(Stdio::null()).output().expect("the command runs"));
        assert_eq!((status, output.as_str()), (Some(2), ""), "{args:?}: {errors}");
        assert!(errors.contains(words) && !errors.contains("eyJ"), "{args:?}: {errors}");
    }
}

#[test]
fn metadata_prints_the_consoles_fields_and_the_document() {
    let us = ["--audience", "https://acs.example/", "--acs-url", "https://acs.example/prod/saml"];
    let (status, text, _) = run(&[&["metadata"], &us[..]].concat());
    assert_eq!(status, Some(0));
    for line in [
        "Application ACS URL        https://acs.example/prod/saml",
        "Application SAML audience  https://acs.example/",
        "username",
        "domain-id",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let (_, xml, _) = run(&[&["metadata", "--format", "xml"], &us[..]].concat());
    for words in [
        "entityID=\"https://acs.example/\"",
        "Location=\"https://acs.example/prod/saml\"",
        "WantAssertionsSigned=\"true\"",
    ] {
        assert!(xml.contains(words), "{xml}");
    }
}

/// Metadata without the groups that a start would request leads to an identity provider that never sends them.
#[test]
fn metadata_is_refused_where_the_readers_of_groups_cannot_be_read() {
    let us = ["metadata", "--audience", "https://acs.example/", "--acs-url", "https://acs.example/prod/saml"];
    let (ledger, policy) = (TestDir::with("ledger.toml", "[[entry]]"), TestDir::with("access.cedar", "permit (princ"));
    let (ledger, policy) = (format!("{}/ledger.toml", ledger.path()), format!("{}/access.cedar", policy.path()));
    for (more, setting) in [
        (["--ledger", "/nowhere/ledger.toml"], "STUDIO_ACS_LEDGER (--ledger): the ledger /nowhere/ledger.toml"),
        (["--ledger", &*ledger], "STUDIO_ACS_LEDGER (--ledger)"),
        (["--policy", "/nowhere/access.cedar"], "STUDIO_ACS_POLICY (--policy)"),
        (["--policy", &*policy], "STUDIO_ACS_POLICY (--policy)"),
    ] {
        for format in [&["--format", "xml"][..], &[]] {
            let (status, printed, errors) = run(&[&us[..], &more, format].concat());
            assert_eq!((status, &*printed), (Some(2), ""), "{more:?}: {errors}");
            assert!(errors.contains(setting), "{more:?}: {errors}");
        }
    }
}

/// Some identity providers send what is requested and nothing else.
#[test]
fn metadata_requests_the_attributes_that_are_read() {
    let us = ["metadata", "--audience", "https://acs.example/", "--acs-url", "https://acs.example/prod/saml"];
    let text = r#"permit (principal in Group::"staff", action == Action::"OpenStudio", resource);"#;
    let (ledger, policy) = (TestDir::with("ledger.toml", ""), TestDir::with("access.cedar", text));
    let (ledger, policy) = (format!("{}/ledger.toml", ledger.path()), format!("{}/access.cedar", policy.path()));
    let user = ("username", "true");
    for (more, expected) in [
        (&[][..], vec![user, ("domain-id", "true")]),
        (&["--require-groups", "on"], vec![user, ("domain-id", "true"), ("groups", "true")]),
        (&["--ledger", &ledger, "--group-attribute", "memberOf"], vec![user, ("memberOf", "false")]),
        (&["--policy", &policy], vec![user, ("domain-id", "true"), ("groups", "false")]),
        (&["--policy", "shipped:default"], vec![user, ("domain-id", "true")]),
    ] {
        let (status, xml, errors) = run(&[&us[..], more, &["--format", "xml"]].concat());
        assert_eq!(status, Some(0), "{errors}");
        let requested = xml.lines().filter(|line| line.contains("md:RequestedAttribute"));
        let found: Vec<_> = requested.map(|line| (part(line, "Name"), part(line, "isRequired"))).collect();
        assert_eq!(found, expected, "{more:?}: {xml}");
        let (_, text, _) = run(&[&us[..], more].concat());
        for (name, _) in expected {
            assert!(text.lines().any(|line| line.trim_start().starts_with(name)), "{name}: {text}");
        }
        assert_eq!(text.contains("domain-id"), xml.contains("domain-id"), "{text}");
    }
}

/// The value of an attribute of XML.
fn part<'a>(line: &'a str, name: &str) -> &'a str {
    let (_, value) = line.split_once(&format!(" {name}=\"")).expect("the attribute");
    value.split('"').next().expect("its value")
}

/// A server that is told to end lets go of its port and leaves with success.
#[test]
fn serve_starts_answers_and_ends_when_told() {
    let metadata = fixture("metadata/identity-center.xml");
    let mut command = studio_acs(&[
        "serve",
        "--metadata",
        &metadata,
        "--audience",
        "us",
        "--acs-url",
        "https://us.example/saml",
        "--listen",
        "127.0.0.1:0",
    ]);
    command.env("AWS_REGION", "eu-central-1").env("AWS_EC2_METADATA_DISABLED", "true").stdout(Stdio::piped());
    let mut server = command.spawn().expect("the command runs");
    let mut log = BufReader::new(server.stdout.take().expect("standard output")).lines();
    let address = log.by_ref().find_map(|line| {
        let event: serde_json::Value = serde_json::from_str(&line.expect("a line")).expect("logs are JSON");
        (event["message"] == "serving").then(|| event["address"].as_str().expect("an address").to_owned())
    });
    let health = ureq::get(format!("http://{}/healthz", address.expect("it serves"))).call().expect("an answer");
    assert_eq!(health.status(), 200);
    let told = Command::new("kill").arg(server.id().to_string()).status().expect("kill");
    assert!(told.success());
    assert!(server.wait().expect("an end").success());
}

/// A listener of all addresses would answer at 127.0.0.2, too.
#[tokio::test(flavor = "multi_thread")]
async fn the_demo_listens_on_loopback_only() {
    let demo = Demo::start(0, "never", Clock::system(), Lines::default().log()).await.expect("a demo");
    let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
    let ports: BTreeSet<_> = demo.guide().split("http://127.0.0.1:").skip(1).map(digits).collect();
    assert!(ports.len() >= 3, "{}", demo.guide());
    for port in ports {
        assert!(TcpStream::connect(format!("127.0.0.1:{port}")).is_ok(), "{port}");
        assert!(TcpStream::connect(format!("127.0.0.2:{port}")).is_err(), "{port}");
    }
}

#[test]
fn without_a_region_nothing_starts() {
    let metadata = fixture("metadata/identity-center.xml");
    let mut command =
        studio_acs(&["serve", "--metadata", &metadata, "--audience", "us", "--acs-url", "https://us.example/saml"]);
    command.env_remove("AWS_REGION").env("HOME", "/nowhere");
    let (status, _, errors) = read(command.output().expect("the command runs"));
    assert_eq!(status, Some(2));
    assert!(errors.contains("AWS_REGION"), "{errors}");
}

const LEDGER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/ledger/example.toml");

#[test]
fn the_ledger_is_listed_and_explained() {
    let (status, listing, _) = run(&["ledger", "list", "--ledger", LEDGER]);
    assert_eq!(status, Some(0), "{listing}");
    assert!(listing.starts_with("ENTRY "), "{listing}");
    let (status, listing, _) = run(&["ledger", "list", "--ledger", LEDGER, "--format", "json"]);
    let listing: serde_json::Value = serde_json::from_str(&listing).expect("JSON");
    let entries = listing["entries"].as_array().expect("a list");
    assert_eq!((status, entries.is_empty()), (Some(0), false));
    let users = entries.iter().filter(|entry| entry["holds"] == true);
    let user = users.filter_map(|entry| entry["subject"].as_str()?.strip_prefix("user#")).next().expect("somebody");

    let (status, explanation, _) = run(&["ledger", "explain", "--ledger", LEDGER, user]);
    assert_eq!(status, Some(0), "{explanation}");
    assert!(explanation.contains(&format!("{user}: entitled")), "{explanation}");
    let (status, explanation, _) = run(&[
        "ledger", "explain", "--ledger", LEDGER, "nobody", "--group", "no", "--group", "none", "--format", "json",
    ]);
    let explanation: serde_json::Value = serde_json::from_str(&explanation).expect("JSON");
    assert_eq!((status, &explanation["outcome"]), (Some(1), &"unknown_user".into()));

    let mut by_variable = studio_acs(&["ledger", "list"]);
    let (status, ..) = read(by_variable.env("STUDIO_ACS_LEDGER", LEDGER).output().expect("the command runs"));
    assert_eq!(status, Some(0), "nothing else needs to be set");
}

#[test]
fn of_a_text_it_is_said_what_to_write() {
    let add = ["ledger", "add", "--ledger", LEDGER, "--id", "new", "--user", "Carol", "--domain", "d-abcdefghijkl"];
    let (status, text, _) = run(&add);
    assert_eq!(status, Some(1), "nobody has anything by what is not written yet");
    let expected = format!("# to be written in {LEDGER}:\n[[entry]]\nid = \"new\"\nuser = \"Carol\"\n");
    assert!(text.starts_with(&expected), "{text}");
    let (status, text, _) =
        run(&["ledger", "revoke", "--ledger", LEDGER, "Carol", "--why", "left", "--format", "json"]);
    let change: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((status, &change["outcome"], &change["place"]), (Some(1), &"to_write".into(), &LEDGER.into()));
    assert!(change["text"].as_str().expect("a text").contains("user = \"carol\"\nwhy = \"left\""), "{change}");

    // The command does not print an edit that would make the ledger wrong.
    for (more, words) in [
        (["--id", "alice-fraud", "--profile", "carol"], "there is an entry alice-fraud already"),
        (["--id", "new", "--profile", "alice-fraud"], "two people may open one user profile of d-abcdefghijkl"),
    ] {
        let add = ["ledger", "add", "--ledger", LEDGER, "--user", "Carol", "--domain", "d-abcdefghijkl"];
        let (_, text, error) = run(&[&add[..], &more].concat());
        assert!(!text.contains("to be written") && format!("{text}{error}").contains(words), "{text}{error}");
    }

    let file = TestDir::with(
        "entry.toml",
        "[[entry]]\nid = \"new\"\ngroup = \"g\"\ndomain = \"d-1\"\n[entry.tags]\na = \"b\"\n",
    );
    let path = format!("{}/entry.toml", file.path());
    let (status, text, _) = run(&["ledger", "add", "--ledger", LEDGER, &path]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("[entry.tags]\na = \"b\"\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_changed() {
    let moto = Moto::start().with_ledger_table("ledger").await;
    let ledger = |args: &[&str]| {
        let mut command = studio_acs(&["ledger"]);
        command.args(args).env("STUDIO_ACS_LEDGER", "dynamodb:ledger").env("AWS_ENDPOINT_URL", &moto.endpoint);
        command.env("AWS_ACCESS_KEY_ID", "AKIATEST").env("AWS_SECRET_ACCESS_KEY", "test");
        read(command.output().expect("the command runs"))
    };
    let entry = ["--user", "Alice", "--domain", "d-abcdefghijkl", "--session-seconds", "3600", "--production"];
    let add = |id: &str| ledger(&[&["add", "--id", id][..], &entry].concat());
    for (args, status, words) in [
        (&["revoke", "alice", "--entry", "work", "--why", "left"][..], 1, "Refused: entry_unknown: "),
        (&["explain", "Alice"], 1, "alice: unknown_user"),
    ] {
        let (found, report, errors) = ledger(args);
        assert_eq!(found, Some(status), "{args:?}: {report}{errors}");
        assert!(report.contains(words), "{args:?}: {report}");
    }
    let (status, report, errors) = add("work");
    assert_eq!((status, report.as_str()), (Some(0), "work of user#alice is added\n"), "{errors}");
    assert_eq!(add("work").1, "Refused: entry_exists: there is an entry work already\n");
    for (args, status, words) in [
        (&["explain", "Alice"][..], 0, "alice: entitled (1 of 1 entries)"),
        (&["revoke", "Alice", "--entry", "work", "--why", "left the team"], 0, "work of user#alice is revoked"),
        (&["revoke", "Alice", "--entry", "work", "--why", "again"], 1, "Refused: already_revoked: "),
        (&["explain", "alice"], 1, "alice: access_revoked"),
        (&["unrevoke", "alice", "--entry", "work"], 0, "is given back"),
        (
            &["revoke", "ALICE", "--why", "left", "--ledger-refresh", "60"],
            0,
            "all access of alice is revoked, everywhere within 60 s",
        ),
        (&["list"], 0, "revoked: alice: "),
        (&["unrevoke", "alice"], 0, "all access of alice is given back"),
        (&["unrevoke", "alice"], 1, "Refused: not_revoked: "),
        (&["unrevoke", "--group", "g", "--entry", "work", "--format", "json"], 1, "\"code\":\"entry_unknown\""),
        (&["explain", "alice", "--format", "json"], 0, "\"outcome\":\"entitled\""),
    ] {
        let (found, report, errors) = ledger(args);
        assert_eq!(found, Some(status), "{args:?}: {report}{errors}");
        assert!(report.contains(words), "{args:?}: {report}");
    }
}

#[test]
fn what_the_ledger_commands_cannot_do_ends_with_one_or_two() {
    let wrong = TestDir::with("ledger.toml", "[[entry]]\nid = \"a\"\nuser = \"u\"\ndomain = \"d-1\"\nprofil = \"x\"\n");
    let path = format!("{}/ledger.toml", wrong.path());
    let two = TestDir::with("two.toml", &std::fs::read_to_string(LEDGER).expect("the example"));
    let several = format!("{}/two.toml", two.path());
    for (args, status, words) in [
        (&["ledger", "list"][..], 2, "STUDIO_ACS_LEDGER (--ledger): it is not set"),
        (&["ledger", "list", "--ledger", "/nowhere.toml"], 2, "/nowhere.toml"),
        (&["ledger", "list", "--ledger", &path], 1, "profil"),
        (&["ledger"], 2, "Usage"),
        (&["ledger", "explain", "--ledger", LEDGER], 2, "USER"),
        (&["ledger", "revoke", "--ledger", LEDGER, "--why", "w"], 2, "--group"),
        (&["ledger", "revoke", "--ledger", LEDGER, "alice"], 2, "--why"),
        (&["ledger", "revoke", "--ledger", LEDGER, "--group", "g", "--why", "w"], 2, "--entry"),
        (&["ledger", "revoke", "--ledger", LEDGER, " ", "--why", "w"], 2, "no person's name"),
        (&["ledger", "revoke", "--ledger", LEDGER, "a", "--entry", "#revoked", "--why", "w"], 1, "entry_invalid"),
        (&["ledger", "add", "--ledger", LEDGER], 2, "FILE"),
        (&["ledger", "add", "--ledger", LEDGER, "--id", "a", "--user", "u"], 2, "--domain"),
        (&["ledger", "add", "--ledger", LEDGER, "--id", "a", "--domain", "d-1"], 1, "entry_invalid"),
        (&["ledger", "add", "--ledger", LEDGER, "--id", "a", "--domain", "d-1", &several], 2, "cannot be used with"),
        (&["ledger", "add", "--ledger", LEDGER, &several], 2, "expected one entry"),
        (&["ledger", "add", "--ledger", LEDGER, &path], 2, "profil"),
    ] {
        let (found, report, errors) = run(args);
        assert_eq!(found, Some(status), "{args:?}: {report}{errors}");
        assert!(format!("{report}{errors}").contains(words), "{args:?}: {report}{errors}");
        assert_eq!(report.is_empty(), status == 2, "{args:?}: {report}");
    }
    let mut nobody_there = studio_acs(&["ledger", "explain", "--ledger", "dynamodb:ledger", "alice"]);
    nobody_there.env("AWS_ENDPOINT_URL", NOWHERE).env("AWS_ACCESS_KEY_ID", "a").env("AWS_SECRET_ACCESS_KEY", "b");
    let (status, report, errors) = read(nobody_there.output().expect("the command runs"));
    assert_eq!((status, report.as_str()), (Some(2), ""), "{errors}");
    assert!(errors.contains("the ledger cannot be read"), "{errors}");
}

fn cases(name: &str) -> String {
    format!("{}/policies/access/cases/{name}.toml", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn policies_are_tested_by_their_cases() {
    let (status, report, errors) = run(&["policy", "test", &cases("default")]);
    assert_eq!(status, Some(0), "{report}{errors}");
    assert!(report.contains("  ok    one's own entry: allow by entry-for-person\n"), "{report}");
    assert!(report.ends_with(", failed: 0\n") && !report.contains("warning"), "{report}");

    let both = ["--policy", "shipped:default,shipped:no-weekends"];
    let (status, report, _) = run(&[&["policy", "test", &cases("default")], &both[..]].concat());
    assert_eq!(status, Some(0), "{report}");
    assert!(report.contains("warning: no case is decided by no-weekends\n"), "{report}");
    let (status, report, _) = run(&[&["policy", "test", &cases("default"), &cases("no-weekends")], &both[..]].concat());
    assert!(status.is_some_and(|status| status < 2) && !report.contains("warning"), "{report}");

    let (status, report, _) = run(&["policy", "test", &cases("four-eyes")]);
    assert_eq!(status, Some(1), "{report}");
    assert!(
        report.contains("  FAIL  nobody has agreed yet\n        expected deny by four-eyes, needs approval"),
        "{report}"
    );
}

#[test]
fn policies_are_shown() {
    let (status, text, errors) = run(&["policy", "show", "--policy", "shipped:default,shipped:four-eyes"]);
    assert_eq!(status, Some(0), "{errors}");
    let four_eyes = "four-eyes (forbid, shipped:four-eyes:2)\n  reason   Production needs the approval of a second person.\n  \
                     needs    approval\n  reads    approved_by, name, production\n";
    assert!(text.contains(four_eyes), "{text}");
    assert!(text.contains("entry-for-person (permit, shipped:default:"), "{text}");
    let (_, json, _) = run(&["policy", "show", "--policy", "shipped:short-sessions", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json[0]["id"], &json[0]["session_seconds"]), (&"contractors-an-hour".into(), &3600.into()));
}

#[test]
fn policies_are_shown_with_what_may_not_be_meant() {
    let (_, text, errors) =
        run(&["policy", "show", "--policy", "shipped:default,shipped:change-ticket,shipped:short-sessions"]);
    let warned: Vec<_> = text.split("\n  warning  ").collect();
    assert_eq!(warned.len(), 2, "{text}{errors}");
    assert!(warned[0].contains("\n  groups   on-call\n") && warned[0].ends_with("  groups   contractors"), "{text}");
    assert!(warned[1].starts_with("a person whose groups are absent gets more by it"), "{text}");

    let policy = TestDir::with(
        "policy.cedar",
        r#"@id("case") permit (principal, action == Action::"Approve", resource)
           when { principal in [Group::"Data-Scientists", Group::"data-scientists", Group::"ops"] };"#,
    );
    let policy = format!("{}/policy.cedar", policy.path());
    let shown = |more: &[&str]| {
        let (status, json, errors) =
            run(&[&["policy", "show", "--policy", &policy, "--format", "json"], more].concat());
        assert_eq!(status, Some(0), "{errors}");
        serde_json::from_str::<Value>(&json).expect("JSON")[0].clone()
    };
    let rule = shown(&["--ledger", LEDGER]);
    assert_eq!(rule["groups"], json!(["Data-Scientists", "data-scientists", "ops"]));
    let warning = "group \"Data-Scientists\" differs from \"data-scientists\" by case only, and groups are compared letter for letter";
    assert_eq!(rule["warnings"], json!([warning]));
    // Without entries, one of two spellings is wrong.
    assert_eq!(shown(&[])["warnings"].as_array().map(Vec::len), Some(2));
}

#[test]
fn verify_refuses_groups_that_are_elsewhere() {
    let sign_ins = SignIns::new();
    let link = ("http://schemas.microsoft.com/claims/groups.link".to_owned(), "https://graph.example/me".to_owned());
    let now = instant::parse("2026-11-19T12:00:30Z").expect("a time");
    let claim = Claim { attributes: vec![link], ..sign_ins.claim("alice", now) };
    let response = TestDir::with("response.xml", &sign_ins.respond(&claim));
    let file = format!("{}/response.xml", response.path());
    let settings: Vec<_> = sign_ins.settings().iter().map(|(name, value)| format!("--{name}={value}")).collect();
    let verify = |more: &[&str]| {
        let mut args = vec!["verify", "--at", "2026-11-19T12:00:30Z", "--format", "json", &file];
        args.extend(settings.iter().map(String::as_str).chain(more.iter().copied()));
        let (_, json, errors) = run(&args);
        let json: Value = serde_json::from_str(&json).unwrap_or_else(|_| panic!("{json}{errors}"));
        json["error"]["code"].as_str().unwrap_or("accepted").to_owned()
    };
    assert_eq!(verify(&[]), "accepted");
    assert_eq!(verify(&["--ledger", LEDGER]), "groups_incomplete");
    assert_eq!(verify(&["--policy", "shipped:default,shipped:short-sessions"]), "groups_incomplete");
    assert_eq!(verify(&["--policy", "ssm:/studio-acs/policy"]), "groups_incomplete", "it may read groups");
    assert_eq!(verify(&["--require-groups", "on"]), "attribute_missing");
}

#[test]
fn policies_and_cases_that_cannot_be_meant_end_with_two() {
    let wrong = TestDir::with(
        "wrong.cedar",
        "permit (principal, action == Action::\"OpenStudio\", resource) when { context.hours < 7 };",
    );
    let path = format!("{}/wrong.cedar", wrong.path());
    for (args, words) in [
        (&["policy", "show", "--policy", &path][..], "wrong.cedar:1"),
        (&["policy", "show", "--policy", "shipped:none"], "does not come with the program"),
        (&["policy", "show", "--time-zone", "Mars/Olympus"], "no time zone"),
        (&["policy", "test"], "CASES"),
        (&["policy", "test", "/nowhere.toml"], "/nowhere.toml"),
        (&["policy", "test", LEDGER], "ledger/example.toml: "),
    ] {
        let (status, output, errors) = run(args);
        assert_eq!((status, output.as_str()), (Some(2), ""), "{args:?}");
        assert!(errors.contains(words), "{args:?}: {errors}");
    }
}

/// The HTTP client panics at what it cannot read as a root.
#[test]
fn a_broken_bundle_of_roots_ends_with_a_message() {
    let certificate = std::fs::read_to_string(fixture("keys/rsa-2048.crt.pem")).expect("a file");
    let broken = |body: &str| format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
    let pem = |text: &str| TestDir::with("bundle.pem", text);
    let file = |dir: &TestDir| format!("{}/bundle.pem", dir.path());
    let missing = ("/nowhere/bundle.pem".to_owned(), "No such file");
    let directory = ("/tmp".to_owned(), "Is a directory");
    let texts = [
        (pem(""), "there is no certificate in it"),
        (pem("not a certificate"), "there is no certificate in it"),
        (
            pem(&std::fs::read_to_string(fixture("keys/rsa-2048.key.pem")).expect("a file")),
            "there is no certificate in it",
        ),
        (pem(&broken("!!!!")), "its certificate no. 1 is not PEM"),
        (pem(&certificate.replace("-----END", "")), "its certificate no. 1 is not PEM"),
        (pem(&broken("AAAA")), "its certificate no. 1 cannot be a root"),
        (pem(&format!("{certificate}{}", broken("AAAA"))), "its certificate no. 2 cannot be a root"),
    ];
    let cases = texts.iter().map(|(dir, words)| (file(dir), *words)).chain([missing, directory]);
    let metadata = fixture("metadata/identity-center.xml");
    let given = ["--metadata", &metadata, "--audience", "a", "--acs-url", "https://acs.example/saml"];
    let serve = [&["serve", "--listen", "127.0.0.1:0"], &given[..]].concat();
    // Here the metadata is at AWS, so that the client is needed.
    let remote = ["--metadata", "ssm:/studio-acs/idp", "--audience", "a", "--acs-url", "https://acs.example/saml"];
    let capture = fixture("responses/identity-center.xml");
    let verify = [&["verify"], &remote[..], &[&capture]].concat();
    let check = [&["check", "--online"], &given[..]].concat();
    for (path, words) in cases {
        // The service does not start, and `check` has a line for it among the others.
        for (args, expected) in [(&serve, 2), (&verify, 2), (&check, 1)] {
            let output = studio_acs(args).env("AWS_CA_BUNDLE", &path).output().expect("the command runs");
            let (status, listed, told) = read(output);
            let told = listed + &told;
            assert_eq!(status, Some(expected), "{args:?} {path}: {told}");
            assert!(told.contains(&format!("AWS_CA_BUNDLE: {path}: ")) && told.contains(words), "{args:?}: {told}");
            assert!(!told.contains("panicked"), "{told}");
        }
    }
    let good = pem(&certificate);
    let (_, listed, told) =
        read(studio_acs(&check).env("AWS_CA_BUNDLE", file(&good)).output().expect("the command runs"));
    let told = listed + &told;
    assert!(!told.contains("AWS_CA_BUNDLE"), "a good one is taken: {told}");
}
