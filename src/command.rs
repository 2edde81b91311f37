//! What the command line takes.

use clap::{Arg, ArgAction, Command};
use studio_acs::config::{SETTINGS, Setting};

/// The settings that `verify` and `metadata` know; `serve` knows all.
const DOOR: &[&str] = &[
    "metadata",
    "audience",
    "acs-url",
    "user-attribute",
    "domain-attribute",
    "allowed-domains",
    "require-signed",
    "skew",
    "max-age",
];
const WHO_WE_ARE: &[&str] = &["audience", "acs-url", "user-attribute", "domain-attribute"];

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
                .after_help("Nothing leaves this machine, and nothing is needed but a browser."),
        )
        .subcommand(
            Command::new("serve")
                .about("Serves the ACS over HTTP, for a TLS proxy or load balancer in front of it")
                .args(SETTINGS.iter().map(flag)),
        )
        .subcommand(
            Command::new("verify")
                .about("Replays a captured response and says what the server would say")
                .args(SETTINGS.iter().filter(|setting| DOOR.contains(&setting.name)).map(flag))
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
                        .help("The ID of the request that the response may answer"),
                )
                .arg(
                    Arg::new("format")
                        .long("format")
                        .value_name("FORMAT")
                        .default_value("text")
                        .value_parser(["text", "json"])
                        .help("How to report"),
                )
                .arg(
                    Arg::new("file")
                        .value_name("FILE")
                        .required(true)
                        .help("The XML, its base64, or the whole form body; - is standard input"),
                )
                .after_help("Exit status: 0 accepted, 1 rejected, 2 usage or configuration."),
        )
        .subcommand(check_command())
        .subcommand(
            Command::new("audit")
                .about("Looks into the flight recorder's records")
                .subcommand_required(true)
                .subcommand(
                    Command::new("verify")
                        .about("Finds the first record that is altered, missing or out of order")
                        .arg(
                            Arg::new("unordered")
                                .long("unordered")
                                .num_args(0)
                                .action(ArgAction::SetTrue)
                                .help("Puts the records into order first, for sinks that keep none, such as Firehose"),
                        )
                        .arg(
                            Arg::new("file")
                                .value_name("FILE")
                                .required(true)
                                .num_args(1..)
                                .help("Lines of JSON, read one file after the other; - is standard input"),
                        )
                        .after_help("Exit status: 0 whole, 1 broken, 2 usage, or nothing to verify."),
                ),
        )
        .subcommand(
            Command::new("metadata")
                .about("Prints what to type into the Identity Center console, or our SP metadata")
                .args(SETTINGS.iter().filter(|setting| WHO_WE_ARE.contains(&setting.name)).map(flag))
                .arg(
                    Arg::new("format")
                        .long("format")
                        .value_name("FORMAT")
                        .default_value("text")
                        .value_parser(["text", "xml"])
                        .help("Console values, or the metadata document"),
                ),
        )
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
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .default_value("text")
                .value_parser(["text", "json"])
                .help("How to report"),
        )
        .after_help("Exit status: 0 no errors, 1 errors (with --strict, or warnings), 2 usage or configuration.")
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
