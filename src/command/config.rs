//! `studio-acs config`: the settings in force, and a file to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};
use studio_acs::Config;
use studio_acs::config::{Layers, SETTINGS, show, template};

use super::{Failure, flag, format, given, wants_json};

/// The file that `init` writes, unless another one is named.
const FILE: &str = "studio-acs.toml";

pub(crate) fn command() -> Command {
    Command::new("config")
        .about("Shows the settings in force, or writes a configuration file to begin with: docs/configuration.md")
        .subcommand_required(true)
        .subcommand(
            Command::new("show")
                .about("Prints each setting in force and its source: a flag, a variable, a line of the file, or its default")
                .args(SETTINGS.iter().map(flag))
                .arg(format(["text", "json"]))
                .after_help(
                    "The text is a configuration file that would put the same in force. No secret is in it.\n\
                     Exit status: 0 the configuration is valid, 2 usage or configuration.",
                ),
        )
        .subcommand(
            Command::new("init")
                .about("Writes a commented configuration file with every setting")
                .arg(
                    Arg::new("file")
                        .value_name("FILE")
                        .default_value(FILE)
                        .help("Where to write it; - is standard output. A file that exists is left as it is"),
                )
                .after_help("Exit status: 0 written, 2 usage, or a file that exists or cannot be written."),
        )
}

pub(crate) fn run(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    match flags.subcommand() {
        Some(("show", flags)) => run_show(flags),
        Some(("init", flags)) => run_init(flags),
        _ => Err("a command is needed".into()),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn run_show(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let layers = Layers::load(|setting| given(flags, setting)).await?;
    Config::of(&layers)?;
    let shown = show(&layers);
    let report = if wants_json(flags) { format!("{}\n", shown.json()) } else { shown.to_string() };
    std::io::stdout().write_all(report.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn run_init(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let file = flags.get_one::<String>("file").map_or(FILE, String::as_str);
    if file == "-" {
        std::io::stdout().write_all(template().as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let opened = OpenOptions::new().write(true).create_new(true).open(file);
    let written = opened.and_then(|mut opened| opened.write_all(template().as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            format!("{file}: the file exists, and is left as it is; name another one, or - to print")
        }
        _ => format!("{file}: {error}"),
    })?;
    writeln!(std::io::stdout(), "{file} is written: every setting is in it, commented out")?;
    Ok(ExitCode::SUCCESS)
}
