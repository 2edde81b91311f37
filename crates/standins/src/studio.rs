//! A stand-in for Studio: takes a presigned URL once, and shows which user came in.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode, Uri};
use axum::routing::get;
use time::{Duration, UtcDateTime};

use crate::id::new_id;
use crate::page;
use crate::sagemaker::Minted;
use studio_acs_html::{Slot, fill};

/// The URLs that were minted and not used yet.
pub struct LoginTokens {
    now: Box<dyn Fn() -> UtcDateTime + Send + Sync>,
    open: Mutex<HashMap<String, LoginToken>>,
}

#[derive(Debug)]
struct LoginToken {
    minted: Minted,
    until: UtcDateTime,
}

impl LoginTokens {
    /// Without any login token yet, by the clock `now`.
    pub fn new(now: impl Fn() -> UtcDateTime + Send + Sync + 'static) -> Self {
        Self { now: Box::new(now), open: Mutex::default() }
    }

    /// A token that opens Studio once, for as long as was asked for.
    pub(crate) fn issue(&self, minted: Minted) -> String {
        let token = new_id();
        let until = (self.now)().saturating_add(Duration::seconds(minted.expires_seconds.into()));
        if let Ok(mut open) = self.open.lock() {
            open.insert(token.clone(), LoginToken { minted, until });
        }
        token
    }

    fn claim(&self, token: &str) -> Option<LoginToken> {
        let login = self.open.lock().ok()?.remove(token)?;
        ((self.now)() < login.until).then_some(login)
    }
}

impl fmt::Debug for LoginTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginTokens")
    }
}

/// Studio's one page.
pub fn router(login_tokens: Arc<LoginTokens>) -> Router {
    Router::new().route("/auth", get(auth)).with_state(login_tokens)
}

async fn auth(State(login_tokens): State<Arc<LoginTokens>>, uri: Uri) -> Response<Body> {
    let token = uri.query().and_then(|query| query.strip_prefix("token=")).unwrap_or_default();
    let token = token.split('.').next().unwrap_or_default();
    match login_tokens.claim(token) {
        Some(LoginToken { minted, .. }) => {
            let expires = format!("{} seconds", minted.expires_seconds);
            let session = format!("{} minutes", minted.session_seconds / 60);
            let fact = |id: &str, name: &str, value: &Option<String>| match value {
                Some(value) => fill(
                    "<div><dt>{{name}}</dt><dd id=\"{{id}}\">{{value}}</dd></div>\n",
                    &[("id", Slot::Text(id)), ("name", Slot::Text(name)), ("value", Slot::Text(value))],
                ),
                None => String::new(),
            };
            let more = fact("space", "Space", &minted.space) + &fact("landing", "Landing page", &minted.landing);
            let slots = [
                ("user", Slot::Text(&minted.profile)),
                ("domain", Slot::Text(&minted.domain)),
                ("expires", Slot::Text(&expires)),
                ("session", Slot::Text(&session)),
                ("more", Slot::Html(&more)),
            ];
            page::answer(StatusCode::OK, include_str!("pages/studio.html"), &slots)
        }
        None => {
            let reason = "This link was used already, or its time is over.";
            page::answer(StatusCode::FORBIDDEN, include_str!("pages/spent.html"), &[("reason", Slot::Text(reason))])
        }
    }
}
