//! Half an hour of honest and hostile traffic at once, under the unit's memory limit: nothing is killed, no honest
//! sign-in is lost, memory stays flat. Not among the default tests: `scripts/nightly` runs it with the release binary
//! (`STUDIO_ACS_BINARY`) for `SOAK_SECONDS`.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use studio_acs_standins::sagemaker::{Behaviour, Profiles};
use support::StandIns;
use support::limited::Limited;
use support::process::{DOMAIN, SignIns, exchange, head, post};
use support::{FORM, form};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// The limit of `deploy/studio-acs.service`, in MiB.
const LIMIT: u64 = 512;
/// How many people sign in.
const PEOPLE: usize = 200;
/// How long the service refuses sign-ins after its start without a replay table: its skew.
const RESTART_GRACE: Duration = Duration::from_secs(60);

/// A mebibyte less a little: just below the limit of a body.
const ALMOST_A_MEBIBYTE: usize = (1 << 20) - 64;

/// The answers by kind of traffic and status; `0` where the connection ended without one.
#[derive(Debug, Default, Clone)]
struct Counts(Arc<Mutex<BTreeMap<(&'static str, u16), usize>>>);

impl Counts {
    fn add(&self, kind: &'static str, status: u16) {
        *self.0.lock().unwrap().entry((kind, status)).or_insert(0) += 1;
    }

    fn of(&self, kind: &str) -> BTreeMap<u16, usize> {
        let counts = self.0.lock().unwrap();
        counts.iter().filter(|((of, _), _)| *of == kind).map(|((_, status), count)| (*status, *count)).collect()
    }
}

/// Starts `clients` clients of this kind; each calls `ask` again as soon as it has returned, until the soak is aborted.
fn keep<A, F>(tasks: &mut JoinSet<()>, counts: &Counts, kind: &'static str, clients: usize, ask: A)
where
    A: Fn() -> F + Clone + Send + Sync + 'static,
    F: Future<Output = u16> + Send,
{
    for _ in 0..clients {
        let (ask, counts) = (ask.clone(), counts.clone());
        tasks.spawn(async move {
            loop {
                counts.add(kind, ask().await);
            }
        });
    }
}

/// Sends a head that promises a body, then the body in pieces of `piece` bytes with a pause after each, and never its
/// last byte.
async fn unfinished(address: &str, body: usize, piece: usize, pause: Duration) -> u16 {
    let Ok(mut stream) = TcpStream::connect(address).await else { return 0 };
    if stream.write_all(head("/saml", FORM, body + 1).as_bytes()).await.is_err() {
        return 0;
    }
    let piece = vec![b'A'; piece];
    for _ in 0..body / piece.len() {
        if stream.write_all(&piece).await.is_err() {
            return 0;
        }
        sleep(pause).await;
    }
    status(stream).await
}

/// Sends a chunked body whose chunks have one byte each, a thousand at a time.
async fn one_byte_chunks(address: &str) -> u16 {
    let Ok(mut stream) = TcpStream::connect(address).await else { return 0 };
    let head = format!(
        "POST /saml HTTP/1.1\r\nhost: acs.example\r\ncontent-type: {FORM}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    let chunks = b"1\r\nA\r\n".repeat(1000);
    if stream.write_all(head.as_bytes()).await.is_err() {
        return 0;
    }
    for _ in 0..1000 {
        if stream.write_all(&chunks).await.is_err() {
            return 0;
        }
        sleep(Duration::from_millis(5)).await;
    }
    status(stream).await
}

/// Sends this much of a head, and waits for the server to end it.
async fn half_a_head(address: &str, sent: &[u8]) -> u16 {
    let Ok(mut stream) = TcpStream::connect(address).await else { return 0 };
    if stream.write_all(sent).await.is_err() {
        return 0;
    }
    status(stream).await
}

async fn status(mut stream: TcpStream) -> u16 {
    let mut answer = [0; 12];
    let read = tokio::time::timeout(Duration::from_secs(30), stream.read_exact(&mut answer)).await;
    if !matches!(read, Ok(Ok(_))) {
        return 0;
    }
    std::str::from_utf8(&answer[9..12]).ok().and_then(|status| status.parse().ok()).unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_hour_of_honest_and_hostile_traffic_kills_nothing_and_loses_no_sign_in() {
    let lasts = std::env::var("SOAK_SECONDS").expect("SOAK_SECONDS is not set: see scripts/nightly");
    let lasts = Duration::from_secs(lasts.parse().expect("a number of seconds"));
    let people: Vec<_> = (0..PEOPLE).map(|number| format!("person-{number}")).collect();
    let profiles =
        people.iter().fold(Profiles::default(), |profiles, person| profiles.with(DOMAIN, person, Behaviour::Mint));
    let (sign_ins, stand_ins) = (Arc::new(SignIns::new()), StandIns::start(profiles).await);
    // As it is shipped: what may have been used before the start is refused.
    let limited = Limited::start(&sign_ins, &stand_ins, LIMIT, &["--replay-after-restart", "refuse"]);
    let server = &limited.server;
    let started = Instant::now();

    let counts = Counts::default();
    let address = server.address.clone();
    let mut hostile = JoinSet::new();
    let to = |address: &str| address.to_owned();
    let a = to(&address);
    keep(&mut hostile, &counts, "unfinished body of almost 1 MiB", 400, move || {
        let address = a.clone();
        async move { unfinished(&address, ALMOST_A_MEBIBYTE, 65_472, Duration::from_millis(200)).await }
    });
    let a = to(&address);
    keep(&mut hostile, &counts, "chunks of one byte", 24, move || {
        let address = a.clone();
        async move { one_byte_chunks(&address).await }
    });
    let a = to(&address);
    let garbage = Arc::new([b"SAMLResponse=".to_vec(), vec![b'A'; ALMOST_A_MEBIBYTE]].concat());
    keep(&mut hostile, &counts, "whole body of almost 1 MiB", 2, move || {
        let (address, garbage) = (a.clone(), Arc::clone(&garbage));
        async move {
            let answer = post(&address, &garbage).await.map_or(0, |reply| reply.status);
            sleep(Duration::from_millis(100)).await;
            answer
        }
    });
    let (a, idp) = (to(&address), Arc::clone(&sign_ins));
    keep(&mut hostile, &counts, "edited response", 2, move || {
        let (address, idp) = (a.clone(), Arc::clone(&idp));
        async move {
            let edited = idp.response("person-1").replace("person-1", "person-2");
            let answer = post(&address, &form(edited.as_bytes())).await.map_or(0, |reply| reply.status);
            sleep(Duration::from_millis(50)).await;
            answer
        }
    });
    let a = to(&address);
    keep(&mut hostile, &counts, "forged resume cookie", 1, move || {
        let address = a.clone();
        async move {
            let head = "POST /saml/continue HTTP/1.1\r\nhost: acs.example\r\ncookie: __Host-studio-acs-resume=e30.e30\r\n\
                        content-type: application/x-www-form-urlencoded\r\ncontent-length: 6\r\nconnection: close\r\n\r\n";
            let answer = exchange(&address, head, b"csrf_token=x").await.map_or(0, |reply| reply.status);
            sleep(Duration::from_millis(50)).await;
            answer
        }
    });
    let a = to(&address);
    keep(&mut hostile, &counts, "half a head", 200, move || {
        let address = a.clone();
        async move { half_a_head(&address, b"POST /saml HTTP/1.1\r\nhost: acs").await }
    });
    let a = to(&address);
    let long = Arc::new([b"GET /healthz HTTP/1.1\r\nhost: x\r\nx: ".to_vec(), vec![b'x'; 200_000]].concat());
    keep(&mut hostile, &counts, "head of 200 kB", 2, move || {
        let (address, long) = (a.clone(), Arc::clone(&long));
        async move {
            let answer = half_a_head(&address, &long).await;
            sleep(Duration::from_millis(100)).await;
            answer
        }
    });

    let (honest, next) = (Counts::default(), Arc::new(AtomicUsize::new(0)));
    let mut honest_tasks = JoinSet::new();
    let stop = Arc::new(AtomicUsize::new(0));
    for _ in 0..4 {
        let (address, idp, counts, next) = (to(&address), Arc::clone(&sign_ins), honest.clone(), Arc::clone(&next));
        let (people, stop) = (people.clone(), Arc::clone(&stop));
        honest_tasks.spawn(async move {
            while stop.load(Ordering::SeqCst) == 0 {
                let person = &people[next.fetch_add(1, Ordering::Relaxed) % PEOPLE];
                let form = idp.form(person);
                // A sign-in that is issued within the restart's grace is refused, as documented, and counted by itself.
                let kind = if started.elapsed() < RESTART_GRACE { "within the restart's grace" } else { "honest" };
                counts.add(kind, post(&address, &form).await.map_or(0, |reply| reply.status));
                // Ten a second: without a table each is remembered for its hour, of 100,000.
                sleep(Duration::from_millis(400)).await;
            }
        });
    }

    let mut residents = Vec::new();
    while started.elapsed() < lasts {
        sleep(Duration::from_secs(10)).await;
        residents.push(server.resident());
        if residents.len() % 6 == 0 {
            let minute = &residents[residents.len() - 6..];
            let (low, high) = (minute.iter().min().unwrap(), minute.iter().max().unwrap());
            println!("minute {:2}: {low} to {high} MiB resident, {:?}", residents.len() / 6, honest.of("honest"));
        }
    }
    stop.store(1, Ordering::SeqCst);
    honest_tasks.join_all().await;
    let peak = limited.check();
    hostile.abort_all();
    report(&counts, &honest, &residents, peak);

    let answers = honest.of("honest");
    assert!(answers.keys().all(|status| *status == 302), "every honest sign-in succeeds: {answers:?}");
    assert!(answers.values().sum::<usize>() > usize::try_from(lasts.as_secs()).unwrap(), "sign-ins came: {answers:?}");
    // The first third warms caches and the allocator up.
    let third = residents.len() / 3;
    let (second, last) = (residents[third..2 * third].iter().max(), residents[2 * third..].iter().max());
    let (second, last) = (second.unwrap(), last.unwrap());
    assert!(last * 10 <= second * 11, "memory grows: at most {second} MiB in the second third, {last} in the last");
}

fn report(hostile: &Counts, honest: &Counts, residents: &[u64], peak: u64) {
    println!(
        "honest: {:?}; within the restart's grace: {:?}",
        honest.of("honest"),
        honest.of("within the restart's grace")
    );
    for ((kind, status), count) in hostile.0.lock().unwrap().iter() {
        println!("{kind}: {count} answered {status}");
    }
    println!(
        "{} samples, at most {:?} MiB resident, peak {peak} of {LIMIT} MiB",
        residents.len(),
        residents.iter().max()
    );
}
