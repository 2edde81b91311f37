//! The command line's arguments.

pub(crate) mod audit;
pub(crate) mod config;
pub(crate) mod contract;
pub(crate) mod ledger;
pub(crate) mod policy;
pub(crate) mod reference;

use std::io::Read as _;

use clap::{Arg, ArgAction, ArgMatches, Command};
use studio_acs::Config;
use studio_acs::config::{ConfigError, ConfigErrors, SETTINGS, SetBy, Setting};

/// A failure before any verdict: usage and configuration. Exit status 2.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// The settings that `verify` knows for a response, that it knows for a token, and that `metadata` knows; `serve` knows
/// all.
const VERIFY: &[&str] = &[
    CONFIG,
    "metadata",
    "audience",
    "acs-url",
    "user-attribute",
    "domain-attribute",
    "group-attribute",
    REQUIRE_GROUPS,
    "ledger",
    "policy",
    "allowed-domains",
    "require-signed",
    SKEW,
    "max-age",
];
const VERIFY_TOKEN: &[&str] = &[
    "token-issuer",
    "token-jwks",
    "token-audience",
    "token-use",
    "token-scope",
    "token-algorithms",
    "token-user-claim",
    "token-group-claim",
    "token-max-age",
];
/// Instead of a response.
pub(crate) const TOKEN: &str = "token";
/// Every command that reads settings has it.
pub(crate) const CONFIG: &str = "config";
/// Both protocols have it.
const SKEW: &str = "skew";
const REQUIRE_GROUPS: &str = "require-groups";
/// The settings of our own metadata: our names, and the attributes that are read.
const METADATA: &[&str] = &[
    CONFIG,
    "audience",
    "acs-url",
    "user-attribute",
    "domain-attribute",
    "group-attribute",
    REQUIRE_GROUPS,
    "ledger",
    "policy",
];

/// The command with its subcommands.
pub(crate) fn command() -> Command {
    Command::new("studio-acs")
        .about(
            "A SAML Assertion Consumer Service that turns a verified sign-in into an Amazon SageMaker Studio session",
        )
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("demo")
                .about("Shows the whole way on this machine: a portal, the service, stand-ins for SageMaker and Studio")
                .arg(
                    Arg::new("port")
                        .long("port")
                        .value_name("PORT")
                        .default_value("8400")
                        .help("The portal's port; the next three are used too, 0 for any"),
                )
                .arg(
                    Arg::new("confirm")
                        .long("confirm")
                        .value_name("RULE")
                        .value_parser(["never", "always"])
                        .default_value("never")
                        .help("Whether a page first asks whose the sign-in is"),
                )
                .after_help("Nothing leaves this machine, and nothing is needed but a browser."),
        )
        .subcommand(
            Command::new("serve")
                .about("Serves the ACS over HTTP, for a TLS proxy or load balancer in front of it")
                .args(SETTINGS.iter().map(flag)),
        )
        .subcommand(contract::command())
        .subcommand(reference::command())
        .subcommand(verify_command())
        .subcommand(check_command())
        .subcommand(config::command())
        .subcommand(ledger::command())
        .subcommand(policy::command())
        .subcommand(audit::command())
        .subcommand(
            Command::new("metadata")
                .about("Prints what to type into the Identity Center console, or our SP metadata")
                .args(SETTINGS.iter().filter(|setting| METADATA.contains(&setting.name)).map(flag))
                .arg(format(["text", "xml"]).help("Console values, or the metadata document")),
        )
}

fn verify_command() -> Command {
    let response = SETTINGS.iter().filter(|setting| VERIFY.contains(&setting.name)).map(|setting| match setting.name {
        CONFIG | SKEW | REQUIRE_GROUPS => flag(setting),
        _ => flag(setting).conflicts_with(TOKEN),
    });
    let token = SETTINGS.iter().filter(|setting| VERIFY_TOKEN.contains(&setting.name));
    Command::new("verify")
        .about("Replays a captured response or token and says what the server would say")
        .args(response)
        .args(token.map(|setting| flag(setting).conflicts_with("file")))
        .arg(
            Arg::new("at")
                .long("at")
                .value_name("RFC3339")
                .help("The time to verify at, such as 2026-01-15T10:00:00Z [default: now]"),
        )
        .arg(
            Arg::new("in-response-to")
                .long("in-response-to")
                .value_name("ID")
                .conflicts_with(TOKEN)
                .help("The ID of the request that the response may answer"),
        )
        .arg(format(["text", "json"]))
        .arg(
            Arg::new(TOKEN)
                .long(TOKEN)
                .value_name("FILE")
                .help("Instead of a response, a token for the token API, with or without `Authorization: Bearer` before it; - is standard input"),
        )
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .required_unless_present(TOKEN)
                .conflicts_with(TOKEN)
                .help("The XML, its base64, or the whole form body; - is standard input"),
        )
        .after_help("Exit status: 0 accepted, 1 rejected, 2 usage or configuration.")
}

fn check_command() -> Command {
    Command::new("check")
        .about("Says whether a deployment is as it must be, and what to change, before anybody signs in")
        .args(SETTINGS.iter().map(flag))
        .arg(
            Arg::new("online")
                .long("online")
                .action(ArgAction::SetTrue)
                .help("Ask AWS too, with read-only calls; needs credentials"),
        )
        .arg(
            Arg::new("domain")
                .long("domain")
                .value_name("ID")
                .action(ArgAction::Append)
                .requires("online")
                .help("A Studio domain to look at, and others with --domain again [default: the allowed ones, or those that SageMaker lists]"),
        )
        .arg(Arg::new("strict").long("strict").action(ArgAction::SetTrue).help("Count warnings as errors"))
        .arg(format(["text", "json"]))
        .after_help("Exit status: 0 no errors, 1 errors (with --strict, or warnings), 2 usage or configuration.")
}

/// In which of these formats to report, the first without the flag.
fn format(formats: [&'static str; 2]) -> Arg {
    let [first, _] = formats;
    let format = Arg::new("format").long("format").value_name("FORMAT").default_value(first);
    format.value_parser(formats).help("How to report")
}

/// Whether the report is to be JSON.
pub(crate) fn wants_json(flags: &ArgMatches) -> bool {
    flags.get_one::<String>("format").is_some_and(|format| format == "json")
}

/// A setting's value as a flag.
pub(crate) fn given(flags: &ArgMatches, setting: &Setting) -> Option<String> {
    flags.try_get_one::<String>(setting.name).ok().flatten().cloned()
}

/// The configuration of a command that has no part in sign-ins: service provider and trust may be unset.
async fn partial_config(flags: &ArgMatches) -> Result<Config, ConfigErrors> {
    Config::load(|setting| {
        let unused = setting.default.is_none().then(|| setting.example.to_owned());
        given(flags, setting).or(unused)
    })
    .await
}

/// The configuration of a command that judges tokens: it has at least one issuer; SAML sign-in and the ledger may be
/// unset.
pub(crate) async fn token_config(flags: &ArgMatches) -> Result<Config, ConfigErrors> {
    // A token is judged without metadata and the like, and without a ledger where there is none: the first reading fails
    // for the lack of it.
    let load = |unused: &'static [&'static str]| {
        Config::load(move |setting| {
            let is_unused = setting.default.is_none() || unused.contains(&setting.name);
            if is_unused { Some(setting.example.to_owned()) } else { given(flags, setting) }
        })
    };
    let config = match load(&[]).await {
        Ok(config) => config,
        Err(_) => load(&["ledger"]).await?,
    };
    if config.token_issuers.is_empty() {
        let needed = ["token-issuer", "token-jwks", "token-audience"];
        let needed = SETTINGS.iter().filter(|setting| needed.contains(&setting.name));
        let unset =
            |setting| ConfigError::Wrong { setting, set_by: SetBy::Default, reason: "it is not set".to_owned() };
        return Err(ConfigErrors(needed.map(unset).collect()));
    }
    Ok(config)
}

/// Reads `file`; standard input for `-`.
pub(crate) fn read_input(file: &str) -> Result<Vec<u8>, Failure> {
    input(file).map_err(|error| format!("{file}: {error}").into())
}

/// The same for a token. Should it be given in place of the file's name, no message repeats it.
pub(crate) fn read_token(file: &str) -> Result<Vec<u8>, Failure> {
    let advice = "a token itself goes into a file, or to standard input with -";
    input(file).map_err(|error| format!("--token: the file cannot be read: {error}; {advice}").into())
}

fn input(file: &str) -> std::io::Result<Vec<u8>> {
    let mut input = Vec::new();
    match file {
        "-" => std::io::stdin().read_to_end(&mut input).map(|_| input),
        file => std::fs::read(file),
    }
}

fn flag(setting: &'static Setting) -> Arg {
    let default = match setting.default {
        None => " [required]".to_owned(),
        Some("") => String::new(),
        Some(default) => format!(" [default: {default}]"),
    };
    let help = format!("{} ({}) [env: {}]{default}", setting.meaning, setting.range, setting.variable());
    Arg::new(setting.name).long(setting.name).value_name("VALUE").help(help)
}
