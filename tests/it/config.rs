//! The configuration as operators give it: flags, variables and a file, and the commands that show and write one.

use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use studio_acs_refusal::instant;
use support::TestDir;
use support::issuer::{ISSUER, Issuer, claims, key_set, with};
use support::moto::Moto;

const ENOUGH: &str =
    "[saml]\naudience = 'us'\nacs_url = ['https://us.example/saml']\n[[saml.idp]]\nmetadata = '/nowhere'\n";

/// The command with these arguments and variables, and nothing else of the environment.
fn command(args: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_studio-acs"));
    command.args(args).env_clear().env("AWS_REGION", "eu-central-1").envs(variables.iter().copied());
    command.stdin(Stdio::null());
    command
}

fn run(args: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String, String) {
    read(command(args, variables).output().expect("the command runs"))
}

fn read(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A file, for as long as a test, and its path.
fn file(text: &str) -> (TestDir, String) {
    let dir = TestDir::with("studio-acs.toml", text);
    let path = format!("{}/studio-acs.toml", dir.path());
    (dir, path)
}

/// The value and the origin of a setting, as `config show` tells them.
fn shown(args: &[&str], variables: &[(&str, &str)], setting: &str) -> (String, String) {
    let (status, output, errors) = run(&[&["config", "show", "--format", "json"], args].concat(), variables);
    assert_eq!(status, Some(0), "{errors}");
    let all: Value = serde_json::from_str(&output).expect("JSON");
    let all = all["settings"].as_array().expect("settings");
    let one = all.iter().find(|one| one["setting"] == setting).unwrap_or_else(|| panic!("{setting}: {output}"));
    let text = |name: &str| one[name].as_str().expect("a text").to_owned();
    (text("value"), text("origin"))
}

#[test]
fn a_flag_goes_before_a_variable_and_a_variable_before_the_file() {
    let (_dir, path) = file(&format!("{ENOUGH}[rate]\nper_user = 3\n"));
    let (config, variable) = (("STUDIO_ACS_CONFIG", path.as_str()), ("STUDIO_ACS_RATE_PER_USER", "4"));
    let per_user = |args: &[&str], variables: &[_]| shown(args, variables, "rate.per_user");
    let said = |value: &str, origin: &str| (value.to_owned(), origin.to_owned());
    let by_flag = per_user(&["--rate-per-user", "5"], &[config, variable]);
    assert_eq!(by_flag, said("5", "flag --rate-per-user"));
    assert_eq!(per_user(&[], &[config, variable]), said("4", "variable STUDIO_ACS_RATE_PER_USER"));
    assert_eq!(per_user(&[], &[config]), said("3", &format!("{path}:7")));
    assert_eq!(per_user(&[], &[config, ("STUDIO_ACS_RATE_PER_USER", "")]), said("3", &format!("{path}:7")));
    assert_eq!(shown(&["--config", &path], &[], "rate.global"), said("600", "default"));
    // The file, too, is named by a flag before a variable.
    let (_other_dir, other) = file(&format!("{ENOUGH}[rate]\nper_user = 7\n"));
    assert_eq!(per_user(&["--config", &other], &[config]), said("7", &format!("{other}:7")));
}

/// Each command that reads settings reads the file.
#[test]
fn a_bad_file_stops_each_command_with_its_line_and_an_example() {
    let bad = [
        (
            format!("{ENOUGH}[rate]\nper_usr = 3\n").into_bytes(),
            7,
            "rate.per_usr: there is no such setting: the nearest is rate.per_user; for example per_user = 10 under [rate]",
        ),
        (
            format!("{ENOUGH}[rate]\nper_user = 3\nper_user = 3\n").into_bytes(),
            8,
            "rate.per_user: the same key or table twice; for example per_user = 10 under [rate]",
        ),
        (
            [ENOUGH.as_bytes(), b"[ledger]\nsource = '\xff'\n"].concat(),
            7,
            "ledger.source: a byte that is not UTF-8; for example source = \"dynamodb:studio-acs-ledger\" under [ledger]",
        ),
    ];
    for (text, line, expected) in bad {
        let dir = TestDir::with("name", "");
        let path = format!("{}/studio-acs.toml", dir.path());
        std::fs::write(&path, text).expect("a file");
        for command in [
            &["serve"][..],
            &["check"],
            &["config", "show"],
            &["metadata"],
            &["verify", "-"],
            &["verify", "--token", "-"],
            &["ledger", "list"],
            &["policy", "show"],
        ] {
            let (status, output, errors) = run(&[command, &["--config", &path]].concat(), &[]);
            assert_eq!((status, output.as_str()), (Some(2), ""), "{command:?}: {errors}");
            let expected = format!("studio-acs: {path}:{line}: {expected}\n");
            assert_eq!(errors, expected, "{command:?}");
        }
    }
    let (status, _, errors) = run(&["serve", "--config", "/nowhere.toml"], &[]);
    let expected =
        "studio-acs: STUDIO_ACS_CONFIG (--config): /nowhere.toml: No such file or directory (os error 2). It is ";
    assert!(status == Some(2) && errors.starts_with(expected) && errors.lines().count() == 1, "{errors}");
    let misspelt = [("STUDIO_ACS_RATE_PER_USR", "3")];
    let (_dir, path) = file(ENOUGH);
    let (status, _, errors) = run(&["config", "show", "--config", &path], &misspelt);
    let expected =
        "studio-acs: STUDIO_ACS_RATE_PER_USR: there is no such setting: the nearest is STUDIO_ACS_RATE_PER_USER\n";
    assert_eq!((status, errors.as_str()), (Some(2), expected));
}

#[test]
fn no_secret_is_shown_or_repeated() {
    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    let (_dir, path) = file(&format!(
        "{ENOUGH}[audit]\nwebhook = 'https://siem.example/in?key={SECRET}'\nwebhook_secret = 'secretsmanager:hook'\n"
    ));
    let (status, output, errors) = run(&["config", "show", "--config", &path], &[]);
    assert_eq!(status, Some(0), "{errors}");
    assert!(output.contains("webhook = \"https://siem.example/in?…\"") && !output.contains(SECRET), "{output}");
    assert!(output.contains(&format!("webhook_secret = \"secretsmanager:hook\"   # {path}:8\n")), "{output}");
    // A secret that stands where its place belongs, or is no TOML.
    for setting in [
        "resume-key",
        "audit-webhook-secret",
        "audit-splunk-token",
        "audit-datadog-key",
        "audit-sumo-logic",
        "audit-seal-key",
    ] {
        let (status, output, errors) =
            run(&["config", "show", "--config", &path, &format!("--{setting}={SECRET}")], &[]);
        assert_eq!((status, output.as_str()), (Some(2), ""), "{setting}");
        assert!(errors.contains("it is no place of a secret") && !errors.contains(SECRET), "{errors}");
    }
    for line in [
        format!("[resume]\nkey = '{SECRET}'\n"),
        format!("[resume]\nkey = '{SECRET}\n"),
        format!("[resume]\nkey = {SECRET}\n"),
        format!("{SECRET}\n"),
    ] {
        let (_dir, path) = file(&format!("{ENOUGH}{line}"));
        let (status, output, errors) = run(&["config", "show", "--config", &path], &[]);
        assert_eq!((status, output.as_str()), (Some(2), ""), "{line}");
        assert!(!errors.contains(SECRET), "{errors}");
    }
}

#[test]
fn init_writes_a_file_that_changes_nothing_and_never_over_another() {
    let dir = TestDir::with("other.toml", "kept");
    let (path, other) = (format!("{}/new.toml", dir.path()), format!("{}/other.toml", dir.path()));
    let (status, output, errors) = run(&["config", "init", &path], &[]);
    assert_eq!(
        (status, output),
        (Some(0), format!("{path} is written: every setting is in it, commented out\n")),
        "{errors}"
    );
    let written = std::fs::read_to_string(&path).expect("a file");
    assert_eq!(run(&["config", "init", "-"], &[]), (Some(0), written, String::new()));
    let (status, output, errors) = run(&["config", "init", &other], &[]);
    assert_eq!((status, output.as_str()), (Some(2), ""));
    assert!(errors.contains(&format!("{other}: the file exists, and is left as it is")), "{errors}");
    assert_eq!(std::fs::read_to_string(&other).expect("a file"), "kept");
    let required = ["--metadata", "m", "--audience", "us", "--acs-url", "https://us.example/saml"];
    let show = |more: &[&str]| run(&[&["config", "show"], &required[..], more].concat(), &[]);
    let (status, by_default, errors) = show(&[]);
    assert_eq!(status, Some(0), "{errors}");
    assert_eq!(show(&["--config", &path]), (Some(0), by_default, String::new()));
    // Without what must be given, it is named.
    let (status, _, errors) = run(&["config", "show", "--config", &path], &[]);
    assert!(status == Some(2) && errors.contains("STUDIO_ACS_AUDIENCE (--audience): it is not set"), "{errors}");
}

#[test]
fn what_is_shown_is_a_file_that_shows_the_same() {
    let (_dir, path) = file(&format!(
        "{ENOUGH}[[saml.idp]]\nmetadata = ['a', 'b']\n[ledger]\nsource = 'l'\n[[token_api.issuer]]\nissuer = 'https://a.example'\n\
         jwks = 'k'\naudience = 'x'\n[[token_api.issuer]]\nissuer = 'https://b.example'\njwks = 'k'\naudience = 'y'\n"
    ));
    let (status, output, errors) = run(&["config", "show", "--config", &path], &[("STUDIO_ACS_SKEW", "30")]);
    assert_eq!(status, Some(0), "{errors}");
    let (_again_dir, again) = file(&output);
    let (status, repeated, errors) = run(&["config", "show", "--config", &again], &[]);
    assert_eq!(status, Some(0), "{errors}");
    let values = |text: &str| {
        text.lines().map(|line| line.split(" # ").next().unwrap().trim_end().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(values(&repeated), values(&output));
    assert_eq!(output.matches("[[token_api.issuer]]").count(), 2, "{output}");
}

#[test]
fn verify_judges_a_token_by_the_issuer_that_it_names() {
    const OTHER: &str = "https://two.example";
    let (one, two) = (Issuer::new("one"), Issuer::new("two"));
    let keys = TestDir::with("one.json", &key_set(&[&one]));
    std::fs::write(format!("{}/two.json", keys.path()), key_set(&[&two])).expect("a file");
    let (_dir, config) = file(&format!(
        "[[token_api.issuer]]\nissuer = '{ISSUER}'\njwks = '{0}/one.json'\naudience = 'portal'\n\
         [[token_api.issuer]]\nissuer = '{OTHER}'\njwks = '{0}/two.json'\naudience = 'portal'\nuser_claim = 'oid'\n",
        keys.path()
    ));
    let claims = with(claims("alice", instant::parse("2026-01-15T10:00:00Z").expect("a time")), "oid", json!("a-1"));
    let of_two = with(claims.clone(), "iss", json!(OTHER));
    let verify = |token: &str| {
        let token = TestDir::with("token", token);
        let path = format!("{}/token", token.path());
        let args =
            ["verify", "--config", &config, "--token", &path, "--at", "2026-01-15T10:00:10Z", "--format", "json"];
        let (status, json, errors) = run(&args, &[]);
        let json: Value = serde_json::from_str(&json).unwrap_or_else(|_| panic!("{json}{errors}"));
        let told = if json["verdict"] == "accept" { &json["user"] } else { &json["error"]["code"] };
        (status, told.as_str().expect("a text").to_owned())
    };
    for (token, status, told) in [
        (one.sign(&claims), 0, "alice"),
        (two.sign(&of_two), 0, "a-1"),
        (one.sign(&of_two), 1, "token_key_unknown"),
        (one.sign(&with(claims, "iss", json!("https://three.example"))), 1, "token_issuer_mismatch"),
        ("what?".to_owned(), 1, "token_malformed"),
    ] {
        assert_eq!(verify(&token), (Some(status), told.to_owned()));
    }
    let args = ["verify", "--config", &config, "--token", "-", "--token-use", "access"];
    let (status, _, errors) = run(&args, &[]);
    let expected = "studio-acs: STUDIO_ACS_TOKEN_USE (--token-use): it is set, and the file has 2 tables [[token_api.issuer]]: write it there. It is ";
    assert!(status == Some(2) && errors.starts_with(expected), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_may_be_a_parameter() {
    let moto = Moto::start();
    let put = aws_sdk_ssm::Client::new(&moto.sdk()).put_parameter().name("/studio-acs/config").value(ENOUGH);
    put.r#type(aws_sdk_ssm::types::ParameterType::String).send().await.expect("a parameter");
    let variables = [
        ("STUDIO_ACS_CONFIG", "ssm:/studio-acs/config"),
        ("AWS_ENDPOINT_URL_SSM", moto.endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    assert_eq!(shown(&[], &variables, "saml.audience"), ("us".to_owned(), "ssm:/studio-acs/config:2".to_owned()));
    let wrong = [&[("STUDIO_ACS_CONFIG", "ssm:/nobody")], &variables[1..]].concat();
    let (status, _, errors) = run(&["config", "show"], &wrong);
    let expected = "studio-acs: STUDIO_ACS_CONFIG (--config): ssm:/nobody: ParameterNotFound: ";
    assert!(
        status == Some(2) && errors.starts_with(expected) && errors.contains(" It is the configuration file"),
        "{errors}"
    );
}
