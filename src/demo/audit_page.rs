//! The demo's SIEM: takes the audit log's records as a webhook, and shows them.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::hmac;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response, StatusCode, Uri};
use axum::routing::{get, post};
use serde_json::Value;

use super::row::{AuditRow, row_html};
use crate::http::pages::with_type;
use crate::service::Clock;
use studio_acs_audit::verify::{VerifyError, VerifyRules, verify};
use studio_acs_html::Slot;
use studio_acs_standins::page;

/// How many bytes a delivery may have, and how many all together. A delivery that does not fit is not confirmed.
const DELIVERY_LIMIT: usize = 8 << 20;
const CAPACITY: usize = 64 << 20;
/// How old a signature may be, in seconds.
const FRESH: u64 = 300;
/// How many records the page shows.
const SHOWN: usize = 60;

/// The records, in the order in which they came.
pub(super) struct AuditPage {
    key: hmac::Key,
    clock: Clock,
    text: Mutex<String>,
}

impl AuditPage {
    /// A log of the deliveries signed with this secret.
    pub(super) fn new(secret: &str, clock: Clock) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), clock, text: Mutex::default() }
    }

    /// The page, the records as they came, and where they come in.
    pub(super) fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/audit", get(shown))
            .route("/audit/records", post(take))
            .route("/audit.jsonl", get(raw))
            .with_state(self)
    }

    fn text(&self) -> String {
        self.text.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn take(&self, headers: &HeaderMap, body: &[u8]) -> StatusCode {
        let signature = headers.get("x-studio-acs-signature").and_then(|value| value.to_str().ok());
        let Some(text) = signature.and_then(|signature| self.signed(signature, body)) else {
            return StatusCode::UNAUTHORIZED;
        };
        let mut kept = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len().saturating_add(text.len()) > CAPACITY {
            return StatusCode::INSUFFICIENT_STORAGE;
        }
        kept.push_str(text);
        StatusCode::NO_CONTENT
    }

    /// The body, if `t=SECONDS,v1=HEX` is its signature, and a fresh one.
    fn signed<'a>(&self, signature: &str, body: &'a [u8]) -> Option<&'a str> {
        let (seconds, tag) = signature.strip_prefix("t=")?.split_once(",v1=")?;
        let age = self.clock.now().unix_timestamp().abs_diff(seconds.parse().ok()?);
        let text = std::str::from_utf8(body).ok()?;
        let is_ours = hmac::verify(&self.key, format!("{seconds}.{text}").as_bytes(), &unhex(tag)?).is_ok();
        (is_ours && age <= FRESH && text.ends_with('\n')).then_some(text)
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<_>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let bytes = digits?;
    let pairs = bytes.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high.saturating_mul(16).saturating_add(*low)).ok(),
        _ => None,
    });
    pairs.collect()
}

async fn take(State(audit_page): State<Arc<AuditPage>>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let status = match to_bytes(body, DELIVERY_LIMIT).await {
        Ok(body) => audit_page.take(&head.headers, &body),
        Err(_) => StatusCode::PAYLOAD_TOO_LARGE,
    };
    with_type(status, "text/plain", String::new())
}

async fn raw(State(audit_page): State<Arc<AuditPage>>) -> Response<Body> {
    with_type(StatusCode::OK, "application/x-ndjson", audit_page.text())
}

/// The records, newest first; `?edited` shows the effect of an edit.
async fn shown(State(audit_page): State<Arc<AuditPage>>, uri: Uri) -> Response<Body> {
    let is_edited = uri.query() == Some("edited");
    let text = if is_edited { edited(&audit_page.text()) } else { audit_page.text() };
    let verdict = verify(text.as_bytes(), &VerifyRules::default());
    let broken_at = match &verdict {
        Err(VerifyError::Broken(broken)) => broken.line().unwrap_or(u64::MAX),
        Ok(_) | Err(_) => u64::MAX,
    };
    let (state, verdict) = match verdict {
        Ok(report) => {
            ("whole", format!("The chain is whole: {} records, checked just now.", report.chains.values().sum::<u64>()))
        }
        Err(VerifyError::Empty) => ("empty", "There is no record yet. Choose a tile of the portal.".to_owned()),
        Err(error) => ("broken", format!("The chain is broken: {error}.")),
    };
    let lines: Vec<_> = (1_u64..).zip(text.lines()).collect();
    let rows = lines.iter().rev().take(SHOWN).filter_map(|(number, line)| {
        let record: Value = serde_json::from_str(line).ok()?;
        Some(row_html(&AuditRow::of(&record), &record, *number < broken_at))
    });
    let rows: String = rows.collect();
    let (href, other) = if is_edited {
        ("/audit", "Show the records as they came")
    } else {
        ("/audit?edited", "What if somebody edits one?")
    };
    let slots = [
        ("state", Slot::Text(state)),
        ("verdict", Slot::Text(&verdict)),
        ("href", Slot::Text(href)),
        ("other", Slot::Text(other)),
        ("rows", Slot::Html(&rows)),
    ];
    page::answer(StatusCode::OK, include_str!("pages/audit.html"), &slots)
}

/// The same records, except that the newest that names a user names another one.
fn edited(text: &str) -> String {
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    let edit = |line: &String| {
        let mut record: Value = serde_json::from_str(line).ok()?;
        *record.pointer_mut("/actor/user/name")? = "somebody-else".into();
        Some(record.to_string())
    };
    let newest = lines.iter_mut().rev().find_map(|line| edit(line).map(|new| (line, new)));
    if let Some((line, new)) = newest {
        *line = new;
    }
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use studio_acs_refusal::hex;

    use super::*;

    /// The service signs its deliveries so; `broker::audit::webhook`.
    fn delivered(audit_page: &AuditPage, secret: &str, seconds: i64, body: &str) -> StatusCode {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, format!("{seconds}.{body}").as_bytes());
        let tag = hex(tag.as_ref());
        let signature = format!("t={seconds},v1={tag}").parse().unwrap();
        audit_page
            .take(&HeaderMap::from_iter([("x-studio-acs-signature".parse().unwrap(), signature)]), body.as_bytes())
    }

    #[test]
    fn what_is_not_signed_freshly_is_not_taken() {
        let now = time::UtcDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let audit_page = AuditPage::new("secret", Clock::new(move || now));
        for (secret, seconds) in [("other", 1_800_000_000), ("secret", 1_799_999_699), ("secret", 1_800_000_301)] {
            assert_eq!(delivered(&audit_page, secret, seconds, "{}\n"), StatusCode::UNAUTHORIZED, "{secret} {seconds}");
        }
        assert_eq!(audit_page.take(&HeaderMap::new(), b"{}\n"), StatusCode::UNAUTHORIZED);
        assert_eq!(audit_page.text(), "");
        assert_eq!(delivered(&audit_page, "secret", 1_800_000_000, "{}\n"), StatusCode::NO_CONTENT);
        assert_eq!(audit_page.text(), "{}\n");
    }
}
