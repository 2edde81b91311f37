//! The command: exit statuses, text and JSON.

use std::collections::BTreeSet;
use std::process::Command;

use studio_acs::report::check::Item;

use super::world::{Domain, create_domain, create_tables};
use super::{ACS_URL, AUDIENCE, REGION};
use fixtures::manifest;
use support::TestDir;
use support::moto::Moto;

fn check(more: &[&str]) -> Command {
    let metadata = manifest::path("metadata/identity-center.xml").display().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_studio-acs"));
    command.args(["check", "--metadata", &metadata, "--acs-url", ACS_URL]).args(more).env_clear();
    command.env("AWS_REGION", REGION).env("HOME", "/nowhere");
    command
}

fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().expect("the command runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn exit_statuses_follow_the_verdict() {
    let well = [
        "--audience",
        AUDIENCE,
        "--allowed-domains",
        "d-well",
        "--replay-table",
        "assertions",
        "--rate-table",
        "rates",
    ];
    let weaker = ["--audience", AUDIENCE, "--allowed-domains", "d-well"];
    let wrong = ["--audience", AUDIENCE, "--allowed-domains", "d-well", "--acs-path", "/acs"];
    for (args, more, status, words) in [
        (&well[..], &[][..], 0, "errors: 0, warnings: 0, skipped: 1, "),
        (&well, &["--strict"], 0, "errors: 0, warnings: 0, "),
        (&weaker, &[], 0, "! once only holds for all instances"),
        (&weaker, &["--strict"], 1, "      fix  set STUDIO_ACS_REPLAY_TABLE"),
        (&wrong, &[], 1, "✗ the path ends with the one that is served"),
        (&[], &[], 2, "STUDIO_ACS_AUDIENCE (--audience): it is not set"),
        (&well, &["--skew", "many"], 2, "--skew"),
        (&well, &["--domain", "d-well"], 2, "--online"),
        (&well, &["--online", "--domain", "domain"], 2, "--domain domain: not an ID"),
        (&well, &["--format", "xml"], 2, "--format"),
    ] {
        let (found, report, errors) = run(&mut check(&[args, more].concat()));
        assert_eq!(found, Some(status), "{more:?}: {report}{errors}");
        assert!(format!("{report}{errors}").contains(words), "{words}: {report}{errors}");
        assert_eq!(report.is_empty(), status == 2, "{report}");
    }
}

/// The items that are misconfigured here.
pub(crate) fn tried() -> impl Iterator<Item = Item> {
    std::iter::once(Item::AwsSettings)
}

/// The SDK panics at these: the program says which it is, in each command, and takes no file of AWS's that is not named.
#[test]
fn retries_with_a_wrong_value_are_told_and_stop_each_command() {
    let profile = TestDir::with("config", "[profile lab]\nregion = eu-central-1\nmax_attempts = none\n");
    let profile = format!("{}/config", profile.path());
    let ledger = ["ledger", "list", "--ledger", "dynamodb:studio-acs"];
    for (variables, words) in [
        (&[("AWS_RETRY_MODE", "fast")][..], "AWS_RETRY_MODE: the value is not standard or adaptive"),
        (&[("AWS_RETRY_MODE", "")], "AWS_RETRY_MODE: the value is not standard or adaptive"),
        (&[("AWS_MAX_ATTEMPTS", "0")], "AWS_MAX_ATTEMPTS: the value is not a whole number from 1"),
        (&[("AWS_MAX_ATTEMPTS", "three")], "AWS_MAX_ATTEMPTS: the value is not a whole number from 1"),
        (&[("AWS_CONFIG_FILE", &*profile), ("AWS_PROFILE", "lab")], "in the profile as max_attempts"),
    ] {
        for more in [&[][..], &["--online"]] {
            let more = [&["--audience", AUDIENCE][..], more].concat();
            let (status, report, errors) = run(check(&more).envs(variables.iter().copied()));
            assert_eq!(status, Some(1), "{variables:?}: {report}{errors}");
            let line = report.lines().find(|line| line.contains("✗")).unwrap_or_default();
            assert!(line.contains("AWS's own variables") && line.contains(words), "{words}: {report}");
        }
        let mut serve = check(&["--audience", AUDIENCE]);
        let settings: Vec<_> = serve.get_args().skip(1).map(ToOwned::to_owned).collect();
        serve = Command::new(env!("CARGO_BIN_EXE_studio-acs"));
        serve.arg("serve").args(settings).args(["--listen", "127.0.0.1:0"]).env_clear();
        let mut list = Command::new(env!("CARGO_BIN_EXE_studio-acs"));
        list.args(ledger).env_clear();
        for command in [&mut serve, &mut list] {
            command.env("AWS_REGION", REGION).env("HOME", "/nowhere").envs(variables.iter().copied());
            let (status, output, errors) = run(command);
            let said = format!("{output}{errors}");
            assert_eq!(status, Some(2), "{variables:?}: {said}");
            assert!(said.contains(words) && !said.contains("panicked"), "{words}: {said}");
        }
    }
}

#[test]
fn variables_that_lambda_does_not_take_are_counted() {
    let run = |origins: usize| {
        let origins: Vec<_> = (0..origins).map(|at| format!("https://portal-{at:03}.corp.example")).collect();
        let mut command = check(&["--audience", AUDIENCE]);
        run(command.env("STUDIO_ACS_ALLOWED_ORIGINS", origins.join(",")))
    };
    let (_, report, errors) = run(127);
    assert!(report.contains("of 4096 bytes"), "{report}{errors}");
    let (status, report, errors) = run(130);
    assert_eq!(status, Some(0), "{report}{errors}");
    let words = "! the settings fit into a function's environment";
    assert!(report.contains(words) && report.contains("fix  move settings into a file"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn online_with_a_profiles_own_variables() {
    let moto = Moto::start();
    create_domain(&moto.sdk(), "well", &Domain::default()).await;
    create_tables(&moto.sdk()).await;
    let mut command = check(&["--audience", AUDIENCE, "--replay-table", "assertions", "--rate-table", "rates"]);
    command.args(["--format", "json", "--online", "--domain", "d-well", "--allowed-domains", "d-other"]);
    command
        .env("AWS_ENDPOINT_URL", &moto.endpoint)
        .env("AWS_ACCESS_KEY_ID", "AKIATEST")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    let (status, report, errors) = tokio::task::spawn_blocking(move || run(&mut command)).await.expect("no panic");
    assert_eq!(status, Some(0), "{report}{errors}");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["verdict"], "ok", "{report:#}");
    let rows = report["findings"].as_array().expect("a list");
    let row = |id: &str| rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("{id}: {report:#}"));
    let fields: BTreeSet<_> = row("domain").as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(fields, BTreeSet::from(["about", "fix", "found", "id", "severity", "what"]));
    assert_eq!((&row("domain")["about"], &row("domain")["severity"]), (&"d-well".into(), &"ok".into()));
    assert_eq!(row("sagemaker_address")["found"], "127.0.0.1 is 127.0.0.1, this machine: a stand-in or a tunnel");
    assert_eq!(row("clock")["severity"], "ok");
}

/// Metadata at AWS is read only when the command asks AWS.
#[tokio::test(flavor = "multi_thread")]
async fn metadata_at_aws_is_read_online() {
    let moto = Moto::start();
    let metadata = String::from_utf8(manifest::read("metadata/identity-center.xml")).expect("UTF-8");
    let ssm = aws_sdk_ssm::Client::new(&moto.sdk());
    let parameter = ssm.put_parameter().name("idp").value(metadata).r#type(aws_sdk_ssm::types::ParameterType::String);
    parameter.send().await.expect("a parameter");
    for (name, more, words) in [
        ("ssm:idp", &[][..], "it is kept at AWS\n      fix  --online reads it"),
        ("ssm:idp", &["--online"], "one identity provider\n"),
        (
            "ssm:other",
            &["--online"],
            "fix  correct the name in STUDIO_ACS_METADATA, and let the role do ssm:GetParameter",
        ),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_studio-acs"));
        command
            .args(["check", "--metadata", name, "--acs-url", ACS_URL, "--audience", AUDIENCE])
            .args(more)
            .env_clear();
        command.env("AWS_REGION", REGION).env("AWS_ENDPOINT_URL", &moto.endpoint);
        command.env("AWS_ACCESS_KEY_ID", "AKIATEST").env("AWS_SECRET_ACCESS_KEY", "test");
        let (_, report, errors) = tokio::task::spawn_blocking(move || run(&mut command)).await.expect("no panic");
        assert!(report.contains(words), "{words}: {report}{errors}");
    }
}

/// So are a ledger and a policy; only the service reads the key of resume tokens.
#[tokio::test(flavor = "multi_thread")]
async fn what_else_is_kept_at_aws_is_read_online() {
    let moto = Moto::start();
    let ssm = aws_sdk_ssm::Client::new(&moto.sdk());
    let policy = "@id(\"all\") permit (principal, action == Action::\"OpenStudio\", resource);";
    for (name, text) in [("ledger", "[[entry]]\nid = \"a\"\nuser = \"u\"\ndomain = \"d-1\"\n"), ("policy", policy)] {
        let parameter = ssm.put_parameter().name(name).value(text).r#type(aws_sdk_ssm::types::ParameterType::String);
        parameter.send().await.expect("a parameter");
    }
    for (ledger, online, words) in [
        ("ssm:ledger", &[][..], ["ssm:ledger is kept at AWS\n      fix  --online reads it", "it is kept at AWS"]),
        ("ssm:ledger", &["--online"], ["ssm:ledger, entries: 1", "all\n"]),
        ("ssm:other", &["--online"], ["ParameterNotFound", "secretsmanager:key\n"]),
    ] {
        let mut command = check(&["--audience", AUDIENCE, "--ledger", ledger, "--policy", "ssm:policy"]);
        command.args(["--resume-key", "secretsmanager:key"]).args(online).env("AWS_ENDPOINT_URL", &moto.endpoint);
        command.env("AWS_ACCESS_KEY_ID", "AKIATEST").env("AWS_SECRET_ACCESS_KEY", "test");
        let (_, report, errors) = tokio::task::spawn_blocking(move || run(&mut command)).await.expect("no panic");
        for words in words {
            assert!(report.contains(words), "{words}: {report}{errors}");
        }
    }
}

/// The start says the same as `check`, and stops.
#[test]
fn a_start_that_fails_has_the_cause_and_the_fix_of_the_checklist() {
    let good = "[[entry]]\nid = \"a\"\nuser = \"alice\"\ndomain = \"d-well\"\n";
    let metadata = manifest::path("metadata/identity-center.xml").display().to_string();
    for (setting, text, cause) in [
        ("--ledger", format!("{good}valid_until = 2026-12-31T00:00:00Z\n"), "ledger_time_unquoted"),
        ("--ledger", good.replace("entry", "entries"), "ledger_table_unknown"),
        (
            "--policy",
            "permit (principal, action == Action::\"OpenStudio\", resource)".to_owned(),
            "policy_semicolon_missing",
        ),
        ("--metadata", "<!DOCTYPE html><html></html>".to_owned(), "metadata_is_a_page"),
    ] {
        let dir = TestDir::with("text.xml", &text);
        let file = format!("{}/text.xml", dir.path());
        let common = ["--audience", AUDIENCE, "--acs-url", ACS_URL, setting, &file];
        let metadata: &[&str] = if setting == "--metadata" { &[] } else { &["--metadata", &metadata] };
        let of = |subcommand: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_studio-acs"));
            command.arg(subcommand).args(common).args(metadata).env_clear();
            command.env("AWS_REGION", REGION).env("HOME", "/nowhere");
            command
        };
        let (status, report, _) = run(of("check").args(["--listen", "127.0.0.1:0"]));
        assert_eq!(status, Some(1), "{report}");
        let (status, _, errors) = run(of("serve").args(["--listen", "127.0.0.1:0"]));
        assert_eq!(status, Some(2), "{errors}");
        assert!(errors.contains(&format!("Cause: {cause}: ")), "{errors}");
        let (_, fix) = errors.split_once("To do: ").expect("a fix");
        assert!(report.contains(&format!("      fix  {fix}")), "{fix}: {report}");
        let found = errors.lines().next().and_then(|line| line.strip_prefix("studio-acs: ")).expect("the error");
        assert!(report.contains(found), "{found}: {report}");
    }
}
