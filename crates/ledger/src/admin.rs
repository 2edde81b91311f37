//! An operator's edits: entries and revocations. In a table they are done; for a text the operator is told what to
//! write, since the text has its own history.

use std::fmt;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld;
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use crate::document::Document;
use crate::dynamodb::Table;
use crate::dynamodb::item::{self, ENTRY, SUBJECT};
use crate::entry::{self, Entry};
use crate::error::LedgerError;
use crate::index::Index;
use crate::ledger::{Backend, Ledger};
use crate::resolve::Lookup;
use crate::schema::{EntrySchema, LedgerSchema, RevokedSchema};
use crate::subject::{Person, Subject};
use studio_acs_aws::why;
use studio_acs_identity::Names;

/// The result of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// It is done; in these words.
    Done(String),
    /// Where it has to be written, and what.
    ToWrite {
        /// The text's place.
        place: String,
        /// The text to write there.
        what: String,
    },
}

/// An entry or a user to revoke, or to restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocable {
    /// One entry.
    Entry {
        /// Whom it is for.
        subject: Subject,
        /// Its ID.
        id: String,
    },
    /// Every profile of a user, by whatever entry.
    Person {
        /// The user.
        person: Person,
        /// The issuer whose name that is; `None` for the users of this name at every issuer.
        issuer: Option<String>,
    },
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// It is revoked already.
    #[error("{0} is revoked already")]
    AlreadyRevoked(String),
    /// The entry exists already; nothing is overwritten.
    #[error("there is an entry {0} already")]
    Exists(String),
    /// The text has no room for the change.
    #[error(
        "{place} would have {bytes} bytes with it, and holds {limit} at most: keep the ledger in a table, or make it shorter"
    )]
    Full {
        /// The text's place.
        place: String,
        /// The bytes with the change.
        bytes: usize,
        /// The most bytes that can be kept there.
        limit: usize,
    },
    /// The new entry is not valid.
    #[error("{0}")]
    Invalid(String),
    /// The ledger cannot be read, or would be wrong with the change.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// No ledger is set.
    #[error("there is no ledger: set one to change it")]
    NoLedger,
    /// It is not revoked.
    #[error("{0} is not revoked")]
    NotRevoked(String),
    /// No such entry exists.
    #[error("there is no entry {0}")]
    Unknown(String),
}

impl EditError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AlreadyRevoked(_) => "already_revoked",
            Self::Exists(_) => "entry_exists",
            Self::Full { .. } => "ledger_full",
            Self::Invalid(_) => "entry_invalid",
            Self::Ledger(error) => error.code(),
            Self::NoLedger => "no_ledger",
            Self::NotRevoked(_) => "not_revoked",
            Self::Unknown(_) => "entry_unknown",
        }
    }
}

impl Ledger {
    /// Adds an entry to the others, if the ledger is valid with it.
    ///
    /// # Errors
    /// [`EditError`]. Two edits at one time are not checked against each other: [`Ledger::list`] would tell.
    pub async fn add(&self, entry: EntrySchema) -> Result<Edit, EditError> {
        let subject = Entry::new(entry.clone()).map_err(EditError::Invalid)?.subject;
        let subject = subject.ok_or_else(|| EditError::Invalid("the entry is for nobody".to_owned()))?;
        let named = Revocable::Entry { subject: subject.clone(), id: entry.id.clone() }.to_string();
        let table = match self.table()? {
            Ok(table) => table,
            Err(text) => {
                check_with(LedgerSchema::parse(&text.in_force())?, entry.clone())?;
                let edit = to_write(text.place(), &LedgerSchema { entry: vec![entry], ..LedgerSchema::default() })?;
                if let Edit::ToWrite { what, .. } = &edit
                    && let Some((place, bytes, limit)) = text.overflow(what)
                {
                    return Err(EditError::Full { place, bytes, limit });
                }
                return Ok(edit);
            }
        };
        let item = item::of_entry(&entry, &subject).map_err(EditError::Invalid)?;
        check_with(table.all().await?, entry)?;
        let put = table.client.put_item().table_name(&table.name).set_item(Some(item));
        let put =
            put.condition_expression("attribute_not_exists(#subject)").expression_attribute_names("#subject", SUBJECT);
        put.send().await.map_err(|error| failed(&error, || EditError::Exists(named.clone())))?;
        Ok(Edit::Done(format!("{named} is added")))
    }

    /// Revokes an entry, or everything of a user, for a reason that the user is not shown.
    ///
    /// # Errors
    /// [`EditError`].
    pub async fn revoke(&self, what: &Revocable, why: &str, now: UtcDateTime) -> Result<Edit, EditError> {
        let since = now.replace_nanosecond(0).unwrap_or(now).format(&Rfc3339);
        let since = since.map_err(|error| EditError::Invalid(error.to_string()))?;
        let why = entry::reason(why.to_owned()).map_err(EditError::Invalid)?;
        let dated = entry::reason(format!("{since}: {why}")).map_err(EditError::Invalid)?;
        what.check()?;
        let table = match self.table()? {
            Ok(table) => table,
            Err(text) => {
                let place = text.place();
                return match what {
                    Revocable::Person { person, issuer } => {
                        let (user, issuer) = (person.as_str().to_owned(), issuer.clone());
                        let revoked = RevokedSchema { user, issuer, why, since: Some(since) };
                        to_write(place, &LedgerSchema { revoked: vec![revoked], ..LedgerSchema::default() })
                    }
                    Revocable::Entry { id, .. } => {
                        let what =
                            format!("# in the entry with this `id`: {id}\nrevoked = {}\n", toml::Value::from(dated));
                        Ok(Edit::ToWrite { place, what })
                    }
                };
            }
        };
        match what {
            Revocable::Person { person, issuer } => {
                let put = table.client.put_item().table_name(&table.name);
                let put = put.set_item(Some(item::of_revocation(person, issuer.as_deref(), &why, &since)));
                let put = put.condition_expression("attribute_not_exists(#subject)");
                let put = put.expression_attribute_names("#subject", SUBJECT).send().await;
                put.map_err(|error| failed(&error, || EditError::AlreadyRevoked(what.to_string())))?;
            }
            Revocable::Entry { subject, id } => {
                let update = table.client.update_item().table_name(&table.name);
                let update = update.set_key(Some(item::key(&subject.to_string(), id)));
                let update = update.update_expression("SET #revoked = :why");
                let update = update.condition_expression("attribute_exists(#entry) AND attribute_not_exists(#revoked)");
                let update = update.expression_attribute_names("#entry", ENTRY);
                let update = update.expression_attribute_names("#revoked", "revoked");
                let update = update.expression_attribute_values(":why", AttributeValue::S(dated));
                let update = update.return_values_on_condition_check_failure(AllOld).send().await;
                update.map_err(|error| refused(&error, what, EditError::AlreadyRevoked))?;
            }
        }
        let within = table.refresh.as_secs();
        let mut done = format!("{what} is revoked, everywhere within {within} s");
        // The edit is done, even if the report fails.
        if let Revocable::Person { person, issuer } = what
            && let Ok(who) = Lookup::new(person.as_str(), issuer.as_deref(), Names::Shared, &[])
            && self.findings(&who, now).await.is_ok_and(|findings| findings.is_empty())
        {
            done.push_str("; no entry is for them by name: was that how the identity provider spells it?");
        }
        Ok(Edit::Done(done))
    }

    /// Gives back what was revoked.
    ///
    /// # Errors
    /// [`EditError`].
    pub async fn unrevoke(&self, what: &Revocable) -> Result<Edit, EditError> {
        what.check()?;
        let table = match self.table()? {
            Ok(table) => table,
            Err(text) => {
                let what = match what {
                    Revocable::Person { person, issuer } => {
                        let of =
                            issuer.as_ref().map_or(String::new(), |issuer| format!(" and this `issuer`: {issuer}"));
                        format!("# no [[revoked]] with this `user`: {}{of}\n", person.as_str())
                    }
                    Revocable::Entry { id, .. } => format!("# no `revoked` in the entry with this `id`: {id}\n"),
                };
                return Ok(Edit::ToWrite { place: text.place(), what });
            }
        };
        match what {
            Revocable::Person { person, issuer } => {
                let delete = table.client.delete_item().table_name(&table.name);
                let delete = delete.set_key(Some(item::revocation_key(person, issuer.as_deref())));
                let delete = delete.condition_expression("attribute_exists(#subject)");
                let delete = delete.expression_attribute_names("#subject", SUBJECT).send().await;
                delete.map_err(|error| failed(&error, || EditError::NotRevoked(what.to_string())))?;
            }
            Revocable::Entry { subject, id } => {
                let update = table.client.update_item().table_name(&table.name);
                let update = update.set_key(Some(item::key(&subject.to_string(), id)));
                let update = update.update_expression("REMOVE #revoked");
                let update = update.condition_expression("attribute_exists(#revoked)");
                let update = update.expression_attribute_names("#revoked", "revoked");
                let update = update.return_values_on_condition_check_failure(AllOld).send().await;
                update.map_err(|error| refused(&error, what, EditError::NotRevoked))?;
            }
        }
        Ok(Edit::Done(format!("{what} is given back")))
    }

    /// The table, or else where the text is.
    fn table(&self) -> Result<Result<&Table, &Document>, EditError> {
        match &self.backend {
            Backend::Nowhere => Err(EditError::NoLedger),
            Backend::Table(table) => Ok(Ok(table)),
            Backend::Document(text) => Ok(Err(text)),
        }
    }
}

/// Whether the ledger is right with one entry more.
fn check_with(mut all: LedgerSchema, entry: EntrySchema) -> Result<(), EditError> {
    if all.entry.iter().any(|other| other.id == entry.id) {
        return Err(EditError::Exists(entry.id));
    }
    all.entry.push(entry);
    Index::new(all)?;
    Ok(())
}

impl Revocable {
    /// An item that is no entry is not changed as one.
    fn check(&self) -> Result<(), EditError> {
        match self {
            Self::Entry { id, .. } if !entry::is_id(id) => Err(EditError::Invalid(format!("{id:?} is no entry's ID"))),
            Self::Person { issuer, .. } => entry::issuer(issuer.clone()).map(drop).map_err(EditError::Invalid),
            Self::Entry { .. } => Ok(()),
        }
    }
}

fn to_write(place: String, what: &LedgerSchema) -> Result<Edit, EditError> {
    let what = toml::to_string(what).map_err(|error| EditError::Invalid(error.to_string()))?;
    Ok(Edit::ToWrite { place, what })
}

/// Why nothing was put or deleted.
fn failed<E: ProvideErrorMetadata>(error: &SdkError<E>, condition: impl Fn() -> EditError) -> EditError {
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some("ConditionalCheckFailedException") => condition(),
        _ => LedgerError::Unavailable(why(error)).into(),
    }
}

/// The reason why nothing was updated: the item does not exist, or its state does not allow it.
fn refused(error: &SdkError<UpdateItemError>, what: &Revocable, like: fn(String) -> EditError) -> EditError {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(held)) if held.item().is_some() => like(what.to_string()),
        _ => failed(error, || EditError::Unknown(what.to_string())),
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(what) => f.write_str(what),
            Self::ToWrite { place, what } => write!(f, "# to be written in {place}:\n{what}"),
        }
    }
}

impl fmt::Display for Revocable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry { subject, id } => write!(f, "{id} of {subject}"),
            Self::Person { person, issuer: None } => write!(f, "all access of {}", person.as_str()),
            Self::Person { person, issuer: Some(issuer) } => write!(f, "all access of {} of {issuer}", person.as_str()),
        }
    }
}
