//! The script in `docs/audit.md` that verifies records without this program, as it stands there.

use super::*;

/// The page's one script in Python.
fn script() -> String {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/audit.md")).expect("the page");
    let (_, rest) = page.split_once("```python\n").expect("a script");
    rest.split_once("```").expect("its end").0.to_owned()
}

/// The script's exit status and output for these lines.
fn run(lines: &str) -> (i32, String) {
    let mut child = Command::new("python3")
        .args(["-c", &script()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    // A script that has found a fault reads no further.
    let _ = child.stdin.take().expect("standard input").write_all(lines.as_bytes());
    let output = child.wait_with_output().expect("an end");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().expect("a status"), String::from_utf8(text).expect("UTF-8"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_of_the_page_verifies_a_chain_and_finds_each_change() {
    let rig = Rig::start().await;
    let key = TestDir::with("key", &"k".repeat(32));
    let server = rig.server(&["--audit-seal-key", &format!("{}/key", key.path())]);
    assert_eq!(rig.sign_in(&server, "alice").await, 302);
    assert_eq!(rig.sign_in(&server, "bob").await, 403);
    let log = server.end();
    let records = records_of(&log);
    assert!(records.contains("\"seal\""), "{records}");
    assert_eq!(run(&log), (0, "1 chains are whole\n".to_owned()));
    let lines: Vec<_> = records.lines().collect();
    for place in 0..lines.len() - 1 {
        let without: Vec<_> = lines.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, line)| *line).collect();
        assert_eq!(run(&without.join("\n")).0, 1, "without line {place}");
        let mut altered: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
        altered[place] = altered[place].replacen("\"severity_id\":", "\"severity_id\":1", 1);
        assert_eq!(run(&altered.join("\n")).0, 1, "with another line {place}");
        assert_eq!(verified(&altered.join("\n"), &[]).0, 1, "and the program agrees");
    }
}
