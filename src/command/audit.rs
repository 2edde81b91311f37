//! `studio-acs audit`: whether the records of the audit log are whole.

use std::io::{BufRead, Read as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use aws_config::SdkConfig;
use clap::{Arg, ArgAction, ArgMatches, Command};
use studio_acs_audit::SealKey;
use studio_acs_audit::verify::{Expectation, VerifyError, VerifyRules, verify};
use studio_acs_aws::Source;

use super::Failure;

/// How long AWS may take to tell a key.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) fn command() -> Command {
    Command::new("audit").about("Checks the integrity of audit log records").subcommand_required(true).subcommand(
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
                Arg::new("seal-key")
                    .long("seal-key")
                    .value_name("PLACE")
                    .action(ArgAction::Append)
                    .help("Where a key of STUDIO_ACS_AUDIT_SEAL_KEY is: a path, ssm:NAME or secretsmanager:NAME. One of the keys must have sealed each record"),
            )
            .arg(
                Arg::new("expect")
                    .long("expect")
                    .value_name("STATEMENT")
                    .value_parser(Expectation::parse)
                    .action(ArgAction::Append)
                    .help("What another source says: mints=N, processes=N, processes=FIRST-LAST, processes:SERIES=…, CHAIN=N records, CHAIN=FINGERPRINT of its last record. A difference is a break"),
            )
            .arg(
                Arg::new("file")
                    .value_name("FILE")
                    .required(true)
                    .num_args(1..)
                    .help("Lines of JSON, read one file after the other; - is standard input"),
            )
            .after_help("Exit status: 0 whole, 1 broken, 2 usage, or nothing to verify."),
    )
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let Some(("verify", flags)) = flags.subcommand() else { return Err("a command is needed".into()) };
    let rules = VerifyRules {
        in_any_order: flags.get_flag("unordered"),
        seal_keys: seal_keys(flags).await?,
        expected: flags.get_many("expect").unwrap_or_default().cloned().collect(),
    };
    match verify(records(flags)?, &rules) {
        Ok(report) => std::io::stdout().write_all(report.to_string().as_bytes())?,
        Err(VerifyError::Broken(broken)) => {
            writeln!(std::io::stdout(), "{broken}")?;
            return Ok(ExitCode::from(1));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(ExitCode::SUCCESS)
}

/// The content of the files, one after the other.
fn records(flags: &ArgMatches) -> Result<Box<dyn BufRead>, Failure> {
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
    Ok(input)
}

/// The keys, read from their places. AWS is asked only where a key is kept there.
async fn seal_keys(flags: &ArgMatches) -> Result<Vec<SealKey>, Failure> {
    let mut keys = Vec::new();
    for place in flags.get_many::<String>("seal-key").unwrap_or_default() {
        let unusable = |reason: String| format!("--seal-key {place}: {reason}");
        let source = Source::parse(place).map_err(unusable)?;
        let sdk = if source.is_remote() { studio_acs_aws::sdk(PATIENCE).await? } else { SdkConfig::builder().build() };
        // The error of a source names the place itself.
        let text = source.secret(&sdk).await.map_err(|error| format!("--seal-key {error}"))?;
        keys.push(SealKey::new(&text).ok_or_else(|| unusable(SealKey::TOO_SHORT.to_owned()))?);
    }
    Ok(keys)
}
