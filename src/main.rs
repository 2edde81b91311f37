//! The `studio-acs` command.

use std::io::{BufRead, Read as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command};
use studio_acs::broker::audit::verify::{VerifyError, verify as verify_records};
use studio_acs::config::{SETTINGS, Setting};
use studio_acs::report::{Verdict, read_captured};
use studio_acs::{App, Clock, Config, app, demo, http, log, server, sp_metadata};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What goes wrong before there is a verdict: usage and configuration. Exit status 2.
type Failure = Box<dyn std::error::Error>;

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
/// The demo takes three more after it.
const LAST_DEMO_PORT: u16 = 65_532;
/// How long the last records may take to reach their sinks once the process is told to end.
const LAST_RECORDS: Duration = Duration::from_secs(5);
const WHO_WE_ARE: &[&str] = &["audience", "acs-url", "user-attribute", "domain-attribute"];

fn main() -> ExitCode {
    let matches = command().get_matches();
    let outcome = match matches.subcommand() {
        Some(("demo", flags)) => run_demo(flags),
        Some(("serve", flags)) => serve(flags),
        Some(("verify", flags)) => verify(flags),
        Some(("metadata", flags)) => metadata(flags),
        Some(("audit", flags)) => audit(flags),
        _ => Err("a command is needed".into()),
    };
    outcome.unwrap_or_else(|failure| {
        // Nothing can be done where standard error is closed.
        let _ = writeln!(std::io::stderr(), "studio-acs: {failure}");
        ExitCode::from(2)
    })
}

fn command() -> Command {
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

fn flag(setting: &'static Setting) -> Arg {
    let default = match setting.default {
        None => " [required]".to_owned(),
        Some("") => String::new(),
        Some(default) => format!(" [default: {default}]"),
    };
    let help = format!("{} ({}) [env: {}]{default}", setting.meaning, setting.range, setting.variable());
    Arg::new(setting.name).long(setting.name).value_name("VALUE").help(help)
}

/// A setting's value as a flag.
fn given(flags: &ArgMatches, setting: &Setting) -> Option<String> {
    flags.try_get_one::<String>(setting.name).ok().flatten().cloned()
}

#[tokio::main]
async fn serve(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let config = Config::from_env(|setting| given(flags, setting))?;
    log::start(config.log);
    let (listen, limits, acs_path) = (config.listen, config.limits.clone(), config.acs_path.clone());
    let app = App::start(config).await?;
    let listener = server::bind(listen).map_err(studio_acs::StartError::Listen)?;
    tracing::info!(address = %listener.local_addr()?, acs_path, "serving");
    let app = Arc::new(app);
    server::run(listener, http::router(Arc::clone(&app)), limits).await;
    app.flush_records(LAST_RECORDS).await;
    Ok(ExitCode::SUCCESS)
}

#[tokio::main(flavor = "current_thread")]
async fn verify(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let config = Config::from_env(|setting| given(flags, setting))?;
    let text = |name| flags.get_one::<String>(name).map(String::as_str);
    let at = match text("at") {
        None => Clock::system().now(),
        Some(at) => OffsetDateTime::parse(at, &Rfc3339)
            .map_err(|error| format!("--at {at}: {error}; a time is written 2026-01-15T10:00:00Z"))?
            .to_utc(),
    };
    let capture = read_input(text("file").unwrap_or("-"))?;
    let trust = app::trust(&config, at).await?;
    let verdict = Verdict::of(read_captured(&capture), &trust.verifier, &config.identity, text("in-response-to"), at);
    let report = if text("format") == Some("json") { format!("{}\n", verdict.json()) } else { verdict.to_string() };
    std::io::stdout().write_all(report.as_bytes())?;
    Ok(if verdict.is_accepted() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn read_input(file: &str) -> Result<Vec<u8>, Failure> {
    let mut capture = Vec::new();
    let read = match file {
        "-" => std::io::stdin().read_to_end(&mut capture).map(|_| capture),
        file => std::fs::read(file),
    };
    read.map_err(|error| format!("{file}: {error}").into())
}

fn audit(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let Some(("verify", flags)) = flags.subcommand() else { return Err("a command is needed".into()) };
    let mut input: Box<dyn BufRead> = Box::new(std::io::empty());
    for file in flags.get_many::<String>("file").unwrap_or_default() {
        let more: Box<dyn BufRead> = match file.as_str() {
            "-" => Box::new(std::io::stdin().lock()),
            path => {
                let opened = std::fs::File::open(path).map_err(|error| format!("{path}: {error}"))?;
                Box::new(std::io::BufReader::new(opened))
            }
        };
        input = Box::new(input.chain(more));
    }
    match verify_records(input, flags.get_flag("unordered")) {
        Ok(report) => std::io::stdout().write_all(report.to_string().as_bytes())?,
        Err(VerifyError::Broken(broken)) => {
            writeln!(std::io::stdout(), "{broken}")?;
            return Ok(ExitCode::from(1));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(ExitCode::SUCCESS)
}

fn metadata(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    // Whom we trust has no part in who we are.
    let config = Config::from_env(|setting| match setting.name {
        "metadata" => Some(".".to_owned()),
        _ => given(flags, setting),
    })?;
    let (us, attributes) = (&config.service_provider, &config.identity);
    let printed = match flags.get_one::<String>("format").map(String::as_str) {
        Some("xml") => sp_metadata::document(us, attributes)? + "\n",
        _ => sp_metadata::console_values(us, attributes),
    };
    std::io::stdout().write_all(printed.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

#[tokio::main]
async fn run_demo(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let port = flags.get_one::<String>("port").map_or("", String::as_str);
    let in_range = port.parse().ok().filter(|port| *port <= LAST_DEMO_PORT);
    let port = in_range.ok_or_else(|| format!("--port {port}: not a port from 0 to {LAST_DEMO_PORT}"))?;
    let demo = demo::Demo::start(port, Clock::system()).await?;
    std::io::stdout().write_all(demo.guide().as_bytes())?;
    log::start(tracing::Level::INFO);
    demo.run().await;
    Ok(ExitCode::SUCCESS)
}
