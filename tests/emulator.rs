//! The release `bootstrap` under AWS's own Lambda Runtime Interface Emulator, with API Gateway's REST events, plain and
//! base64. Not among the default tests: it wants `BOOTSTRAP` and `EMULATOR`, the paths of the two programs
//! (`scripts/emulator` builds the one, fetches the other, and runs this).

#![allow(missing_docs, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::process::{Child, Command, Stdio};

use serde_json::Value;
use support::StandIns;
use support::cases::{Got, Sent, ask, stand_ins};
use support::gateway::{Gateway, Kind};
use support::process::SignIns;

/// One instance of the function.
struct Function {
    emulator: Child,
    address: String,
}

impl Function {
    fn start(sign_ins: &SignIns, stand_ins: &StandIns) -> Self {
        let program = |name| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: see scripts/emulator"));
        let (address, runtime_api) = (free_address(), free_address());
        let emulator = Command::new(program("EMULATOR"))
            .args(["--runtime-interface-emulator-address", &address, "--runtime-api-address", &runtime_api])
            .arg(program("BOOTSTRAP"))
            .env_clear()
            .env("AWS_LAMBDA_FUNCTION_NAME", "studio-acs")
            .envs(sign_ins.environment(&[("SAGEMAKER", &stand_ins.endpoint)]))
            // The function may be given this as its own, and records on the null device confirm nothing.
            .stdout(
                std::fs::File::create(std::env::temp_dir().join(format!("studio-acs-{address}.log"))).expect("a file"),
            )
            .stderr(Stdio::null())
            .spawn()
            .expect("the emulator runs");
        while std::net::TcpStream::connect(&address).is_err() {
            std::thread::yield_now();
        }
        Self { emulator, address }
    }

    /// Invokes the function with the event that a private REST API makes of the request.
    fn invoke(&self, sent: Sent, base64: bool) -> Got {
        let headers = [("Content-Type", sent.content_type), ("Accept", sent.accept)];
        let event = Gateway { base64, ..Kind::Rest.into() }.event(sent.method, sent.path, &headers, &sent.body);
        let url = format!("http://{}/2015-03-31/functions/function/invocations", self.address);
        let mut answer = ureq::post(url).send(event.to_string()).expect("an answer");
        let answer = answer.body_mut().with_config().limit(10_000_000).read_to_string().expect("text");
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        let lists = answer["multiValueHeaders"].as_object().unwrap_or_else(|| panic!("an answer: {answer}"));
        let text = |value: &Value| value[0].as_str().unwrap_or_default().to_owned();
        Got {
            status: u16::try_from(answer["statusCode"].as_u64().expect("a status")).expect("a status"),
            headers: lists.iter().map(|(name, values)| (name.to_ascii_lowercase(), text(values))).collect(),
            body: answer["body"].as_str().unwrap_or_default().to_owned(),
        }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.emulator.kill();
        let _ = self.emulator.wait();
    }
}

fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

async fn answers(base64: bool) {
    let (sign_ins, stand_ins) = (SignIns::new(), stand_ins().await);
    let function = std::sync::Arc::new(Function::start(&sign_ins, &stand_ins));
    let send = async |sent: Sent| {
        let function = std::sync::Arc::clone(&function);
        tokio::task::spawn_blocking(move || function.invoke(sent, base64)).await.expect("no panic")
    };
    ask(&sign_ins, &stand_ins, send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_function_answers_plain_events_as_every_home_must() {
    answers(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_function_answers_base64_events_as_every_home_must() {
    answers(true).await;
}
