//! A stand-in for Studio: takes a presigned URL once, and shows who came in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode, Uri};
use axum::routing::get;
use time::{Duration, UtcDateTime};

use super::page;
use crate::app::Clock;
use crate::http::correlation::CorrelationId;
use crate::http::template::Slot;

/// The URLs that were minted and not used yet.
#[derive(Debug)]
pub struct Tickets {
    clock: Clock,
    open: Mutex<HashMap<String, Ticket>>,
}

#[derive(Debug)]
struct Ticket {
    user: String,
    domain: String,
    expires: u32,
    session: u32,
    until: UtcDateTime,
}

impl Tickets {
    /// No tickets yet.
    pub fn new(clock: Clock) -> Self {
        Self { clock, open: Mutex::default() }
    }

    /// A token that opens Studio once, for `expires` seconds from now.
    pub(super) fn issue(&self, user: &str, domain: &str, expires: u32, session: u32) -> String {
        let token = CorrelationId::new().to_string();
        let until = self.clock.now().saturating_add(Duration::seconds(expires.into()));
        let ticket = Ticket { user: user.to_owned(), domain: domain.to_owned(), expires, session, until };
        if let Ok(mut open) = self.open.lock() {
            open.insert(token.clone(), ticket);
        }
        token
    }

    fn redeem(&self, token: &str) -> Option<Ticket> {
        let ticket = self.open.lock().ok()?.remove(token)?;
        (self.clock.now() < ticket.until).then_some(ticket)
    }
}

/// Studio's one page.
pub fn router(tickets: Arc<Tickets>) -> Router {
    Router::new().route("/auth", get(auth)).with_state(tickets)
}

async fn auth(State(tickets): State<Arc<Tickets>>, uri: Uri) -> Response<Body> {
    let token = uri.query().and_then(|query| query.strip_prefix("token=")).unwrap_or_default();
    let token = token.split('.').next().unwrap_or_default();
    match tickets.redeem(token) {
        Some(Ticket { user, domain, expires, session, .. }) => {
            let (expires, session) = (format!("{expires} seconds"), format!("{} minutes", session / 60));
            let slots = [
                ("user", Slot::Text(&user)),
                ("domain", Slot::Text(&domain)),
                ("expires", Slot::Text(&expires)),
                ("session", Slot::Text(&session)),
            ];
            page::answer(StatusCode::OK, include_str!("pages/studio.html"), &slots)
        }
        None => {
            let reason = "This link was used already, or its time is over.";
            page::answer(StatusCode::FORBIDDEN, include_str!("pages/spent.html"), &[("reason", Slot::Text(reason))])
        }
    }
}
