//! The command as its users run it: arguments, exit statuses, and what is printed where.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::unwrap_used)]

#[allow(dead_code, unreachable_pub)]
#[path = "../fixtures/manifest.rs"]
mod manifest;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Output, Stdio};

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
    let fields: Vec<_> = report.as_object().expect("an object").keys().map(String::as_str).collect();
    let expected = ["verdict", "user", "domain", "issuer", "assertion_id", "not_on_or_after", "signed", "algorithm"];
    assert_eq!(fields, expected);

    let (status, report, _) = run_verify(
        &fixture("responses/identity-center.xml"),
        &["--format", "json", "--require-signed", "both", "--allowed-domains", "d-other"],
    );
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!((status, &report["error"]["code"]), (Some(1), &"domain_not_allowed".into()));
    let fields: Vec<_> = report["error"].as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(fields, ["code", "message", "expected", "found"]);
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
