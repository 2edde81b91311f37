//! Keys that are read again while the service runs, so that an issuer may change them at any time.

use std::sync::Arc;

use aws_config::SdkConfig;
use studio_acs_aws::{Look, RefreshRules, Refreshed};
use studio_acs_jwt::{AllowedAlgorithms, KeyFault, KeySet, KeySetDocument, UnverifiedToken};
use time::UtcDateTime;

use super::error::KeysError;
use super::messages::{KEY_FAULT, KEYS_UNREADABLE};
use super::source::{KeyReader, KeySource};

/// The keys of the moment.
#[derive(Debug)]
pub(super) struct CurrentKeys {
    reader: KeyReader,
    kept: Refreshed<KeySet>,
}

impl CurrentKeys {
    /// The keys of `source` for these algorithms, read again by these rules. A file is read now; keys from elsewhere are
    /// read with the first token.
    ///
    /// # Errors
    /// [`KeysError`], of a file.
    pub(super) async fn of(
        source: KeySource,
        algorithms: AllowedAlgorithms,
        sdk: &SdkConfig,
        rules: RefreshRules,
        now: UtcDateTime,
    ) -> Result<Self, KeysError> {
        let reader = KeyReader::new(source, algorithms, sdk)?;
        let kept = if reader.is_file() {
            let document = reader.whole().await?;
            tell_of_faults(&document);
            Refreshed::new(document.into_keys(), rules, now)
        } else {
            Refreshed::unread(KeySet::default(), rules)
        };
        Ok(Self { reader, kept })
    }

    /// The keys, as of now, to judge this token by. They are read again where they are as old as the interval, and where
    /// the token's key is not among them. A readable set is believed, whatever is wrong with some of its keys. Where none
    /// can be read the last good keys stay, until they are too old.
    ///
    /// # Errors
    /// [`KeysError::TooOld`].
    pub(super) async fn for_token(&self, token: &UnverifiedToken, now: UtcDateTime) -> Result<Arc<KeySet>, KeysError> {
        Ok(self.kept.get_for(now, |keys| keys.serves(token), |_| self.look(now)).await?)
    }

    async fn look(&self, now: UtcDateTime) -> Look<KeySet> {
        // Where no other set would serve, it has to be good as a whole.
        let read = if self.kept.is_usable(now) { self.reader.read().await } else { self.reader.whole().await };
        match read {
            Ok(document) => {
                tell_of_faults(&document);
                let keys = document.into_keys();
                let ids: Vec<_> = keys.keys().map(|(id, _)| id.unwrap_or_default()).collect();
                tracing::info!(?ids, "the issuer's keys were read");
                Look::Read(keys)
            }
            Err(error) => {
                tracing::error!(%error, "{KEYS_UNREADABLE}");
                let is_gone = matches!(error, KeysError::Absent { .. });
                if is_gone { Look::Gone(error.to_string()) } else { Look::Failed(error.to_string()) }
            }
        }
    }
}

/// Tells of keys that are left out, except those for other purposes.
fn tell_of_faults(document: &KeySetDocument) {
    for key in document.left_out().iter().filter(|key| !key.fault.is_for_other_purpose()) {
        if key.fault == KeyFault::Private {
            tracing::error!(error = %key, "{KEY_FAULT}");
        } else {
            tracing::warn!(weakness = %key, "a key of the issuer's is left out");
        }
    }
}
