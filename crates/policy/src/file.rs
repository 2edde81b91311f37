//! A file of policies: text → policies, each with its place.

use std::str::FromStr;

use cedar_policy::{Policy, PolicyId, PolicySet};
use miette::Diagnostic;

use crate::complexity::{self, TooComplex};
use crate::error::{PolicyError, PolicyPlace};
use crate::fault::PolicyFault;

/// The most bytes of a file.
pub const FILE_LIMIT: usize = 256 * 1024;

/// The most characters of what Cedar says: types may be as long as the file.
const MESSAGE_LIMIT: usize = 300;

/// A file that was not parsed yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct File<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
}

impl File<'_> {
    /// Its policies, in order.
    pub(crate) fn policies(self) -> Result<Vec<(PolicyPlace, Policy)>, PolicyError> {
        if self.text.len() > FILE_LIMIT {
            let (file, bytes) = (self.name.to_owned(), self.text.len());
            return Err(PolicyError::FileTooLarge { file, bytes, limit: FILE_LIMIT });
        }
        complexity::check(self.text).map_err(|TooComplex { offset, limit, what }| {
            let place = self.place(offset);
            PolicyError::TooComplex { place, limit, what }
        })?;
        let set = PolicySet::from_str(self.text).map_err(|errors| {
            let error = errors.iter().min_by_key(|error| offset(*error));
            let at = error.map_or(0, |error| offset(error));
            let (place, message) =
                error.map_or_else(|| (self.place(0), errors.to_string()), |error| self.explained(error));
            let fault = PolicyFault::of_syntax(&message, self.text, at);
            PolicyError::Syntax { place, message, fault }
        })?;
        let mut policies = Vec::new();
        let mut end = 0;
        for number in 0..set.num_of_policies().saturating_add(set.num_of_templates()) {
            // Cedar numbers the policies of a text, and keeps the text of each.
            let id = PolicyId::new(format!("policy{number}"));
            let begin = self.after_blanks(end);
            let place = self.place(begin);
            let Some(policy) = set.policy(&id) else { return Err(PolicyError::Template { place }) };
            end = begin.saturating_add(policy.to_cedar().map_or(0, |text| text.len()));
            policies.push((place, policy.clone()));
        }
        Ok(policies)
    }

    /// Where an error of Cedar's is, and what it says.
    pub(crate) fn explained(self, error: &dyn Diagnostic) -> (PolicyPlace, String) {
        let label = error.labels().and_then(|mut labels| labels.next()?.label().map(str::to_owned));
        let hints = label.into_iter().chain(error.help().map(|help| help.to_string()));
        let message = hints.fold(error.to_string(), |message, hint| format!("{message}; {hint}"));
        (self.place(offset(error)), message.chars().take(MESSAGE_LIMIT).collect())
    }

    fn place(self, offset: usize) -> PolicyPlace {
        let before = self.text.bytes().take(offset);
        let line = before.filter(|byte| *byte == b'\n').count().saturating_add(1);
        PolicyPlace { file: self.name.to_owned(), line }
    }

    /// The first byte at or after `begin` that is neither blank nor in a comment.
    fn after_blanks(self, begin: usize) -> usize {
        let mut rest = self.text.get(begin..).unwrap_or_default().trim_start();
        while rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest.trim_start());
        }
        self.text.len().saturating_sub(rest.len())
    }
}

/// Where an error of Cedar's begins, in bytes.
pub(crate) fn offset(error: &dyn Diagnostic) -> usize {
    error.labels().and_then(|mut labels| labels.next()).map_or(0, |label| label.offset())
}
