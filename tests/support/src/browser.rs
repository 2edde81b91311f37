//! A browser that keeps cookies as browsers do, and a service in this process whose clock a test sets.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::middleware::{Next, from_fn};
use serde_json::Value;
use studio_acs::config::Setting;
use studio_acs::http::peer::Peer;
use studio_acs::lambda::{self, UnknownEvent};
use studio_acs::service::Parts;
use studio_acs::trust::CurrentTrust;
use studio_acs::{Clock, Config, Service, http};
use studio_acs_refusal::instant;
use studio_acs_standins::sdk as stand_in_sdk;
use time::UtcDateTime;

use super::gateway::{self, Gateway};
use super::process::{Server, exchange};
use super::{Answer, FORM, Lines, STUDIO_ORIGIN};

/// A service in this process.
#[derive(Clone)]
pub struct RunningService {
    router: Router,
    time: Arc<Mutex<UtcDateTime>>,
    lines: Lines,
}

impl RunningService {
    /// The service with these settings, at the instant `at`, with all of AWS at one endpoint.
    pub async fn start(settings: &[(&str, String)], aws: &str, at: &str) -> Self {
        let given = |name| settings.iter().rev().find(|(setting, _)| *setting == name).map(|(_, value)| value.clone());
        let lookup = |setting: &Setting| match setting.name {
            "studio-origin" => given("studio-origin").or_else(|| Some(STUDIO_ORIGIN.to_owned())),
            // Sign-ins are as of the start.
            "replay-after-restart" => given("replay-after-restart").or_else(|| Some("accept".to_owned())),
            name => given(name),
        };
        let config = match given("config") {
            Some(_) => Config::load(lookup).await,
            None => Config::read(lookup),
        };
        let config = config.expect("settings");
        let time = Arc::new(Mutex::new(instant::parse(at).expect("a time")));
        let clock = Arc::clone(&time);
        let clock = Clock::new(move || *clock.lock().expect("no panic"));
        let (sdk, lines) = (stand_in_sdk(aws, config.mint.timeout), Lines::default());
        let (sources, us) = (config.metadata.clone(), config.service_provider.clone());
        let trust = CurrentTrust::of(sources, &sdk, us, config.metadata_refresh, clock.now()).await.expect("trust");
        let parts =
            lines.of(async { Parts::of(&config, &sdk, &clock, lines.log()).await }).await.expect("the service starts");
        let app = Service::new(config, trust, parts, &sdk, clock).expect("the service starts");
        Self { router: http::router(Arc::new(app)), time, lines }
    }

    /// The router for a listener; its log comes here too.
    pub fn router(&self) -> Router {
        let lines = self.lines.clone();
        let log = move |request: Request<Body>, next: Next| lines.of(next.run(request));
        self.router.clone().layer(from_fn(log))
    }

    pub fn now(&self) -> UtcDateTime {
        *self.time.lock().expect("no panic")
    }

    pub fn wait(&self, seconds: i64) {
        *self.time.lock().expect("no panic") += time::Duration::seconds(seconds);
    }

    /// From now on it is this time.
    pub fn set(&self, at: UtcDateTime) {
        *self.time.lock().expect("no panic") = at;
    }

    /// The service's answer.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        self.lines.of(super::send_owned(self.router.clone(), request)).await
    }

    /// The service's answer on Lambda.
    pub async fn invoke(&self, event: Value) -> Result<Answer, UnknownEvent> {
        let answer = self.lines.of(lambda::handle(self.router.clone(), event)).await?;
        Ok(gateway::answer(&serde_json::to_value(answer).expect("JSON")))
    }

    /// The log so far.
    pub fn log(&self) -> String {
        self.lines.read()
    }
}

/// Where a browser's requests go.
#[derive(Clone)]
enum Home {
    Process(String),
    InProcess(RunningService),
    Lambda(RunningService, Gateway),
}

/// A browser. It follows nothing by itself.
#[derive(Clone)]
pub struct Browser {
    home: Home,
    address: Option<IpAddr>,
    accept: &'static str,
    /// The CSRF token of the last page's form, which ties it to the resume token.
    pub page: String,
    /// The value of each cookie, and whether only its own site's pages send it.
    pub cookies: BTreeMap<String, (String, bool)>,
}

/// A page that the browser shows.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Page {
    fn of(answer: Answer) -> Self {
        let headers = answer.headers.iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().expect("ASCII").to_owned()));
        Self { status: answer.status.as_u16(), headers: headers.collect(), body: answer.body }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map_or("", |(_, value)| value)
    }
}

impl Browser {
    pub fn of_process(server: &Server) -> Self {
        Self::at(Home::Process(server.address.clone()))
    }

    pub fn of_service(service: &RunningService) -> Self {
        Self::at(Home::InProcess(service.clone()))
    }

    /// A browser that reaches the service on Lambda, by way of this gateway.
    pub fn of_lambda(service: &RunningService, gateway: Gateway) -> Self {
        Self::at(Home::Lambda(service.clone(), gateway))
    }

    fn at(home: Home) -> Self {
        Self { home, address: None, accept: "text/html", page: String::new(), cookies: BTreeMap::new() }
    }

    /// The same browser at another service, as behind a load balancer.
    pub fn moved_to(&self, server: &Server) -> Self {
        Self { home: Home::Process(server.address.clone()), ..self.clone() }
    }

    /// The same browser, as the service sees it coming from this address.
    pub fn from(mut self, address: &str) -> Self {
        self.address = Some(address.parse().expect("an address"));
        self
    }

    /// The proof in a cookie that a user confirmed a sign-in there last.
    pub fn confirmed(&self) -> Option<&str> {
        self.cookies.get(CONFIRMED).map(|(value, _)| value.as_str())
    }

    pub fn put_confirmed(&mut self, cookie: &str) {
        self.cookies.insert(CONFIRMED.to_owned(), (cookie.to_owned(), false));
    }

    /// Posts as the access portal's page does: it is of another site.
    pub async fn sign_in(&mut self, form: &[u8]) -> Page {
        self.send("POST", "/saml", form, false).await
    }

    /// Submits a form of one of our pages.
    pub async fn submit(&mut self, page: &str, fields: &[(&str, &str)]) -> Page {
        let fields = fields.iter().copied().chain([("csrf_token", self.page.as_str())]);
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send("POST", &format!("/saml/{page}"), form.as_bytes(), true).await
    }

    /// Loads again, as a page of ours does that waits.
    pub async fn look_again(&mut self) -> Page {
        self.send("GET", &format!("/saml/continue?csrf_token={}", self.page), b"", true).await
    }

    /// The question of the waiting page's script.
    pub async fn ask_progress(&mut self) -> Page {
        self.send("GET", &format!("/saml/continue?csrf_token={}&progress=yes", self.page), b"", true).await
    }

    /// The resume token that it holds.
    pub fn resume_token(&self) -> Option<&str> {
        self.cookies.get(RESUME_COOKIE).map(|(value, _)| value.as_str())
    }

    pub fn put_resume_token(&mut self, token: &str) {
        self.cookies.insert(RESUME_COOKIE.to_owned(), (token.to_owned(), true));
    }

    async fn send(&mut self, method: &str, path: &str, body: &[u8], same_site: bool) -> Page {
        let cookies = self.cookies.iter().filter(|(_, (_, strict))| same_site || !strict);
        let cookies: Vec<_> = cookies.map(|(name, (value, _))| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let page = match &self.home {
            Home::Process(address) => {
                let head = format!(
                    "{method} {path} HTTP/1.1\r\nhost: acs.example\r\naccept: {}\r\ncookie: {cookies}\r\ncontent-type: {FORM}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    self.accept,
                    body.len()
                );
                let reply = exchange(address, &head, body).await.expect("an answer");
                let (head, body) = reply.text.split_once("\r\n\r\n").expect("a head");
                let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
                let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                Page { status: reply.status, headers, body: body.to_owned() }
            }
            Home::InProcess(service) => {
                let request = Request::builder().method(method).uri(path).header("accept", self.accept);
                let request = request.header("cookie", cookies).header("content-type", FORM);
                let peer = Peer { address: self.address, ..Peer::default() };
                let request = request.extension(peer).body(Body::from(body.to_vec())).expect("a request");
                Page::of(service.lines.of(super::send_owned(service.router.clone(), request)).await)
            }
            Home::Lambda(service, gateway) => {
                let headers = [("Accept", self.accept), ("Cookie", &*cookies), ("Content-Type", FORM)];
                let headers = headers.into_iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>();
                let event = gateway.event(method, path, &headers, body);
                Page::of(service.invoke(event).await.expect("an event of API Gateway"))
            }
        };
        page.headers.iter().filter(|(name, _)| name == "set-cookie").for_each(|(_, cookie)| self.keep(cookie));
        if let Some((_, rest)) =
            page.body.split_once("name=\"csrf_token\" value=\"").or(page.body.split_once("?csrf_token="))
        {
            rest.split('"').next().expect("an end").clone_into(&mut self.page);
        }
        page
    }

    fn keep(&mut self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').expect("attributes");
        let (name, value) = pair.split_once('=').expect("a pair");
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), (value.to_owned(), attributes.contains("SameSite=Strict")));
        }
    }
}

/// The cookies' names.
pub const RESUME_COOKIE: &str = "__Host-studio-acs-resume";
const CONFIRMED: &str = "__Host-studio-acs-confirmed";
