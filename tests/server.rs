//! `serve` answers what every home of the router must answer.

#![allow(missing_docs, clippy::expect_used, clippy::panic)]

mod support;

use support::cases::{Got, Sent, ask, stand_ins};
use support::process::SignIns;

#[tokio::test(flavor = "multi_thread")]
async fn the_server_answers_as_every_home_must() {
    let (sign_ins, stand_ins) = (SignIns::new(), stand_ins().await);
    let server = sign_ins.server(&[("SAGEMAKER", &stand_ins.endpoint)], &[]);
    let send = async |sent: Sent| {
        let address = format!("http://{}{}", server.address, sent.path);
        let request = axum::http::Request::builder().method(sent.method).uri(address);
        let request = request.header("content-type", sent.content_type).header("accept", sent.accept).body(sent.body);
        let answer = tokio::task::spawn_blocking(move || {
            let agent = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false);
            let agent: ureq::Agent = agent.allow_non_standard_methods(true).build().into();
            let mut answer = agent.run(request.expect("a request")).expect("an answer");
            let header = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
                (name.to_string(), value.to_str().expect("text").to_owned())
            };
            let headers = answer.headers().iter().map(header).collect();
            Got { status: answer.status().as_u16(), headers, body: answer.body_mut().read_to_string().expect("text") }
        });
        answer.await.expect("no panic")
    };
    ask(&sign_ins, &stand_ins, send).await;
}
