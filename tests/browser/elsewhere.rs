//! Another site's page posts a response in the browser of a user who did not choose anything (login CSRF).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Html;
use axum::routing::get;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use studio_acs::Clock;
use studio_acs_refusal::instant;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::rig::Rig;
use crate::within_limits;
use support::StandIns;
use support::browser::RunningService;
use support::process::SignIns;
use support::world::{last, profiles};

/// Each is of another registrable domain, but for the sibling, which is of the service's own.
const ACS: &str = "acs.example";
const STUDIO: &str = "studio.test";
const PORTAL: &str = "portal.test";
const ATTACKER: &str = "attacker.test";
const SIBLING: &str = "sibling.acs.example";

const ASKS: &str = "Is this you?";
const IN_STUDIO: &str = "You are in Studio";

/// The test's own pages: for each host, the one it shows.
type Shown = Arc<Mutex<HashMap<String, String>>>;

/// A service by https, Studio, the access portal, an attacker's site, and the browser of the victim, who is alice.
struct Web {
    rig: Rig,
    sign_ins: SignIns,
    stand_ins: StandIns,
    service: RunningService,
    shown: Shown,
}

impl Web {
    async fn with(settings: &[(&'static str, &str)]) -> Self {
        let origin = format!("https://{STUDIO}");
        let (sign_ins, stand_ins) =
            (SignIns::new(), StandIns::leading_to(&origin, profiles(&["alice", "mallory"])).await);
        let more = settings.iter().copied().chain([("studio-origin", &*origin)]);
        let more = more.map(|(name, value)| (name, value.to_owned()));
        let settings: Vec<_> = sign_ins.settings().into_iter().chain(more).collect();
        let now = instant::format(Clock::system().now());
        let service = RunningService::start(&settings, &stand_ins.endpoint, &now).await;
        let shown = Shown::default();
        let pages = Router::new().route("/", get(show)).with_state(Arc::clone(&shown));
        let acceptor = acceptor();
        let (acs, studio) = (serve(service.router(), &acceptor).await, serve(stand_ins.studio(), &acceptor).await);
        let pages = serve(pages, &acceptor).await;
        let rules = format!(
            "--host-resolver-rules=MAP {ACS}:443 127.0.0.1:{acs}, MAP {STUDIO}:443 127.0.0.1:{studio}, MAP *:443 127.0.0.1:{pages}"
        );
        let rig = Rig::without_demo(&[&rules, "--ignore-certificate-errors"]).await;
        Self { rig, sign_ins, stand_ins, service, shown }
    }

    /// A response about this user.
    fn response(&self, user: &str) -> String {
        let form = support::form(self.sign_ins.respond(&self.sign_ins.claim(user, self.service.now())).as_bytes());
        support::decoded(String::from_utf8(form).expect("ASCII").split(['=', '&']).nth(1).expect("a value"))
    }

    /// The victim comes to this host's page, which says this.
    async fn go(&self, host: &str, page: String) {
        self.shown.lock().expect("no panic").insert(host.to_owned(), page);
        self.rig.client.goto(&format!("https://{host}/")).await.expect("a page");
    }

    /// A page of `host` makes the victim's browser post a new response about `user`, by itself.
    async fn posts(&self, host: &str, user: &str) {
        self.go(host, posting("/saml", &[("SAMLResponse", &self.response(user))], "")).await;
    }

    /// The page asks whether the victim is this user, and nothing was opened meanwhile.
    async fn asks(&self, user: &str, mints: usize) {
        self.rig.heading(ASKS).await;
        assert_eq!(self.rig.text("#user").await, user);
        assert_eq!(self.stand_ins.sagemaker.mints(), mints);
    }

    async fn opens(&self, user: &str) {
        self.rig.heading(IN_STUDIO).await;
        assert_eq!(self.rig.text("#user").await, user);
    }

    async fn refuses(&self, heading: &str, code: &str, words: &str) {
        self.rig.heading(heading).await;
        let log = self.service.log();
        assert!(last(&log) == code && log.lines().last().expect("a line").contains(words), "{code}, {words}: {log}");
    }
}

async fn show(State(shown): State<Shown>, headers: HeaderMap) -> Html<String> {
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    Html(shown.lock().expect("no panic").get(host).cloned().unwrap_or_default())
}

/// A page that posts this form to the service without being asked.
fn posting(path: &str, fields: &[(&str, &str)], more: &str) -> String {
    let fields = fields.iter().map(|(name, value)| format!("<input type=hidden name={name} value=\"{value}\">"));
    let (fields, target) = (fields.collect::<String>(), if more.contains("<iframe") { " target=inside" } else { "" });
    format!(
        "<!doctype html><title>cats</title>{more}<form method=post action=\"https://{ACS}{path}\"{target}>{fields}</form><script>document.forms[0].submit()</script>"
    )
}

fn acceptor() -> TlsAcceptor {
    let hosts = [ACS, STUDIO, PORTAL, ATTACKER, SIBLING].map(ToOwned::to_owned);
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(hosts).expect("a certificate");
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![cert.der().clone()], key);
    TlsAcceptor::from(Arc::new(config.expect("a configuration")))
}

/// Serves `router` by https, and says at which port.
async fn serve(router: Router, acceptor: &TlsAcceptor) -> u16 {
    let plain = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let behind = plain.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(plain, router).await });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let acceptor = acceptor.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A browser hangs up as it likes.
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let Ok(mut inner) = TcpStream::connect(behind).await else { return };
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut inner).await;
            });
        }
    });
    port
}

/// The limit that SECURITY.md states.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_question_the_victim_lands_in_the_attackers_studio() {
    within_limits(async {
        let web = Web::with(&[]).await;
        web.posts(ATTACKER, "mallory").await;
        web.opens("mallory").await;
        web.rig.client.close().await.expect("an end");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_always_the_page_names_the_attacker_and_waits() {
    within_limits(async {
        let web = Web::with(&[("confirm", "always")]).await;
        web.posts(ATTACKER, "mallory").await;
        web.asks("mallory", 0).await;
        web.rig.fits_a_phone().await;
        // Neither the attacker's site nor another host of ours can click: no cookie comes along, or the page is not
        // known.
        let clicks = [("confirm", "yes"), ("csrf_token", "guessed")];
        web.go(ATTACKER, posting("/saml/continue", &clicks, "")).await;
        web.refuses("Please start again", "resume_missing", "found none").await;
        web.posts(ATTACKER, "mallory").await;
        web.asks("mallory", 0).await;
        web.go(SIBLING, posting("/saml/continue", &clicks, "")).await;
        web.refuses("Please start again", "resume_another_page", "found another").await;
        // Nor can the page be put into another one, to be clicked unseen.
        let response = web.response("mallory");
        web.go(ATTACKER, posting("/saml", &[("SAMLResponse", &response)], "<iframe name=inside></iframe>")).await;
        let framed = async {
            while !web.rig.violations().await.iter().any(|message| message.contains("frame-ancestors")) {
                tokio::task::yield_now().await;
            }
        };
        framed.await;
        web.rig.client.clone().enter_frame(0).await.expect("a frame");
        assert!(!web.rig.client.source().await.expect("a page").contains(ASKS));
        web.rig.client.clone().enter_parent_frame().await.expect("the page around it");

        web.posts(ATTACKER, "mallory").await;
        web.asks("mallory", 0).await;
        web.rig.click("button[name=decline]").await;
        web.refuses("You are not signed in", "sign_in_declined", "mallory").await;
        assert_eq!(web.stand_ins.sagemaker.mints(), 0);
        // The access portal's own post is asked about as well, each time, and opened by the click.
        for mints in [0, 1] {
            web.posts(PORTAL, "alice").await;
            web.asks("alice", mints).await;
            web.rig.click("button[name=confirm]").await;
            web.opens("alice").await;
        }
        assert_eq!(web.rig.violations().await, Vec::<String>::new());
        web.rig.client.close().await.expect("an end");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_new_browser_a_known_user_is_not_asked_and_the_attacker_is_not_known() {
    within_limits(async {
        let web = Web::with(&[("confirm", "new-browser")]).await;
        web.posts(PORTAL, "alice").await;
        web.asks("alice", 0).await;
        web.rig.click("button[name=confirm]").await;
        web.opens("alice").await;
        web.posts(PORTAL, "alice").await;
        web.opens("alice").await;
        assert_eq!(web.stand_ins.sagemaker.mints(), 2);

        web.posts(ATTACKER, "mallory").await;
        web.asks("mallory", 2).await;
        // A cookie that the attacker got in a browser of their own cannot be planted, from another host of the site
        // either.
        let mut own = support::browser::Browser::of_service(&web.service);
        let form = support::form(web.sign_ins.respond(&web.sign_ins.claim("mallory", web.service.now())).as_bytes());
        own.sign_in(&form).await;
        assert_eq!(own.submit("continue", &[("confirm", "yes")]).await.status, 302);
        let cookie = own.confirmed().expect("a cookie");
        let plants = format!(
            "<script>for (const name of ['__Host-studio-acs-confirmed', 'studio-acs-confirmed'])
                document.cookie = name + '={cookie}; Domain={ACS}; Path=/; Secure; SameSite=None'</script>"
        );
        let response = web.response("mallory");
        web.go(SIBLING, posting("/saml", &[("SAMLResponse", &response)], &plants)).await;
        web.asks("mallory", 3).await;
        web.rig.click("button[name=decline]").await;
        web.rig.heading("You are not signed in").await;
        // And she is known as before.
        web.posts(PORTAL, "alice").await;
        web.opens("alice").await;
        web.rig.client.close().await.expect("an end");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_list_of_origins_only_the_portals_pages_may_post() {
    within_limits(async {
        let web = Web::with(&[("allowed-origins", "https://portal.test")]).await;
        web.posts(PORTAL, "alice").await;
        web.opens("alice").await;
        web.posts(ATTACKER, "mallory").await;
        web.refuses("We could not sign you in", "origin_not_allowed", "found https://attacker.test").await;
        web.posts(SIBLING, "mallory").await;
        web.refuses("We could not sign you in", "origin_not_allowed", "found https://sibling.acs.example").await;
        // A page that says nothing of itself to others, whosever it is.
        let response = web.response("alice");
        let silent = "<meta name=referrer content=no-referrer>";
        web.go(PORTAL, posting("/saml", &[("SAMLResponse", &response)], silent)).await;
        web.refuses("We could not sign you in", "origin_not_allowed", "found null").await;
        assert_eq!(web.stand_ins.sagemaker.mints(), 1);
        web.rig.client.close().await.expect("an end");
    })
    .await;
}

/// `check` warns of such a list.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_null_lets_every_page_post() {
    within_limits(async {
        let web = Web::with(&[("allowed-origins", "https://portal.test,null")]).await;
        let response = web.response("mallory");
        let silent = "<meta name=referrer content=no-referrer>";
        web.go(ATTACKER, posting("/saml", &[("SAMLResponse", &response)], silent)).await;
        web.opens("mallory").await;
        web.rig.client.close().await.expect("an end");
    })
    .await;
}
