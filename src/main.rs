//! The `studio-acs` command.

mod command;

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::ArgMatches;
use command::{Failure, TOKEN, given, read_input, read_token, token_config, wants_json};
use serde_json::Value;
use studio_acs::report::cause::keys_cause;
use studio_acs::report::check::{Checklist, Online, Read, Resolver, Severity};
use studio_acs::report::{
    CapturedToken, GroupReaders, StartReport, TokenVerdict, UntrustedReport, VerifyReport, capture_around,
    read_captured, read_captured_token,
};
use studio_acs::server::EndSignals;
use studio_acs::sp_metadata::{self, RequestedAttributes};
use studio_acs::token::TokenConfig;
use studio_acs::{Clock, Config, Service, StartError, demo, http, server, service};
use studio_acs_identity::DomainId;
use studio_acs_jwt::{Rejection, TokenUse, UnverifiedToken};
use studio_acs_log::Log;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcDateTime};

/// The demo takes three more after it.
const LAST_DEMO_PORT: u16 = 65_532;
/// How long `check` waits for one answer of AWS.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the last records may take to reach their sinks once the process is told to end.
const LAST_RECORDS: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let matches = command::command().get_matches();
    let outcome = match matches.subcommand() {
        Some(("demo", flags)) => run_demo(flags),
        Some(("serve", flags)) => serve(flags),
        Some(("verify", flags)) => verify(flags),
        Some(("metadata", flags)) => metadata(flags),
        Some(("check", flags)) => check(flags),
        Some(("config", flags)) => command::config::run(flags),
        Some(("ledger", flags)) => command::ledger::run(flags),
        Some(("policy", flags)) => command::policy::run(flags),
        Some(("audit", flags)) => command::audit::run(flags),
        Some(("contract", _)) => command::contract::run(),
        Some(("reference", flags)) => command::reference::run(flags),
        _ => Err("a command is needed".into()),
    };
    outcome.unwrap_or_else(|failure| {
        // Every command that reads what a start reads says what a start would say.
        let failure = match failure.downcast::<StartError>() {
            Ok(error) => StartReport::of(*error, "").into(),
            Err(other) => other,
        };
        // Nothing can be done where standard error is closed.
        let _ = writeln!(std::io::stderr(), "studio-acs: {failure}");
        ExitCode::from(2)
    })
}

#[tokio::main]
async fn serve(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let config = Config::load(|setting| given(flags, setting)).await?;
    let log = standard_output()?;
    log.start(config.log);
    let (listen, limits, acs_path) = (config.listen, config.limits.clone(), config.acs_path.clone());
    let audience = config.service_provider.audience.clone();
    let service = Service::start(config, log).await.map_err(|error| StartReport::of(error, &audience))?;
    let listener = server::bind(listen).map_err(StartError::Listen)?;
    let end = EndSignals::catch()?;
    tracing::info!(address = %listener.local_addr()?, acs_path, "serving");
    let service = Arc::new(service);
    server::run(listener, http::router(Arc::clone(&service)), limits, end).await;
    service.finish(LAST_RECORDS).await;
    Ok(ExitCode::SUCCESS)
}

/// The log of a process that serves.
fn standard_output() -> Result<Log, Failure> {
    Ok(Log::standard_output().map_err(|error| format!("standard output: {error}"))?)
}

#[tokio::main(flavor = "current_thread")]
async fn verify(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let text = |name| flags.get_one::<String>(name).map(String::as_str);
    if let Some(file) = text(TOKEN) {
        let config = token_config(flags).await?;
        let at = at(flags)?;
        let readers = GroupReaders::of(&config, at).await?;
        let token_use = config.token_issuers.first().map_or(TokenUse::Id, |issuer| issuer.rules.token_use);
        let CapturedToken { token, taken } = read_captured_token(&read_token(file)?, token_use);
        let verdict = judge(&config, token, readers, at).await?.taken_out_of(taken);
        return tell(flags, &verdict, verdict.json(), verdict.is_accepted());
    }
    let config = Config::load(|setting| given(flags, setting)).await?;
    let (at, capture) = (at(flags)?, read_input(text("file").unwrap_or("-"))?);
    let trust = match service::trust(&config, at).await {
        Err(StartError::Trust(error)) if error.is_content() => {
            let report = UntrustedReport::of(&error, &config.service_provider.audience);
            return tell(flags, &report, report.json(), false);
        }
        trust => trust?,
    };
    let readers = GroupReaders::of(&config, at).await?;
    let response = read_captured(&capture);
    let taken = response.is_ok().then(|| capture_around(&capture)).flatten();
    let outstanding = text("in-response-to");
    let verdict = VerifyReport::of(response, &trust.verifier, &config.identity, readers, outstanding, at);
    let verdict = verdict.taken_out_of(taken);
    tell(flags, &verdict, verdict.json(), verdict.is_accepted())
}

/// The verdict on a token, by the issuer that it names.
async fn judge(
    config: &Config,
    token: Result<UnverifiedToken, Rejection>,
    readers: GroupReaders,
    at: UtcDateTime,
) -> Result<TokenVerdict, Failure> {
    let first = config.token_issuers.first().ok_or("no issuer of tokens is set")?;
    let issuer = match (&token, &*config.token_issuers) {
        (Ok(token), issuers) => TokenConfig::select(issuers, token),
        // Without a token, the only issuer says what is wrong.
        (Err(_), [only]) => Ok(only),
        (Err(rejection), _) => Err(rejection.clone()),
    };
    let issuer = match issuer {
        Ok(issuer) => issuer,
        Err(rejection) => return Ok(TokenVerdict::refused(&rejection, first)),
    };
    match service::token_keys(config, issuer).await {
        Err(StartError::TokenKeys(error)) if let Some(cause) = keys_cause(&error) => {
            Ok(TokenVerdict::without_keys(&error, cause, issuer))
        }
        keys => Ok(TokenVerdict::of(token, issuer, keys?.keys(), readers, at)),
    }
}

/// When a capture is to be verified.
fn at(flags: &ArgMatches) -> Result<UtcDateTime, Failure> {
    let Some(at) = flags.get_one::<String>("at") else { return Ok(Clock::system().now()) };
    let parsed = OffsetDateTime::parse(at, &Rfc3339);
    let parsed = parsed.map_err(|error| format!("--at {at}: {error}; a time is written 2026-01-15T10:00:00Z"))?;
    Ok(parsed.to_utc())
}

/// Prints a verdict.
fn tell(flags: &ArgMatches, text: &impl Display, json: Value, is_accepted: bool) -> Result<ExitCode, Failure> {
    let report = if wants_json(flags) { format!("{json}\n") } else { text.to_string() };
    std::io::stdout().write_all(report.as_bytes())?;
    Ok(if is_accepted { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

#[tokio::main(flavor = "current_thread")]
async fn metadata(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    // The trusted identity providers are not part of our own metadata.
    let config = Config::load(|setting| match setting.name {
        "metadata" => Some(".".to_owned()),
        _ => given(flags, setting),
    })
    .await?;
    let readers = GroupReaders::of(&config, Clock::system().now()).await?;
    let attributes = RequestedAttributes::of(&config.identity, readers.used());
    let us = &config.service_provider;
    let printed = match flags.get_one::<String>("format").map(String::as_str) {
        Some("xml") => sp_metadata::document(us, attributes)? + "\n",
        _ => sp_metadata::console_values(us, attributes),
    };
    std::io::stdout().write_all(printed.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn check(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let config = runtime.block_on(Config::load(|setting| given(flags, setting)))?;
    let named = flags.get_many::<String>("domain").unwrap_or_default();
    let named =
        named.map(|id| DomainId::parse(id).ok_or_else(|| format!("--domain {id}: not an ID such as d-abcdefghijkl")));
    let named: Vec<_> = named.collect::<Result<_, _>>()?;
    let domains = if named.is_empty() { config.identity.allowed_domains.clone() } else { named };
    let checklist = runtime.block_on(async {
        let (clock, online) = (Clock::system(), flags.get_flag("online"));
        let region = studio_acs_aws::region().await;
        let read = Read::of(&config, online, clock.now()).await;
        let region = region.as_ref().map(AsRef::as_ref);
        let checklist = Checklist::offline(&config, &read, region, clock.now());
        // Without a region, or with a fault in AWS's own settings, no call is possible, and the checklist says so.
        if !online || read.aws.is_some() {
            return Ok::<_, Failure>(checklist);
        }
        let sdk = studio_acs_aws::sdk(config.mint.timeout).await?;
        let online = Online { sdk, domains, resolver: Resolver::system(), clock, patience: PATIENCE };
        Ok(checklist.and_online(&online, &config).await)
    });
    // A name that DNS never answers for must not hold up the end.
    runtime.shutdown_background();
    let checklist = checklist?;
    let report = if wants_json(flags) { format!("{}\n", checklist.json()) } else { checklist.to_string() };
    std::io::stdout().write_all(report.as_bytes())?;
    let least = if flags.get_flag("strict") { Severity::Warning } else { Severity::Error };
    Ok(if checklist.worst() < least { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

#[tokio::main]
async fn run_demo(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let port = flags.get_one::<String>("port").map_or("", String::as_str);
    let in_range = port.parse().ok().filter(|port| *port <= LAST_DEMO_PORT);
    let port = in_range.ok_or_else(|| format!("--port {port}: not a port from 0 to {LAST_DEMO_PORT}"))?;
    let confirm = flags.get_one::<String>("confirm").map_or("never", String::as_str);
    let log = standard_output()?;
    let demo = demo::Demo::start(port, confirm, Clock::system(), log.clone()).await?;
    std::io::stdout().write_all(demo.guide().as_bytes())?;
    log.start(tracing::Level::INFO);
    demo.run().await;
    Ok(ExitCode::SUCCESS)
}
