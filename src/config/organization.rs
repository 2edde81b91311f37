//! The organisation's settings.

use super::ConfigReader;
use super::setting;
use super::value::{help_url, plain};

/// The organisation that runs the service, as the pages name it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizationConfig {
    /// Its name; `None` where the pages do not say it.
    pub name: Option<String>,
    /// The team that helps its users, in words; `None` where the pages name none.
    pub help_contact: Option<String>,
    /// Where its users find help, by https or by mail; `None` where the pages have no link.
    pub help_url: Option<String>,
}

/// The most characters of a name.
const LONGEST_NAME: usize = 64;
/// The most characters of a contact.
const LONGEST_CONTACT: usize = 128;

impl OrganizationConfig {
    pub(super) fn read(reader: &mut ConfigReader<'_>) -> Option<Self> {
        let name = reader.parsed(&setting::ORGANIZATION_NAME, plain(LONGEST_NAME));
        let help_contact = reader.parsed(&setting::HELP_CONTACT, plain(LONGEST_CONTACT));
        let help_url = reader.parsed(&setting::HELP_URL, help_url);
        Some(Self { name: name?, help_contact: help_contact?, help_url: help_url? })
    }
}
