//! The files of secrets: no other user of the host can read or change them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::finding::Finding;
use super::item::Item;
use crate::config::Config;
use studio_acs_audit::SinkKind;
use studio_acs_aws::Source;

/// Bits of a file's mode, and of a directory's.
const READ_BY_ALL: u32 = 0o004;
const WRITTEN_BY_OTHERS: u32 = 0o022;
const ENTERED_BY_ALL: u32 = 0o001;
const PERMISSIONS: u32 = 0o777;

/// A secret that is kept in a file, and the users of the host who can get at it. Its text is not read.
#[derive(Debug)]
pub struct SecretFile {
    setting: &'static str,
    path: PathBuf,
    access: Result<Access, String>,
}

/// The rights on a file.
#[derive(Debug, Clone, Copy)]
struct Access {
    mode: u32,
    /// Whether every user may enter each directory above.
    is_reachable: bool,
}

impl SecretFile {
    /// Looks at each secret of the configuration that is in a file.
    pub(super) fn all(config: &Config) -> Vec<Self> {
        let resume_key = config.broker.resume_key.as_ref().map(|source| (RESUME_KEY, source));
        let sinks = config.audit.sinks.iter().filter_map(|(kind, _, source)| Some((of_sink(*kind)?, source.as_ref()?)));
        let seal_key = config.audit.seal_key.as_ref().map(|source| ("STUDIO_ACS_AUDIT_SEAL_KEY", source));
        let files = resume_key.into_iter().chain(sinks).chain(seal_key).filter_map(|(setting, source)| match source {
            Source::Path(path) => Some(Self { setting, path: path.clone(), access: access(path) }),
            _ => None,
        });
        files.collect()
    }
}

const RESUME_KEY: &str = "STUDIO_ACS_RESUME_KEY";

/// The setting that names the place of a sink's secret.
fn of_sink(kind: SinkKind) -> Option<&'static str> {
    match kind {
        SinkKind::Webhook => Some("STUDIO_ACS_AUDIT_WEBHOOK_SECRET"),
        SinkKind::Splunk => Some("STUDIO_ACS_AUDIT_SPLUNK_TOKEN"),
        SinkKind::Datadog => Some("STUDIO_ACS_AUDIT_DATADOG_KEY"),
        SinkKind::SumoLogic => Some("STUDIO_ACS_AUDIT_SUMO_LOGIC"),
        SinkKind::Firehose | SinkKind::Log => None,
    }
}

fn access(path: &Path) -> Result<Access, String> {
    let mode = |path: &Path| std::fs::metadata(path).map(|found| found.permissions().mode());
    let read = || {
        let real = path.canonicalize()?;
        let mut is_reachable = true;
        for directory in real.ancestors().skip(1) {
            is_reachable &= mode(directory)? & ENTERED_BY_ALL != 0;
        }
        Ok(Access { mode: mode(&real)? & PERMISSIONS, is_reachable })
    };
    read().map_err(|error: std::io::Error| error.to_string())
}

pub(super) fn finding(files: &[SecretFile]) -> Finding {
    let item = Item::SecretFiles;
    let mut private = Vec::new();
    for SecretFile { setting, path, access } in files {
        let place = format!("{setting}: {}", path.display());
        match access {
            // The item of the key says that it cannot be read.
            Err(_) if *setting == RESUME_KEY => {}
            Err(reason) => {
                let fix = format!("put the secret there, or correct {setting}");
                return Finding::error(item, format!("{place} cannot be read: {reason}"), fix);
            }
            // A group may read: the group of a pod's volume is the pod's own, and systemd shows its access list as one.
            Ok(Access { mode, is_reachable: true }) if mode & (READ_BY_ALL | WRITTEN_BY_OTHERS) != 0 => {
                return Finding::warning(
                    item,
                    format!("{place} has mode {mode:o}: other users of the host can get at it"),
                    format!(
                        "chmod 400 {}, with the service's user as its owner; or LoadCredential= in the unit: docs/secrets.md",
                        path.display()
                    ),
                );
            }
            Ok(Access { mode, .. }) => private.push(format!("{place}, mode {mode:o}")),
        }
    }
    Finding::ok(item, if private.is_empty() { "no secret is read from a file".to_owned() } else { private.join("; ") })
}
