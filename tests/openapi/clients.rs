//! Generated clients against the real program, by the document that it serves: each makes every operation, and gets every
//! answer with its type.

use std::process::Command;

use serde_json::{Map, Value};

use super::Rig;

/// A case: the user, the request, and the answer in words.
fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("../clients/cases.json")).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_generated_client_gets_every_answer_with_its_type() {
    let rig = Rig::start().await;
    let folder = std::env::var("CLIENTS").expect("CLIENTS is not set: see scripts/openapi");
    let root = env!("CARGO_MANIFEST_DIR");
    let (python, built) = (format!("{folder}/python/bin/python"), format!("{folder}/node/built"));
    let clients = [
        (&*python, format!("{root}/tests/clients/generated_python.py")),
        (&*python, format!("{root}/tests/clients/generated_models.py")),
        ("node", format!("{built}/generated_fetch.js")),
        ("node", format!("{built}/generated_hey_api.js")),
    ];
    let expected: Vec<_> =
        cases().iter().map(|case| format!("{}: {}", text(case, "name"), text(case, "answer"))).collect();
    for (program, client) in clients {
        let users = cases().into_iter().map(|case| text(&case, "user").to_owned()).filter(|user| !user.is_empty());
        let tokens: Map<_, _> = users.map(|user| (user.clone(), rig.token(&user).into())).collect();
        let output = Command::new(program)
            .arg(&client)
            .env("PYTHONPATH", format!("{folder}/generated"))
            .env("STUDIO_ACS_API", format!("http://{}", rig.server.address))
            .env("TOKENS", Value::from(tokens).to_string())
            .env("CASES", format!("{root}/tests/clients/cases.json"))
            .output()
            .expect("the client runs");
        let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(told.lines().collect::<Vec<_>>(), expected, "{client}: {errors}");
    }
}

fn text<'c>(case: &'c Value, name: &str) -> &'c str {
    case[name].as_str().expect("a text")
}
