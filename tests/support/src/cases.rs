//! Answers that every home of the router must give alike: the plain server, and Lambda behind API Gateway.

use std::collections::BTreeMap;

use super::process::{DOMAIN, SignIns};
use super::{FORM, StandIns};
use studio_acs_standins::sagemaker::{Behaviour, Profiles};

/// A request as a client sends it to the service's own host.
pub struct Sent {
    pub method: &'static str,
    pub path: &'static str,
    pub content_type: &'static str,
    pub accept: &'static str,
    pub body: Vec<u8>,
}

/// An answer, with header names in lower case.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

pub async fn stand_ins() -> StandIns {
    let profiles = [("alice", Behaviour::Mint), ("long", Behaviour::MintLong), ("throttled", Behaviour::Throttle)];
    StandIns::start(profiles.iter().fold(Profiles::default(), |all, (user, how)| all.with(DOMAIN, user, *how))).await
}

/// Asks everything of a service that has just been started.
pub async fn ask(sign_ins: &SignIns, stand_ins: &StandIns, send: impl AsyncFn(Sent) -> Got) {
    let post = |body: Vec<u8>| Sent { method: "POST", path: "/saml", content_type: FORM, accept: "text/html", body };
    let get = |path| Sent { method: "GET", path, content_type: FORM, accept: "text/html", body: Vec::new() };

    let form = sign_ins.form("alice");
    let answer = send(post(form.clone())).await;
    assert_eq!(answer.status, 302, "{answer:?}");
    assert_eq!((&*answer.headers["cache-control"], &*answer.body), ("no-store", ""));
    let studio = stand_ins.follow(&answer.headers["location"]).await;
    assert!(studio.body.contains(">alice<"), "{studio:?}");
    let again = send(post(form)).await;
    assert_eq!(again.status, 403, "{again:?}");
    assert!(again.body.contains("We could not sign you in"));

    let form = sign_ins.form("alice");
    let response = form.strip_suffix(b"&RelayState=").expect("a form");
    let reordered = [b"RelayState=%2Fhome&unknown=1&", response].concat();
    assert_eq!(send(post(reordered)).await.status, 302);
    let long = send(post(sign_ins.form("long"))).await;
    assert_eq!(long.status, 200);
    assert!(long.body.contains("http-equiv=\"refresh\""), "{long:?}");

    let twice = [sign_ins.form("alice"), b"&SAMLResponse=x".to_vec()].concat();
    let edited = super::form(sign_ins.response("alice").replace("alice", "admin").as_bytes());
    for (sent, status) in [
        (post(edited.clone()), 403),
        (post(twice), 400),
        (post(b"SAMLResponse=%%%".to_vec()), 400),
        (post(b"SAMLResponse=\xff\xfe".to_vec()), 400),
        (post(Vec::new()), 400),
        (post(vec![b'x'; (1 << 20) + 1]), 413),
        (Sent { content_type: "text/xml", ..post(sign_ins.form("alice")) }, 415),
        (post(sign_ins.form("nobody")), 404),
        (post(sign_ins.form("throttled")), 429),
        (get("/elsewhere"), 404),
        (get("/healthz"), 200),
        (get("/saml/metadata"), 200),
    ] {
        let path = sent.path;
        let answer = send(sent).await;
        assert_eq!(answer.status, status, "{path} {answer:?}");
        assert_eq!(answer.headers["x-correlation-id"].len(), 32, "{path} {answer:?}");
    }
    let refused = send(get("/saml")).await;
    assert_eq!((refused.status, &*refused.headers["allow"]), (405, "POST"));
    let json = send(Sent { accept: "application/json", ..post(edited) }).await;
    assert_eq!(json.status, 403);
    let json: serde_json::Value = serde_json::from_str(&json.body).expect("JSON");
    assert!(json.to_string().contains("reference"), "{json}");
    assert_eq!(stand_ins.sagemaker.mints(), 3);
}
