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

use super::api_client::{ApiClient, Deed as Asked, LINKS, Link};
use super::audit_page::AuditPage;
use super::error::DemoError;
use super::tiles::{Deed, Section, TILES, Tile};
use crate::http::pages::with_type;
use crate::service::Clock;
use studio_acs_html::{Slot, fill};
use studio_acs_standins::idp::{Claim, DevIdp, PASSWORD};
use studio_acs_standins::page;

const FORM: &str = "application/x-www-form-urlencoded";

/// The portal's state.
pub(super) struct Portal {
    pub(super) idp: Arc<DevIdp>,
    pub(super) foreign: Arc<DevIdp>,
    /// The ACS, to use a response up before a replay.
    pub(super) acs: Router,
    pub(super) audience: String,
    pub(super) acs_url: String,
    pub(super) studio_origin: String,
    pub(super) clock: Clock,
    pub(super) audit_page: Arc<AuditPage>,
    pub(super) api_client: Arc<ApiClient>,
    /// The addresses of all parts, by name.
    pub(super) map: Vec<(&'static str, String)>,
}

impl Portal {
    pub(super) fn router(self: Arc<Self>) -> Router {
        let (audit_page, api_client) = (Arc::clone(&self.audit_page).router(), Arc::clone(&self.api_client).router());
        Router::new()
            .route("/", get(tiles))
            .route("/open/{id}", get(open))
            .route("/captured/{id}", get(captured))
            .route("/metadata", get(metadata))
            .with_state(self)
            .merge(audit_page)
            .merge(api_client)
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
            groups: tile.groups.iter().map(ToString::to_string).collect(),
            attributes: Vec::new(),
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
            Request::post(format!("/{path}")).header(CONTENT_TYPE, FORM).body(Body::from(form_body(response, "")));
        if let Ok(request) = request {
            // The other browser shows the outcome.
            let _ = self.acs.clone().oneshot(request).await;
        }
    }
}

async fn tiles(State(portal): State<Arc<Portal>>) -> Response<Body> {
    let list = |section| TILES.iter().filter(|tile| tile.section == section).map(tile_html).collect::<String>();
    let rows = portal.map.iter().map(|(what, url)| {
        fill("<div><dt>{{what}}</dt><dd>{{url}}</dd></div>", &[("what", Slot::Text(what)), ("url", Slot::Text(url))])
    });
    let (rows, sign_ins, asks) = (rows.collect::<String>(), list(Section::SignIn), list(Section::Asks));
    let (broker, verifier) = (list(Section::Broker), list(Section::Verifier));
    let api_client: String = LINKS.iter().map(link_html).collect();
    let note = "Everything here runs in one process on this machine. The service behind the tiles is the real one.";
    let slots = [
        ("note", Slot::Text(note)),
        ("sign_ins", Slot::Html(&sign_ins)),
        ("asks", Slot::Html(&asks)),
        ("broker", Slot::Html(&broker)),
        ("verifier", Slot::Html(&verifier)),
        ("intranet", Slot::Html(&api_client)),
        ("map", Slot::Html(&rows)),
    ];
    page::answer(StatusCode::OK, include_str!("pages/portal.html"), &slots)
}

fn tile_html(tile: &Tile) -> String {
    face(&format!("/open/{}", tile.id), "", [tile.id, tile.name, tile.description, tile.badge])
}

/// A section of its own has what opens Studio beside what is refused.
fn link_html(link: &Link) -> String {
    let state = if link.deed == Asked::None { "" } else { "refused" };
    face(&format!("/intranet/{}", link.id), state, [link.id, link.name, link.description, link.badge])
}

fn face(href: &str, state: &str, [id, name, description, badge]: [&str; 4]) -> String {
    let slots =
        [("href", href), ("state", state), ("id", id), ("name", name), ("description", description), ("badge", badge)];
    fill(include_str!("pages/tile.html"), &slots.map(|(name, text)| (name, Slot::Text(text))))
}

/// Returns a portal's page at the click of a tile: it posts the response to the ACS.
async fn open(State(portal): State<Arc<Portal>>, Path(id): Path<String>) -> Response<Body> {
    let (tile, response) = match response_of(&portal, &id).await {
        Ok(found) => found,
        Err(problem) => return problem,
    };
    let slots = [
        ("acs_url", Slot::Text(&portal.acs_url)),
        ("saml_response", Slot::Text(&response)),
        ("relay_state", Slot::Text(tile.link)),
    ];
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
        Ok((tile, response)) => with_type(StatusCode::OK, FORM, form_body(&response, tile.link)),
        Err(problem) => problem,
    }
}

async fn response_of(portal: &Portal, id: &str) -> Result<(&'static Tile, String), Response<Body>> {
    let tile = TILES.iter().find(|tile| tile.id == id);
    let tile = tile.ok_or_else(|| page::plain(StatusCode::NOT_FOUND, "no such tile"))?;
    let response = portal.response(tile).await;
    Ok((tile, response.map_err(|error| page::plain(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()))?))
}

/// The form of the HTTP-POST binding. Three characters of base64's alphabet mean something else in a form.
fn form_body(response: &str, link: &str) -> String {
    let value = response.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!("SAMLResponse={value}&RelayState={link}")
}
