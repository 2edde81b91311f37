//! `studio-acs ledger`: entries and revocations, for operators.

use aws_config::SdkConfig;
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, value_parser};
use serde_json::{Map, Value, json};
use std::io::Write as _;
use std::process::ExitCode;
use studio_acs::Clock;
use studio_acs::config::SETTINGS;
use studio_acs_aws::Source;
use studio_acs_identity::Names;
use studio_acs_ledger::{
    Edit, EditError, EntrySchema, Ledger, LedgerError, LedgerSchema, LedgerSource, LedgerStartError, Person, Revocable,
    Subject,
};

use super::{CONFIG, Failure, flag, format, partial_config, read_input, wants_json};

/// The settings that these commands know.
const OURS: &[&str] = &[CONFIG, "ledger", "ledger-refresh", "table-timeout"];

/// An entry's fields as flags; `tags`, `provision` and `links` are for a file.
const FIELDS: &[(&str, &str, &str)] = &[
    ("id", "ID", "What it is called in logs and approvals"),
    ("title", "TEXT", "What a person reads who has to choose"),
    ("user", "NAME", "The person whom it is for, or else:"),
    ("group", "NAME", "The group whose members it is for"),
    ("issuer", "ISSUER", "Whose name that is: an identity provider's entity ID, or a token's iss"),
    ("domain", "ID", "The Studio domain"),
    ("profile", "TEMPLATE", "The user profile's name, or a template of {user} and {team} [default: {user}]"),
    ("team", "NAME", "The team"),
    ("account", "ID", "The domain's account, where it is not the service's own"),
    ("region", "REGION", "The domain's region, where it is not the service's own"),
    ("role", "ARN", "The role that mints there"),
    ("space", "NAME", "The space to open"),
    ("landing", "PAGE", "The page to open"),
    ("valid-from", "RFC3339", "From when on it holds"),
    ("valid-until", "RFC3339", "Until when it holds"),
];

pub(crate) fn command() -> Command {
    let with_settings = |command: Command| {
        let settings = SETTINGS.iter().filter(|setting| OURS.contains(&setting.name));
        command.args(settings.map(flag)).arg(format(["text", "json"]))
    };
    let user = |help| Arg::new("user").value_name("USER").help(help);
    let issuer = |help| Arg::new("issuer").long("issuer").value_name("ISSUER").help(help);
    let group = || Arg::new("group").long("group").value_name("NAME");
    let whose = |command: Command| {
        let command = command.arg(user("The person, as the identity provider names them, in any case"));
        let command = command.arg(group().help("The group whose entry it is").requires("entry"));
        let issuer = issuer("The issuer whose name that is; without it, the person of this name at every issuer");
        let command = command.arg(issuer.conflicts_with("entry"));
        let entry = Arg::new("entry").long("entry").value_name("ID");
        let command = command.arg(entry.help("One entry alone; without it, all that the person has"));
        command.group(ArgGroup::new("whose").args(["user", "group"]).required(true))
    };
    let why = Arg::new("why").long("why").value_name("TEXT").required(true);
    let subcommands = [
        Command::new("list").about("Prints all that the ledger holds, and checks that no two people open one profile"),
        Command::new("explain")
            .about("Says what the ledger gives one person, entry by entry, and why")
            .arg(user("The person, as the identity provider names them").required(true))
            .arg(issuer("The issuer whose name that is; without it, entries of every issuer"))
            .arg(group().action(ArgAction::Append).help("A group that they are in, and others with --group again")),
        add_command(),
        whose(Command::new("revoke").about("Takes an entry back, or all that a person has"))
            .arg(why.help("Why; kept with it, and not shown to the person")),
        whose(Command::new("unrevoke").about("Gives back what was revoked")),
    ];
    Command::new("ledger")
        .about("Shows and changes who may open which profile: docs/ledger.md")
        .subcommand_required(true)
        .subcommands(subcommands.map(with_settings))
        .after_help(
            "A table is changed; of a file, a parameter or a secret it is printed what to write there.\n\
             Exit status: 0 done (explain: entitled), 1 refused, or left to be written, 2 usage, configuration, or a \
             ledger that cannot be asked.",
        )
}

fn add_command() -> Command {
    let fields = FIELDS.iter().map(|(name, value, help)| {
        let field = Arg::new(*name).long(*name).value_name(*value).help(*help).conflicts_with("file");
        if *name == "id" { field.requires("domain") } else { field.requires("id") }
    });
    Command::new("add")
        .about("Adds an entry, if the ledger is right with it")
        .args(fields)
        .arg(
            Arg::new("session-seconds")
                .long("session-seconds")
                .value_name("SECONDS")
                .value_parser(value_parser!(u32))
                .help("How long a session lasts at most")
                .conflicts_with("file"),
        )
        .arg(
            Arg::new("production")
                .long("production")
                .action(ArgAction::SetTrue)
                .help("Production is within reach there, for policies")
                .conflicts_with("file"),
        )
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .required_unless_present("id")
                .help("The entry in TOML, under [[entry]], or in JSON; - is standard input"),
        )
}

/// The output of a command.
struct LedgerAnswer {
    /// Whether it is done, or so.
    yes: bool,
    text: String,
    json: Value,
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let Some((name, flags)) = flags.subcommand() else { return Err("a command is needed".into()) };
    let answer = match answer(name, flags).await {
        Ok(answer) => answer,
        // Whether the ledger would refuse it is unknown.
        Err(RefusedEdit::Failure(failure)) => return Err(failure),
        Err(RefusedEdit::By(code, message)) => LedgerAnswer {
            yes: false,
            text: format!("Refused: {code}: {message}\n"),
            json: json!({ "outcome": "refused", "code": code, "message": message }),
        },
    };
    let report = if wants_json(flags) { format!("{}\n", answer.json) } else { answer.text };
    std::io::stdout().write_all(report.as_bytes())?;
    Ok(if answer.yes { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The reason why a command has no answer.
enum RefusedEdit {
    By(&'static str, String),
    Failure(Failure),
}

impl<E: Into<Failure>> From<E> for RefusedEdit {
    fn from(error: E) -> Self {
        Self::Failure(error.into())
    }
}

async fn answer(name: &str, flags: &ArgMatches) -> Result<LedgerAnswer, RefusedEdit> {
    // The arguments are parsed before any call.
    let asked = match name {
        "explain" => LedgerQuestion::Explain(text(flags, "user"), optional(flags, "issuer"), all(flags, "group")),
        "add" => LedgerQuestion::Add(Box::new(entry(flags)?)),
        "revoke" => LedgerQuestion::Revoke(revocable(flags)?, text(flags, "why")),
        "unrevoke" => LedgerQuestion::Unrevoke(revocable(flags)?),
        _ => LedgerQuestion::List,
    };
    let now = Clock::system().now();
    let ledger = ledger(flags, now).await?;
    Ok(match asked {
        LedgerQuestion::List => {
            let listing = ledger.list(now).await.map_err(unread)?;
            LedgerAnswer { yes: true, text: listing.to_string(), json: serde_json::to_value(listing)? }
        }
        LedgerQuestion::Explain(user, issuer, groups) => {
            let explanation =
                ledger.explain(&user, issuer.as_deref(), &groups, Names::Shared, now).await.map_err(unread)?;
            let yes = explanation.outcome == "entitled";
            LedgerAnswer { yes, text: explanation.to_string(), json: serde_json::to_value(explanation)? }
        }
        LedgerQuestion::Add(entry) => changed(ledger.add(*entry).await)?,
        LedgerQuestion::Revoke(what, why) => changed(ledger.revoke(&what, &why, now).await)?,
        LedgerQuestion::Unrevoke(what) => changed(ledger.unrevoke(&what).await)?,
    })
}

enum LedgerQuestion {
    List,
    Explain(String, Option<String>, Vec<String>),
    Add(Box<EntrySchema>),
    Revoke(Revocable, String),
    Unrevoke(Revocable),
}

async fn ledger(flags: &ArgMatches, now: time::UtcDateTime) -> Result<Ledger, RefusedEdit> {
    let config = partial_config(flags).await?;
    let rules = config.broker.ledger.clone().ok_or("STUDIO_ACS_LEDGER (--ledger): it is not set")?;
    let sdk = match &rules.source {
        LedgerSource::Document(Source::Path(_)) => SdkConfig::builder().build(),
        _ => studio_acs_aws::sdk(config.mint.timeout).await?,
    };
    Ledger::start(rules, &sdk, now).await.map_err(|error| match error {
        LedgerStartError::Unreadable(_) => RefusedEdit::Failure(error.into()),
        LedgerStartError::Invalid { .. } => RefusedEdit::By(error.code(), error.to_string()),
    })
}

fn unread(error: LedgerError) -> RefusedEdit {
    match error {
        LedgerError::Unavailable(_) => RefusedEdit::Failure(error.into()),
        _ => RefusedEdit::By(error.code(), error.to_string()),
    }
}

fn changed(edit: Result<Edit, EditError>) -> Result<LedgerAnswer, RefusedEdit> {
    let edit = edit.map_err(|error| match error {
        EditError::Ledger(error) => unread(error),
        _ => RefusedEdit::By(error.code(), error.to_string()),
    })?;
    let text = format!("{}\n", edit.to_string().trim_end());
    Ok(match edit {
        Edit::Done(message) => LedgerAnswer { yes: true, text, json: json!({ "outcome": "done", "message": message }) },
        // An edit that an operator has yet to write is not in force.
        Edit::ToWrite { place, what } => {
            LedgerAnswer { yes: false, text, json: json!({ "outcome": "to_write", "place": place, "text": what }) }
        }
    })
}

fn entry(flags: &ArgMatches) -> Result<EntrySchema, Failure> {
    if let Some(file) = flags.get_one::<String>("file") {
        let text = String::from_utf8(read_input(file)?).map_err(|error| format!("{file}: {error}"))?;
        let written = LedgerSchema::parse(&text).map_err(|error| format!("{file}: {error}"))?;
        let LedgerSchema { mut entry, team, revoked, links } = written;
        return match entry.pop() {
            Some(only) if entry.is_empty() && team.is_empty() && revoked.is_empty() && links.is_empty() => Ok(only),
            _ => Err(format!("{file}: expected one entry under [[entry]], and nothing else").into()),
        };
    }
    let mut fields = Map::new();
    for (name, ..) in FIELDS {
        if let Some(value) = flags.get_one::<String>(name) {
            fields.insert(name.replace('-', "_"), value.as_str().into());
        }
    }
    if let Some(seconds) = flags.get_one::<u32>("session-seconds") {
        fields.insert("session_seconds".to_owned(), (*seconds).into());
    }
    fields.insert("production".to_owned(), flags.get_flag("production").into());
    Ok(serde_json::from_value(fields.into())?)
}

fn revocable(flags: &ArgMatches) -> Result<Revocable, Failure> {
    let person = |user: &String| Person::parse(user).ok_or_else(|| format!("{user:?} is no person's name"));
    let subject = match (flags.get_one::<String>("user"), flags.get_one::<String>("group")) {
        (Some(user), _) => Subject::User(person(user)?),
        (None, Some(group)) => Subject::group(group).ok_or_else(|| format!("{group:?} is no group's name"))?,
        (None, None) => return Err("a person or a group is needed".into()),
    };
    Ok(match (flags.get_one::<String>("entry"), subject) {
        (Some(id), subject) => Revocable::Entry { subject, id: id.clone() },
        (None, Subject::User(person)) => Revocable::Person { person, issuer: optional(flags, "issuer") },
        (None, Subject::Group(_)) => return Err("--group needs --entry: an entry is revoked, and not a group".into()),
    })
}

fn text(flags: &ArgMatches, name: &str) -> String {
    flags.get_one::<String>(name).cloned().unwrap_or_default()
}

fn optional(flags: &ArgMatches, name: &str) -> Option<String> {
    flags.get_one::<String>(name).cloned()
}

fn all(flags: &ArgMatches, name: &str) -> Vec<String> {
    flags.get_many::<String>(name).unwrap_or_default().cloned().collect()
}
