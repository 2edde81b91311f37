//! Seals: whoever writes records without the key is noticed.

use std::process::Command;

use super::{Mood, Rig, Sink, records_of, verified};
use support::TestDir;
use support::process::program;

const KEY: &str = "a-key-of-seals-that-only-the-service-has";
const NEXT: &str = "the-key-of-seals-after-the-first-rotation";

/// The records of a process that seals with the key in this file, or seals nothing, after a sign-in; and its log.
async fn records(rig: &Rig, key: Option<&str>) -> (String, String) {
    let sink = Sink::start(Mood::Takes, &rig.stand_ins);
    let flags: Vec<_> = key.into_iter().flat_map(|key| ["--audit-seal-key", key]).collect();
    let server = rig.with_webhook(&sink.url, &flags);
    assert_eq!(rig.sign_in(&server, "alice").await, 302);
    let log = server.end();
    assert_eq!(records_of(&log), sink.text(), "the log has what the sink has");
    (records_of(&log), log)
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_another_key_and_of_none_are_noticed_by_the_holder_of_the_key() {
    let rig = Rig::start().await;
    let keys = TestDir::with("key", &format!("{KEY}\n"));
    let (key, next) = (format!("{}/key", keys.path()), format!("{}/next", keys.path()));
    std::fs::write(&next, NEXT).expect("a file");
    let (sealed, log) = records(&rig, Some(&key)).await;
    let ((by_next, _), (unsealed, _)) = (records(&rig, Some(&next)).await, records(&rig, None).await);
    assert!(!log.contains(KEY), "{log}");
    assert_eq!(sealed.matches("\"seal\":{\"algorithm\":\"HMAC-SHA-256\",\"key_uid\":\"").count(), 4, "{sealed}");
    assert_eq!(unsealed.matches("\"seal\"").count(), 0);

    let first = ["--seal-key", key.as_str()];
    for (records, flags, status, told) in [
        (&sealed, &[][..], 0, "4 records are sealed, and their seals were not checked: no --seal-key was given\n"),
        (&sealed, &first, 0, "4 records"),
        (&by_next, &first, 1, "which is not given"),
        (&unsealed, &[], 0, "4 records"),
        (&unsealed, &first, 1, "is unsealed"),
        (&format!("{sealed}{by_next}"), &["--seal-key", &key, "--seal-key", &next], 0, "4 records"),
        (&format!("{sealed}{unsealed}"), &["--seal-key", &key, "--seal-key", &next], 1, "line 5: record 0"),
        (&sealed, &["--seal-key", "/nowhere/key"], 2, "--seal-key /nowhere/key"),
    ] {
        let (found, text) = verified(records, flags);
        assert!(found == status && text.contains(told), "{flags:?}: {found} {text}");
        let is_unchecked = text.contains("were not checked");
        assert_eq!(is_unchecked, flags.is_empty() && records.contains("\"seal\""), "{text}");
        assert!(!text.contains(KEY) && !text.contains(NEXT), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_short_key_nothing_starts_and_nothing_is_verified() {
    let rig = Rig::start().await;
    let keys = TestDir::with("key", "a-key-of-31-characters-only-123");
    let key = format!("{}/key", keys.path());
    let mut command = Command::new(program());
    command.args(["serve", "--listen", "127.0.0.1:0", "--audit-seal-key", &key]).env_clear();
    let output = command.envs(rig.sign_ins.environment(&[])).output().expect("the command runs");
    let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("STUDIO_ACS_AUDIT_SEAL_KEY (--audit-seal-key): it has less than 32 characters"), "{text}");
    assert!(!text.contains("31-characters"), "{text}");
    let (status, text) = verified("", &["--seal-key", &key]);
    assert!(status == 2 && text.contains("it has less than 32 characters"), "{status} {text}");
}
