//! Every page of the service, as axe-core, a framing site and a browser without scripts find it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::HeaderName;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use axum::routing::get;
use studio_acs_standins::sagemaker::{Behaviour, Making};
use tokio::net::TcpListener;

use crate::rig::Rig;
use crate::within_limits;
use support::StandIns;
use support::browser::{Browser, Page, RunningService};
use support::form_with;
use support::process::{DOMAIN, SignIns};
use support::world::{Book, NOON, entry, in_groups, profiles};

/// The service's pages, each with its name, served again at `/pages/{number}` with their headers.
struct Shown {
    pages: Vec<(&'static str, Page)>,
    origin: String,
}

/// All that an organisation says of itself.
const ORGANIZATION: [(&str, &str); 3] = [
    ("organization-name", "Example <b>Corp</b>"),
    ("help-contact", "Data platform team"),
    ("help-url", "https://help.example/studio"),
];

impl Shown {
    /// Signs in as whoever is shown each page.
    async fn all() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let users = profiles(&["alice", "erin", "heidi"]).with(DOMAIN, "long", Behaviour::MintLong);
        let (sign_ins, stand_ins) =
            (SignIns::new(), StandIns::leading_to(&origin, users.making(Making::Ready(1_000))).await);
        let provision = "[entry.provision]\nexecution_role = \"arn:aws:iam::111122223333:role/notebooks\"\n";
        let book = Book::of(
            &[
                entry("research", "alice", "title = \"Research\""),
                entry("risk", "alice", "title = \"Risk & fraud\""),
                entry("payments", "erin", "title = \"Payments in production\"\nproduction = true"),
                entry("long", "long", ""),
                entry("new", "ivan", &format!("title = \"Research\"\n{provision}")),
            ]
            .concat(),
        );
        let service = async |more: &[(&'static str, &str)]| {
            let ledger = book.path();
            let common = [("ledger", &*ledger), ("studio-origin", &*origin), ("provision", "on")];
            let more = common.iter().chain(&ORGANIZATION).chain(more);
            let more = more.map(|(name, value)| (*name, (*value).to_owned()));
            let settings: Vec<_> = sign_ins.settings().into_iter().chain(more).collect();
            RunningService::start(&settings, &stand_ins.endpoint, NOON).await
        };
        let four_eyes = service(&[("policy", "shipped:default,shipped:four-eyes")]).await;
        let tickets = service(&[("policy", "shipped:default,shipped:change-ticket")]).await;
        let asking = service(&[("confirm", "always")]).await;
        let sign_in = async |service: &RunningService, user: &str, groups: &[&str], link: &str| {
            let claim = in_groups(sign_ins.claim(user, service.now()), groups);
            let form = form_with(sign_ins.respond(&claim).as_bytes(), link);
            Browser::of_service(service).sign_in(&form).await
        };
        let approvers = &["approvers"][..];
        let pages = vec![
            ("nothing to review", sign_in(&four_eyes, "bob", approvers, "approvals").await),
            ("a refusal of the response", Browser::of_service(&four_eyes).sign_in(b"SAMLResponse=%").await),
            ("a refusal of the user", sign_in(&four_eyes, "nobody", &[], "").await),
            ("an unknown address", Browser::of_service(&four_eyes).submit("elsewhere", &[]).await),
            ("a form of no page", Browser::of_service(&four_eyes).submit("continue", &[("entry", "\u{0}")]).await),
            ("the way to Studio", sign_in(&four_eyes, "long", &[], "").await),
            ("the confirmation", sign_in(&asking, "alice", &[], "").await),
            ("the choice", sign_in(&four_eyes, "alice", &[], "").await),
            ("the ticket's number", sign_in(&tickets, "erin", &[], "").await),
            ("the request for approval", sign_in(&four_eyes, "erin", &[], "").await),
            ("the review", sign_in(&four_eyes, "bob", approvers, "approvals").await),
            ("the wait", sign_in(&four_eyes, "ivan", &[], "").await),
        ];
        let kept = |(_, page): &(_, Page)| (page.body.clone(), page.headers.clone());
        let served: Served = Arc::new(pages.iter().map(kept).collect());
        let router = Router::new().route("/pages/{number}", get(again)).fallback(elsewhere).with_state(served);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { pages, origin }
    }

    async fn goto(&self, rig: &Rig, number: usize) {
        rig.client.goto(&format!("{}/pages/{number}", self.origin)).await.expect("a page");
        rig.element("h1").await;
    }
}

/// Bodies, with their headers.
type Served = Arc<Vec<(String, Vec<(String, String)>)>>;

async fn again(State(served): State<Served>, Path(number): Path<usize>) -> Response<Body> {
    let (body, headers) = served[number].clone();
    let mut response = Response::new(Body::from(body));
    for (name, value) in headers.iter().filter(|(name, _)| name != "set-cookie" && name != "content-length") {
        let name: HeaderName = name.parse().expect("a name");
        response.headers_mut().insert(name, HeaderValue::from_str(value).expect("a value"));
    }
    response
}

/// The waiting page waits; Studio has no content, so that the page that leads there stays and can be looked at.
async fn elsewhere(request: Request<Body>) -> Response<Body> {
    let waits = request.uri().path().ends_with("/continue");
    let mut response = Response::new(Body::empty());
    *response.status_mut() = if waits { StatusCode::ACCEPTED } else { StatusCode::NO_CONTENT };
    response
}

#[tokio::test]
async fn no_page_can_be_framed_or_runs_anything_but_what_its_policy_knows() {
    let shown = Shown::all().await;
    for (name, page) in &shown.pages {
        assert!(page.body.contains("<h1>"), "{name}: {page:?}");
        let csp = page.header("content-security-policy");
        assert!(csp.starts_with("default-src 'none'") && csp.contains("frame-ancestors 'none'"), "{name}: {csp}");
        assert!(!csp.contains("unsafe") && !csp.contains('*'), "{name}: {csp}");
        assert_eq!(page.header("x-frame-options"), "DENY", "{name}");
        let waits = *name == "the wait";
        assert_eq!((csp.contains("script-src 'sha256-"), csp.contains("connect-src 'self'")), (waits, waits), "{name}");
        assert_eq!(page.body.contains("<script"), waits, "{name}");
    }
}

#[tokio::test]
async fn every_page_says_whose_service_it_is_and_who_helps() {
    let shown = Shown::all().await;
    for (name, page) in &shown.pages {
        let words = "<a href=\"https://help.example/studio\" rel=\"noreferrer\">Data platform team</a>";
        assert!(page.body.contains("Example &lt;b&gt;Corp&lt;/b&gt;") && page.body.contains(words), "{name}");
        assert!(!page.body.contains("{{") && !page.body.contains("}}"), "{name}: every slot is filled");
        assert!(page.body.contains(page.header("x-correlation-id")), "{name}: the reference");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_any_page_in_the_light_or_in_the_dark() {
    within_limits(async {
        let shown = Shown::all().await;
        let rig = Rig::without_demo(&[]).await;
        let script = "return getComputedStyle(document.body).backgroundColor";
        let mut grounds = Vec::new();
        for scheme in ["light", "dark"] {
            rig.prefer(scheme).await;
            for (number, (name, _)) in shown.pages.iter().enumerate() {
                shown.goto(&rig, number).await;
                assert_eq!(rig.complaints().await, Vec::<String>::new(), "{name}, {scheme}");
                rig.fits_a_phone().await;
            }
            grounds.push(rig.client.execute(script, Vec::new()).await.expect("a colour"));
        }
        assert_ne!(grounds[0], grounds[1], "the dark is dark");
        // A judge that finds nothing on a page that is wrong looks at nothing.
        for (script, rule) in [
            (
                "document.head.append(Object.assign(document.createElement('meta'), {httpEquiv: 'refresh', content: '3600'}))",
                "meta-refresh",
            ),
            (
                "document.querySelector('form').insertAdjacentHTML('beforeend', '<ul role=list></ul>')",
                "aria-required-children",
            ),
            ("document.querySelector('h1').style.color = '#3b434d'", "color-contrast"),
        ] {
            shown.goto(&rig, 0).await;
            rig.client.execute(script, Vec::new()).await.expect("an answer");
            let complaints = rig.complaints().await;
            assert!(complaints.iter().any(|complaint| complaint.starts_with(rule)), "{rule}: {complaints:?}");
        }
        rig.client.close().await.expect("an end");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_a_link_leads_on_from_the_wait() {
    within_limits(async {
        let rig = Rig::start().await;
        rig.without_scripts().await;
        rig.choose("ivan").await;
        rig.click("button[type=submit]").await;
        while rig.text("h1").await != "You are in Studio" {
            assert_eq!(rig.text("h1").await, "Your Studio profile is being made");
            rig.click("#continue").await;
        }
        assert_eq!(rig.text("#user").await, "ivan");
        rig.client.close().await.expect("an end");
    })
    .await;
}
