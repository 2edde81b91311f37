//! The reference pages and the deployment's contract say what the code does.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use studio_acs::Config;
use studio_acs::http::OPENAPI;
use studio_acs::http::codes::{STAGES, codes};
use studio_acs::report::check::{Item, Severity};

/// The time that the end of `serve` leaves beyond the slowest sign-in.
const MARGIN: Duration = Duration::from_secs(2);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn studio_acs(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_studio-acs")).args(args).env_clear().output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn contract() -> Value {
    serde_json::from_str(&studio_acs(&["contract"])).expect("JSON")
}

/// Fails at the first line in which a file differs from what the program says.
fn assert_same(file: &Path, wanted: &str, command: &str) {
    let found = std::fs::read_to_string(file).unwrap_or_default();
    let mut lines = found.lines().zip(wanted.lines()).enumerate();
    let differs = lines.find(|(_, (found, wanted))| found != wanted);
    assert!(found == wanted, "{} is out of date at {differs:?}; write it by `{command}`", file.display());
}

#[test]
fn pages_are_what_the_program_writes() {
    let written = std::env::temp_dir().join(format!("studio-acs-reference-{}", std::process::id()));
    studio_acs(&["reference", written.to_str().expect("UTF-8")]);
    let names = |directory: &Path| -> BTreeSet<_> {
        std::fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").file_name()).collect()
    };
    let pages = root().join("docs/reference");
    assert_eq!(names(&written), names(&pages));
    for name in names(&written) {
        let wanted = std::fs::read_to_string(written.join(&name)).expect("a page");
        assert_same(&pages.join(&name), &wanted, "cargo run -- reference docs/reference");
        for line in wanted.lines().filter(|line| line.starts_with('|')) {
            let longest = line.split(" | ").map(|cell| cell.chars().count()).max().unwrap_or_default();
            assert!(longest <= 160, "{}: a cell of {longest} characters: {line}", name.display());
        }
    }
    std::fs::remove_dir_all(&written).expect("it was written");
}

#[test]
fn the_contract_is_what_the_program_prints() {
    let file = root().join("deploy/checks/contract.json");
    assert_same(&file, &studio_acs(&["contract"]), "cargo run -- contract > deploy/checks/contract.json");
}

#[test]
fn both_commands_are_hidden() {
    let help = studio_acs(&["--help"]);
    assert!(help.contains("  verify ") && !help.contains("contract") && !help.contains("reference"), "{help}");
}

#[test]
fn each_rule_has_a_stage_and_a_protocol() {
    let codes = codes();
    for code in &codes {
        let name = code.rule.code;
        assert!(STAGES.contains(&code.rule.stage), "{name}: the stage has no place in the order");
        assert!(!code.protocols.is_empty(), "{name}: no protocol");
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'), "{name}");
    }
    let rules: BTreeSet<_> = codes.iter().map(|code| (code.rule.stage, code.rule.rule)).collect();
    assert_eq!(rules.len(), codes.len(), "each rule is listed once");
    let checks = studio_acs_saml::Check::ALL.iter().map(|check| check.rule());
    let checks: Vec<_> = checks.chain(studio_acs_jwt::Check::ALL.iter().map(|check| check.rule())).collect();
    let listed = |wanted: &str| codes.iter().position(|code| code.rule.rule == wanted);
    let missing: Vec<_> = checks.iter().filter(|rule| listed(rule).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The document lists each code that an API client is told, and no other; a refused token is told as `invalid_token`.
#[test]
fn the_api_document_lists_the_codes_of_the_token_api() {
    let document: Value = serde_json::from_str(OPENAPI).expect("JSON");
    let mut listed = BTreeSet::new();
    for response in document["components"]["responses"].as_object().expect("responses").values() {
        let problem = at(&document, &response["content"]["application/problem+json"]["schema"]);
        let Some(status) = problem["properties"]["status"]["const"].as_u64() else { continue };
        let codes = &at(&document, &problem["properties"]["code"]["anyOf"][0])["enum"];
        listed.extend(codes.as_array().expect("codes").iter().map(|code| (status, code.as_str().unwrap().to_owned())));
    }
    let told = codes().into_iter().filter(|code| code.protocols.iter().any(|protocol| protocol.as_str() == "jwt"));
    let told = told.map(|code| match (code.rule.code, code.status) {
        ("token_missing", _) => (code.status.into(), "token_missing".to_owned()),
        (_, 401) => (401, "invalid_token".to_owned()),
        (name, _) => (code.status.into(), name.to_owned()),
    });
    // Two questions, and no refusals.
    let told: BTreeSet<_> =
        told.chain(["choose_entry", "ticket_required"].map(|code| (409, code.to_owned()))).collect();
    assert_eq!(listed, told);
}

/// The schema that a `$ref` names.
fn at<'d>(document: &'d Value, reference: &Value) -> &'d Value {
    let path = reference["$ref"].as_str().unwrap_or_default().trim_start_matches('#');
    if path.is_empty() { &Value::Null } else { document.pointer(path).expect("a schema") }
}

fn config(given: &[(&str, &str)]) -> Result<Config, String> {
    let required = [("metadata", "m"), ("audience", "us"), ("acs-url", "https://us.example/saml")];
    let find = |name: &str| given.iter().chain(&required).find(|(other, _)| *other == name);
    let config = Config::read(|setting| find(setting.name).map(|(_, value)| (*value).to_owned()));
    config.map_err(|errors| errors.to_string())
}

#[test]
fn bounds_in_the_contract_are_those_of_the_settings() {
    let contract = contract();
    let mut count = 0;
    for setting in contract["settings"].as_array().expect("settings") {
        let (name, bounds) =
            (setting["name"].as_str().expect("a name"), (setting["min"].as_u64(), setting["max"].as_u64()));
        let (Some(min), Some(max)) = bounds else { continue };
        count += 1;
        let read = |value: u64| config(&[(name, &value.to_string())]);
        assert!(read(min).is_ok() && read(max).is_ok(), "{name}: {min} to {max}");
        assert!(read(max + 1).is_err(), "{name}: {max} is the greatest value");
        assert!(min == 0 || read(min - 1).is_err(), "{name}: {min} is the least value");
    }
    let numbers = contract["settings"].as_array().expect("settings").iter();
    let numbers = numbers.filter(|setting| {
        setting["range"].as_str().is_some_and(|range| range.contains(" to 1") || range.starts_with(char::is_numeric))
    });
    assert!(count >= numbers.count() && count > 20, "each range of numbers has its bounds");
}

#[test]
fn the_worst_case_is_the_time_that_serve_leaves_to_requests() {
    let contract = contract();
    for (provision, times) in [("off", "times"), ("on", "times_with_provision")] {
        let settings = ["request-timeout", "table-timeout", "mint-timeout", "audit-timeout"];
        for longer in settings.into_iter().chain([""]) {
            let seconds = |name: &str| if name == longer { 7 } else { 2 };
            let steps = contract["worst_case_seconds"].as_array().expect("steps").iter();
            let worst = steps.map(|step| {
                let seconds =
                    step["setting"].as_str().map_or_else(|| step["seconds"].as_u64().expect("seconds"), seconds);
                step[times].as_u64().expect("times") * seconds
            });
            let given = settings.map(|name| (name, seconds(name).to_string()));
            let given: Vec<_> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let provision = [("provision", provision), ("ledger", "ledger.toml")];
            let given: Vec<_> = given.into_iter().chain(provision).collect();
            let drain = config(&given).expect("a configuration").limits.drain;
            assert_eq!(Duration::from_secs(worst.sum()) + MARGIN, drain, "{times}, {longer}");
        }
    }
}

#[test]
fn each_item_of_check_lists_a_fault() {
    for item in Item::ALL {
        assert!(item.faults().iter().all(|(severity, _)| *severity > Severity::Ok), "{}", item.id());
    }
}
