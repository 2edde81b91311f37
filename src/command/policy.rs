//! `studio-acs policy`: what the access policy says, and whether it says what it should.

use aws_config::SdkConfig;
use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::ExitCode;
use studio_acs::config::SETTINGS;
use studio_acs::report::groups;
use studio_acs::{Clock, Config, service};
use studio_acs_broker::PolicySource;
use studio_acs_identity::GroupUse;
use studio_acs_ledger::{Ledger, Listing};
use studio_acs_policy::{Need, Policies, Rule, cases};

use super::{CONFIG, Failure, flag, format, partial_config, read_input, wants_json};

/// The settings that these commands know.
const OURS: &[&str] = &[CONFIG, "policy", "time-zone"];
/// The other setting of `show`: the ledger whose groups it compares.
const LEDGER: &str = "ledger";

pub(crate) fn command() -> Command {
    let with_settings =
        |command: Command| command.args(SETTINGS.iter().filter(|setting| OURS.contains(&setting.name)).map(flag));
    let subcommands = [
        Command::new("test")
            .about("Asks the policy tables of cases, and compares")
            .arg(
                Arg::new("cases")
                    .value_name("CASES")
                    .required(true)
                    .num_args(1..)
                    .help("Files of [[case]], in TOML; - is standard input"),
            )
            .after_help("Exit status: 0 all as expected, 1 another answer, 2 usage, or files that cannot be meant."),
        Command::new("show")
            .about("Prints each policy: its name, what it tells whom it refuses, which facts it reads, and what may not be meant so")
            .args(SETTINGS.iter().filter(|setting| setting.name == LEDGER).map(flag))
            .arg(format(["text", "json"])),
    ];
    Command::new("policy")
        .about("Tests and shows the access policy: docs/policy.md")
        .subcommand_required(true)
        .subcommands(subcommands.map(with_settings))
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let Some((name, flags)) = flags.subcommand() else { return Err("a command is needed".into()) };
    let config = partial_config(flags).await?;
    let is_at_aws = config.broker.policies.iter().any(PolicySource::is_remote)
        || (name == "show" && config.broker.ledger.as_ref().is_some_and(|rules| rules.source.is_at_aws()));
    let sdk = if is_at_aws { studio_acs_aws::sdk(config.mint.timeout).await? } else { SdkConfig::builder().build() };
    let policies = service::policies(&config, &sdk).await?;
    let (report, is_well) = match name {
        "test" => test(flags, &policies)?,
        _ => (show(flags, &policies, listing(&config, &sdk).await?.as_ref()), true),
    };
    std::io::stdout().write_all(report.as_bytes())?;
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// A line for each case, and whether all are as expected.
fn test(flags: &ArgMatches, policies: &Policies) -> Result<(String, bool), Failure> {
    let (mut outcomes, mut report) = (Vec::new(), String::new());
    for file in flags.get_many::<String>("cases").unwrap_or_default() {
        let text = String::from_utf8(read_input(file)?).map_err(|error| format!("{file}: {error}"))?;
        let found = cases::run(&text, policies).map_err(|error| format!("{file}: {error}"))?;
        report.push_str(&format!("{file}\n"));
        report.extend(found.iter().map(|outcome| format!("  {}\n", outcome.to_string().replace('\n', "\n  "))));
        outcomes.extend(found);
    }
    let failed = outcomes.iter().filter(|outcome| !outcome.passed()).count();
    let undecided = cases::undecided(&outcomes, policies);
    if !undecided.is_empty() {
        report.push_str(&format!("warning: no case is decided by {}\n", undecided.join(", ")));
    }
    report.push_str(&format!("cases: {}, failed: {failed}\n", outcomes.len()));
    Ok((report, failed == 0))
}

/// The ledger's content; `None` if none is set.
async fn listing(config: &Config, sdk: &SdkConfig) -> Result<Option<Listing>, Failure> {
    let (Some(rules), now) = (&config.broker.ledger, Clock::system().now()) else { return Ok(None) };
    let ledger = Ledger::start(rules.clone(), sdk, now).await.map_err(|error| format!("STUDIO_ACS_LEDGER: {error}"))?;
    let listing = ledger.list(now).await.map_err(|error| format!("STUDIO_ACS_LEDGER: {}: {error}", rules.source))?;
    Ok(Some(listing))
}

/// Each policy, with the parts that its author may not intend.
fn show(flags: &ArgMatches, policies: &Policies, ledger: Option<&Listing>) -> String {
    let entries = ledger.map(Listing::groups).unwrap_or_default();
    let rules = policies.rules().iter().map(|rule| (rule, groups::warnings(rule, policies, &entries)));
    if wants_json(flags) {
        return format!("{}\n", Value::from_iter(rules.map(|(rule, warnings)| shown(rule, &warnings))));
    }
    rules.map(|(rule, warnings)| described(rule, warnings)).collect()
}

fn described(rule: &Rule, warnings: Vec<String>) -> String {
    let effect = if rule.permits() { "permit" } else { "forbid" };
    let mut lines = format!("{} ({effect}, {})\n", rule.id(), rule.place());
    let seconds = rule.session_seconds().map(|seconds| format!("{seconds} s"));
    let reads = rule.reads().collect::<Vec<_>>().join(", ");
    let named = rule.groups().collect::<Vec<_>>().join(", ");
    for (what, text) in [
        ("reason", rule.reason().map(str::to_owned)),
        ("needs", rule.needs().map(|need| need.as_str().to_owned())),
        ("session", seconds),
        ("reads", (!reads.is_empty()).then_some(reads)),
        ("groups", (!named.is_empty()).then_some(named)),
    ]
    .into_iter()
    .chain(warnings.into_iter().map(|warning| ("warning", Some(warning))))
    {
        lines.extend(text.map(|text| format!("  {what:<8} {text}\n")));
    }
    lines
}

/// The use that the rule makes of the user's groups, in a word.
fn group_use(rule: &Rule) -> &'static str {
    match rule.group_use() {
        GroupUse::Unread => "none",
        GroupUse::Widens => "widens",
        GroupUse::Restricts => "restricts",
    }
}

fn shown(rule: &Rule, warnings: &[String]) -> Value {
    json!({
        "id": rule.id(),
        "effect": if rule.permits() { "permit" } else { "forbid" },
        "place": rule.place().to_string(),
        "reason": rule.reason(),
        "needs": rule.needs().map(Need::as_str),
        "session_seconds": rule.session_seconds(),
        "reads": rule.reads().collect::<Vec<_>>(),
        "groups": rule.groups().collect::<Vec<_>>(),
        "group_use": group_use(rule),
        "warnings": warnings,
    })
}
