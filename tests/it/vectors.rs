//! Every vector of the manifest, through the service over HTTP and through `studio-acs verify`.

use std::process::Command;

use crate::alarms;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use fixtures::manifest::{self, Row, Verdict};
use serde_json::Value;
use studio_acs_standins::sagemaker::{Behaviour, Profiles};
use support::{StandIns, form, pieces, post, send, settings};

#[tokio::test(flavor = "multi_thread")]
async fn through_http() {
    let rows = manifest::rows("http");
    assert!(rows.len() > 500, "the manifest is whole");
    let profiles = rows.iter().filter_map(|row| Some((row.domain.as_deref()?, row.user.as_deref()?)));
    let stand_ins = StandIns::start(
        profiles.fold(Profiles::default(), |all, (domain, user)| all.with(domain, user, Behaviour::Mint)),
    )
    .await;
    let mut wrong = Vec::new();
    for row in &rows {
        let before = stand_ins.sagemaker.mints();
        if let Err(how) = replay(row, &stand_ins).await {
            wrong.push(format!("{}: {how} ({})", row.name, row.why));
        }
        let expected = usize::from(row.expect == Verdict::Accept || row.posted_before || row.store_full);
        if stand_ins.sagemaker.mints() - before != expected {
            wrong.push(format!("{}: {} mints", row.name, stand_ins.sagemaker.mints() - before));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

async fn replay(row: &Row, stand_ins: &StandIns) -> Result<(), String> {
    let mut settings = settings(row);
    let mut body = match (&row.file, &row.form) {
        (Some(file), None) => form(&manifest::read(file)),
        (None, Some(form)) => manifest::read(form),
        _ => panic!("{}: either a file or a form", row.name),
    };
    if let Some(length) = row.pad_to {
        body.extend_from_slice(b"&pad=");
        body.resize(length, b'x');
    }
    if row.store_full {
        settings.push(("replay-capacity", "1".to_owned()));
    }
    let service = stand_ins.service(&settings, &row.at).await;
    if row.posted_before {
        assert_eq!(post(&service, "/saml", body.clone()).await.status, StatusCode::FOUND, "{}", row.name);
    }
    if row.store_full {
        let another = form(&manifest::read("responses/signed-assertion.xml"));
        assert_eq!(post(&service, "/saml", another).await.status, StatusCode::FOUND, "{}", row.name);
    }
    let request = Request::builder().method(row.method.as_str()).uri("/saml").header("content-type", &row.content_type);
    let secrets = pieces(&body);
    let (answer, log) = support::logged(send(&service, request.body(Body::from(body)).expect("a request"))).await;
    if secrets.iter().any(|secret| log.contains(secret))
        || (!answer.header("location").is_empty() && log.contains("token="))
    {
        return Err(format!("a secret is in the log: {log}"));
    }
    let logged: Value =
        serde_json::from_str(log.lines().last().unwrap_or_default()).map_err(|error| format!("{error}: {log}"))?;
    match row.code.as_deref() {
        None => {
            if answer.status != StatusCode::FOUND {
                return Err(format!("expected 302, got {}: {logged}", answer.status));
            }
            let studio = stand_ins.follow(answer.header("location")).await.body;
            let came_in = |id, value: &Option<String>| {
                studio.contains(&format!("id=\"{id}\">{}<", value.as_deref().unwrap_or_default()))
            };
            if !(came_in("user", &row.user) && came_in("domain", &row.domain)) {
                return Err("somebody else came in".to_owned());
            }
            let named = row.groups.as_ref().is_none_or(|groups| logged["groups"] == groups.len());
            let unusable = row.groups_unusable.is_none_or(|count| logged["groups_unusable"] == count);
            if !(named && unusable) {
                return Err(format!("other groups: {logged}"));
            }
        }
        Some(code) => {
            if answer.status.is_redirection() || answer.status.is_success() {
                return Err(format!("expected {code}, got {}", answer.status));
            }
            if logged["code"] != code {
                return Err(format!("expected {code}, got {}", logged));
            }
            if alarms::counted(&logged) != alarms::of_code(code) {
                return Err(format!("counted by {:?}: {logged}", alarms::counted(&logged)));
            }
            if answer.body.contains(code) {
                return Err("the page tells the code".to_owned());
            }
        }
    }
    Ok(())
}

#[test]
fn through_verify() {
    let rows = manifest::rows("verify");
    assert!(rows.len() > 500, "the manifest is whole");
    let wrong: Vec<_> = rows
        .iter()
        .filter_map(|row| verify(row).err().map(|how| format!("{}: {how} ({})", row.name, row.why)))
        .collect();
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

fn verify(row: &Row) -> Result<(), String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_studio-acs"));
    command.args(["verify", "--format", "json", "--at", &row.at]);
    for (name, value) in settings(row) {
        command.arg(format!("--{name}")).arg(value);
    }
    if let Some(id) = &row.in_response_to {
        command.args(["--in-response-to", id]);
    }
    let file = row.file.as_ref().or(row.form.as_ref()).expect("a file or a form");
    let output = command.arg(manifest::path(file)).output().expect("the command runs");
    let report: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{error}: {}", String::from_utf8_lossy(&output.stderr)))?;
    let status = output.status.code();
    let text = |value: &Option<String>| Value::from(value.as_deref().unwrap_or_default());
    let expected = match &row.code {
        None => {
            let facts = [
                ("user", text(&row.user)),
                ("domain", text(&row.domain)),
                ("algorithm", text(&row.algorithm)),
                ("signed", row.signed.clone().unwrap_or_default().into()),
            ];
            let named = row.groups.as_ref().is_none_or(|groups| report["groups"] == Value::from(groups.clone()));
            let unusable = row.groups_unusable.is_none_or(|count| report["groups_unusable"] == count);
            let same = named && unusable && facts.iter().all(|(name, value)| report[name] == *value);
            same && report["verdict"] == "accept" && status == Some(0)
        }
        Some(code) => report["verdict"] == "reject" && report["error"]["code"] == code.as_str() && status == Some(1),
    };
    if expected { Ok(()) } else { Err(format!("{status:?} {report}")) }
}
