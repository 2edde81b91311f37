//! The demo's access portal: tiles that sign in, and tiles that attack.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, Response, StatusCode};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::Duration;
use tower::ServiceExt as _;

use super::idp::{Claim, DevIdp, PASSWORD};
use super::{DemoError, page};
use crate::app::Clock;
use crate::http::page::with_type;
use crate::http::template::{Slot, fill};

const FORM: &str = "application/x-www-form-urlencoded";

/// A tile: who is claimed to come in where, and what is done to the claim on the way.
struct Tile {
    id: &'static str,
    name: &'static str,
    description: &'static str,
    /// The code that a refusal ends with; empty for a sign-in.
    code: &'static str,
    user: &'static str,
    domain: &'static str,
    deed: Deed,
}

/// What is done to a claim.
#[derive(Clone, Copy)]
enum Deed {
    None,
    EditAfterSigning,
    IssueLongAgo,
    PostTwice,
    LeaveUnsigned,
    SignWithForeignKey,
    NameOtherAudience,
}

/// The research domain.
pub(super) const RESEARCH: &str = "d-research0001";
/// The risk domain.
pub(super) const RISK: &str = "d-risk00000002";

#[rustfmt::skip]
const TILES: &[Tile] = &[
    Tile { id: "alice", name: "Studio · Research", description: "alice opens the research domain", code: "", user: "alice", domain: RESEARCH, deed: Deed::None },
    Tile { id: "bob", name: "Studio · Risk", description: "bob opens the risk domain", code: "", user: "bob", domain: RISK, deed: Deed::None },
    Tile { id: "edited", name: "Edited assertion", description: "alice's response, with bob written into it", code: "digest_mismatch", user: "alice", domain: RISK, deed: Deed::EditAfterSigning },
    Tile { id: "expired", name: "Expired assertion", description: "alice's response of two hours ago", code: "expired", user: "alice", domain: RESEARCH, deed: Deed::IssueLongAgo },
    Tile { id: "replay", name: "Replay", description: "a response that alice has used already", code: "replayed", user: "alice", domain: RESEARCH, deed: Deed::PostTwice },
    Tile { id: "unsigned", name: "No signature", description: "what today's samples let in", code: "unsigned", user: "alice", domain: RESEARCH, deed: Deed::LeaveUnsigned },
    Tile { id: "forged", name: "Forged signature", description: "signed by a key that is not the portal's", code: "signature_invalid", user: "alice", domain: RESEARCH, deed: Deed::SignWithForeignKey },
    Tile { id: "audience", name: "Another application's response", description: "a response that was meant for somebody else", code: "audience_mismatch", user: "alice", domain: RESEARCH, deed: Deed::NameOtherAudience },
    Tile { id: "stranger", name: "Unknown profile", description: "carol signs in, but has no profile in Studio", code: "profile_not_found", user: "carol", domain: RESEARCH, deed: Deed::None },
];

/// The portal's state.
pub(super) struct Portal {
    pub(super) idp: DevIdp,
    pub(super) foreign: DevIdp,
    /// The ACS, to use a response up before a replay.
    pub(super) acs: Router,
    pub(super) audience: String,
    pub(super) acs_url: String,
    pub(super) studio_origin: String,
    pub(super) clock: Clock,
    /// What runs where.
    pub(super) map: Vec<(&'static str, String)>,
}

impl Portal {
    pub(super) fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/", get(tiles))
            .route("/open/{id}", get(open))
            .route("/captured/{id}", get(captured))
            .route("/metadata", get(metadata))
            .with_state(self)
    }

    /// The response of a tile, in base64 as a browser would post it.
    async fn response(&self, tile: &Tile) -> Result<String, DemoError> {
        let now = self.clock.now();
        let claim = Claim {
            user: tile.user.to_owned(),
            domain: tile.domain.to_owned(),
            audience: self.audience.clone(),
            acs_url: self.acs_url.clone(),
            issued: now,
            session: Duration::hours(12),
            groups: Vec::new(),
            authenticated: now,
            method: PASSWORD.to_owned(),
        };
        let xml = match tile.deed {
            Deed::None | Deed::PostTwice => self.idp.respond(&claim)?,
            Deed::EditAfterSigning => self.idp.respond(&claim)?.replace(">alice<", ">bob<"),
            Deed::IssueLongAgo => {
                self.idp.respond(&Claim { issued: now.saturating_sub(Duration::hours(2)), ..claim })?
            }
            Deed::LeaveUnsigned => self.idp.unsigned(&claim),
            Deed::SignWithForeignKey => self.foreign.respond(&claim)?,
            Deed::NameOtherAudience => {
                self.idp.respond(&Claim { audience: "https://payroll.example/".to_owned(), ..claim })?
            }
        };
        let response = STANDARD.encode(xml);
        if matches!(tile.deed, Deed::PostTwice) {
            self.post(&response).await;
        }
        Ok(response)
    }

    /// Posts a response as another browser would.
    async fn post(&self, response: &str) {
        let path = self.acs_url.splitn(4, '/').nth(3).unwrap_or_default();
        let request =
            Request::post(format!("/{path}")).header(CONTENT_TYPE, FORM).body(Body::from(form_body(response)));
        if let Ok(request) = request {
            // What becomes of it is for the other browser to see.
            let _ = self.acs.clone().oneshot(request).await;
        }
    }
}

async fn tiles(State(portal): State<Arc<Portal>>) -> Response<Body> {
    let (sign_ins, attacks): (Vec<_>, Vec<_>) = TILES.iter().partition(|tile| tile.code.is_empty());
    let list = |tiles: Vec<&Tile>| tiles.into_iter().map(tile_html).collect::<String>();
    let rows = portal.map.iter().map(|(what, url)| {
        fill("<div><dt>{{what}}</dt><dd>{{url}}</dd></div>", &[("what", Slot::Text(what)), ("url", Slot::Text(url))])
    });
    let (sign_ins, attacks, rows) = (list(sign_ins), list(attacks), rows.collect::<String>());
    let slots = [
        (
            "note",
            Slot::Text(
                "Everything here runs in one process on this machine. The service behind the tiles is the real one.",
            ),
        ),
        ("tiles", Slot::Html(&sign_ins)),
        ("attacks", Slot::Html(&attacks)),
        ("map", Slot::Html(&rows)),
    ];
    page::answer(StatusCode::OK, include_str!("pages/portal.html"), &slots)
}

fn tile_html(tile: &Tile) -> String {
    let href = format!("/open/{}", tile.id);
    let badge = if tile.code.is_empty() { tile.domain } else { tile.code };
    let slots =
        [("id", tile.id), ("href", &href), ("name", tile.name), ("description", tile.description), ("badge", badge)];
    fill(include_str!("pages/tile.html"), &slots.map(|(name, text)| (name, Slot::Text(text))))
}

/// What a portal does at the click of a tile: a page that posts the response to the ACS.
async fn open(State(portal): State<Arc<Portal>>, Path(id): Path<String>) -> Response<Body> {
    let response = match response_of(&portal, &id).await {
        Ok(response) => response,
        Err(problem) => return problem,
    };
    let slots = [("acs_url", Slot::Text(&portal.acs_url)), ("saml_response", Slot::Text(&response))];
    let acs_origin = portal.acs_url.rsplit_once('/').map_or("", |(origin, _)| origin);
    page::form(
        include_str!("pages/post.html"),
        &slots,
        "document.forms[0].submit()",
        &[acs_origin, &portal.studio_origin],
    )
}

/// The identity provider's metadata, as an operator would download it.
async fn metadata(State(portal): State<Arc<Portal>>) -> Response<Body> {
    with_type(StatusCode::OK, "application/samlmetadata+xml", portal.idp.metadata())
}

/// A response as a developer tool would capture it: the form body.
async fn captured(State(portal): State<Arc<Portal>>, Path(id): Path<String>) -> Response<Body> {
    match response_of(&portal, &id).await {
        Ok(response) => with_type(StatusCode::OK, FORM, form_body(&response)),
        Err(problem) => problem,
    }
}

async fn response_of(portal: &Portal, id: &str) -> Result<String, Response<Body>> {
    let plain = |status, text: String| with_type(status, "text/plain; charset=utf-8", text);
    let tile = TILES.iter().find(|tile| tile.id == id);
    let tile = tile.ok_or_else(|| plain(StatusCode::NOT_FOUND, "no such tile".to_owned()))?;
    portal.response(tile).await.map_err(|error| plain(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

/// The form of the HTTP-POST binding. Of base64's alphabet, three characters mean something else in a form.
fn form_body(response: &str) -> String {
    let value = response.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!("SAMLResponse={value}&RelayState=")
}
