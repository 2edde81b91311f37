//! `studio-acs serve`, optimised, within a limit of memory.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use super::StandIns;
use super::process::{Server, SignIns};

/// The server, and what keeps it within its memory.
pub struct Limited {
    pub server: Server,
    limit: u64,
    /// The control group, where one can be made. Without one the server's peak is compared with the limit.
    group: Option<PathBuf>,
}

impl Limited {
    /// Starts the program that `STUDIO_ACS_BINARY` names, with `limit` MiB and more arguments.
    pub fn start(sign_ins: &SignIns, stand_ins: &StandIns, limit: u64, more: &[&str]) -> Self {
        let binary = std::env::var("STUDIO_ACS_BINARY").expect("STUDIO_ACS_BINARY is set: see scripts/memory");
        let group = group(limit).ok();
        let mut command = Command::new("/bin/sh");
        // Memory taken before a process is moved is not counted: it moves before it begins.
        command.args(["-c", r#"if [ "$0" ]; then echo $$ > "$0/cgroup.procs" || exit 1; fi; exec "$@""#]);
        command.arg(group.clone().unwrap_or_default()).arg(binary);
        let server = sign_ins.server_by(command, &[("SAGEMAKER", &stand_ins.endpoint)], &[], more);
        Self { server, limit, group }
    }

    /// Its peak in MiB, within the limit.
    pub fn check(&self) -> u64 {
        let (peak, limit) = (self.server.peak(), self.limit);
        assert!(peak > 0 && peak < limit, "{peak} MiB of {limit}");
        let Some(group) = &self.group else { return peak };
        let events = std::fs::read_to_string(group.join("memory.events")).expect("events");
        assert!(events.lines().any(|line| line == "oom_kill 0"), "{events}");
        peak
    }
}

impl Drop for Limited {
    fn drop(&mut self) {
        if let Some(group) = &self.group {
            let _ = std::fs::write(group.join("cgroup.kill"), "1");
            while std::fs::remove_dir(group).is_err() && group.exists() {
                std::thread::yield_now();
            }
        }
    }
}

/// A control group (v2) with this much memory and no swap.
fn group(limit: u64) -> std::io::Result<PathBuf> {
    let root = PathBuf::from("/sys/fs/cgroup");
    let write =
        |path: PathBuf, text: &str| std::fs::OpenOptions::new().write(true).open(path)?.write_all(text.as_bytes());
    write(root.join("cgroup.subtree_control"), "+memory")?;
    let group = root.join(format!("studio-acs-{}-{limit}", std::process::id()));
    std::fs::create_dir(&group)?;
    let made = write(group.join("memory.max"), &(limit << 20).to_string())
        .and_then(|()| write(group.join("memory.swap.max"), "0").or(Ok(())));
    if made.is_err() {
        std::fs::remove_dir(&group)?;
    }
    made.map(|()| group)
}
