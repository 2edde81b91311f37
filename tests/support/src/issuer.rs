//! An issuer of tokens whose keys and signatures are openssl's, and the address where its keys are.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use time::UtcDateTime;
use tokio::sync::Notify;

use super::TestDir;

pub const ISSUER: &str = "https://idp.example/oauth2/default";
/// Whom the tokens are for.
pub const CLIENT: &str = "portal";

/// An RSA key with a name.
pub struct Issuer {
    dir: TestDir,
    kid: String,
}

impl Issuer {
    /// With a new key of this name.
    pub fn new(kid: &str) -> Self {
        let issuer = Self { dir: TestDir::with("kid", kid), kid: kid.to_owned() };
        let key = issuer.key();
        openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", &key], b"");
        issuer
    }

    fn key(&self) -> String {
        format!("{}/key.pem", self.dir.path())
    }

    /// The public key, as key sets have it.
    pub fn jwk(&self) -> Value {
        let modulus = openssl(&["rsa", "-in", &self.key(), "-noout", "-modulus"], b"");
        let modulus = String::from_utf8(modulus).expect("ASCII");
        let digits = modulus.trim().strip_prefix("Modulus=").expect("a modulus").as_bytes();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("a byte");
        let modulus: Vec<_> = digits.chunks(2).map(byte).collect();
        let n = URL_SAFE_NO_PAD.encode(modulus);
        json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "e": "AQAB", "n": n})
    }

    /// The public key as PEM.
    pub fn pem(&self) -> Vec<u8> {
        openssl(&["pkey", "-in", &self.key(), "-pubout"], b"")
    }

    /// A token that says this.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_under(&json!({"alg": "RS256", "typ": "JWT", "kid": self.kid}), claims)
    }

    /// The same under this header, by RS256 whatever it says.
    pub fn sign_under(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", encoded(header), encoded(claims));
        let signature = openssl(&["dgst", "-sha256", "-sign", &self.key()], signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// An ID token of this user, issued at `now`.
    pub fn token(&self, user: &str, now: UtcDateTime) -> String {
        self.sign(&claims(user, now))
    }
}

/// The keys of these issuers.
pub fn key_set(issuers: &[&Issuer]) -> String {
    json!({"keys": issuers.iter().map(|issuer| issuer.jwk()).collect::<Vec<_>>()}).to_string()
}

/// The claims of an ID token of this user that is issued at `now`, for an hour.
pub fn claims(user: &str, now: UtcDateTime) -> Value {
    let now = now.unix_timestamp();
    json!({
        "iss": ISSUER, "aud": CLIENT, "sub": user, "iat": now, "exp": now + 3600, "auth_time": now, "jti": format!("{user}-{now}"),
    })
}

/// The same with this member, or without it for `null`.
pub fn with(mut claims: Value, name: &str, value: Value) -> Value {
    let members = claims.as_object_mut().expect("an object");
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
    claims
}

/// A part of a token.
pub fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The content of the part at this place of a token.
pub fn part(token: &str, place: usize) -> Value {
    let part = token.split('.').nth(place).expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

/// What `openssl` with these arguments makes of `input`.
fn openssl(args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("openssl");
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("openssl runs");
    child.stdin.take().expect("standard input").write_all(input).expect("it reads");
    let output = child.wait_with_output().expect("an end");
    assert!(output.status.success(), "openssl {args:?}");
    output.stdout
}

/// Where an issuer's keys are, and how often they were asked for.
pub struct KeyServer {
    pub url: String,
    served: Arc<Mutex<Served>>,
}

struct Served {
    status: u16,
    location: String,
    body: Vec<u8>,
    fetches: usize,
    /// Whoever asks waits for it.
    released: Option<Arc<Notify>>,
}

impl KeyServer {
    pub fn start(keys: &str) -> Self {
        let served = Served { status: 200, location: String::new(), body: keys.into(), fetches: 0, released: None };
        let served = Arc::new(Mutex::new(served));
        let listener = studio_acs::server::bind(([127, 0, 0, 1], 0).into()).expect("a port");
        let url = format!("http://{}/keys", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(serve).with_state(Arc::clone(&served));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, served }
    }

    /// From now on it has these.
    pub fn has(&self, keys: &str) {
        self.answers(200, keys.as_bytes());
    }

    /// From now on it answers so.
    pub fn answers(&self, status: u16, body: &[u8]) {
        let mut served = self.served.lock().expect("no panic");
        (served.status, served.body) = (status, body.to_vec());
    }

    /// From now on it redirects every client to `location`.
    pub fn redirects(&self, location: &str) {
        self.answers(302, b"");
        location.clone_into(&mut self.served.lock().expect("no panic").location);
    }

    /// From now on it keeps every client waiting, until it is told not to.
    pub fn waits(&self) -> Arc<Notify> {
        Arc::clone(self.served.lock().expect("no panic").released.insert(Arc::default()))
    }

    /// How often it was asked.
    pub fn fetches(&self) -> usize {
        self.served.lock().expect("no panic").fetches
    }
}

async fn serve(State(served): State<Arc<Mutex<Served>>>) -> Response<Body> {
    let (answer, released) = {
        let mut served = served.lock().expect("no panic");
        served.fetches += 1;
        let mut answer = Response::builder().status(served.status).header("content-type", "application/json");
        if served.status == 302 {
            answer = answer.header("location", &served.location);
        }
        (answer.body(Body::from(served.body.clone())).expect("an answer"), served.released.clone())
    };
    if let Some(released) = released {
        released.notified().await;
    }
    answer
}
