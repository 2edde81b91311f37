//! The router as a plain server, for a TLS proxy or load balancer in front of it.

mod connections;
mod strict_stream;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONNECTION, HOST};
use axum::http::{HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tower_service::Service as _;

use crate::config::Limits;
use crate::http::UnderWay;
use crate::http::peer::Peer;
use connections::{Connection, Connections, GRACE, Watched};
use strict_stream::{AfterHead, StrictStream};

/// The most bytes of a request's head, of which hyper takes 100 fields: twice a token's most. Ours have some hundred;
/// cookies of neighbours may come on top.
const HEAD_LIMIT: usize = 16_384;
/// The bytes that the kernel keeps of a connection, each way. It takes as much again for its own records, and without a
/// limit some megabytes, which count against the limit of a control group.
const KERNEL_BUFFER: u32 = 32_768;
/// How long no connection is accepted where the system has no descriptor left: some connection may end meanwhile.
const BREATH: Duration = Duration::from_millis(50);

/// How many connections the kernel keeps until we take them. With the usual 128, a burst of sign-ins is reset.
const BACKLOG: u32 = 4096;

/// Listens at `address`.
///
/// # Errors
/// Where the address is taken, or not ours.
pub fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restart need not wait for the connections of the process before it.
    socket.set_reuseaddr(true)?;
    // Its connections have the same.
    socket.set_recv_buffer_size(KERNEL_BUFFER)?;
    socket.set_send_buffer_size(KERNEL_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until a signal tells the process to end, then lets the requests under way finish within the limits.
pub async fn run(listener: TcpListener, router: Router, limits: Limits, mut end: EndSignals) {
    let connections = Connections::new(limits.connections);
    let (serving, ending) = watch::channel(());
    let mut told = pin!(end.arrived());
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut told => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                // A client that is gone already; or no descriptor is left, and the next call would say so at once.
                Err(_) => {
                    connections.dismiss_one();
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
            },
        };
        let connection = tokio::select! {
            () = &mut told => break,
            connection = connections.open() => connection,
        };
        let address = limits.tell_peers.then(|| peer.ip().to_canonical());
        let peer = Peer { address, ..Peer::default() };
        tokio::spawn(serve(stream, peer, router.clone(), connection, limits.idle, ending.clone()));
    }
    drop((serving, listener));
    let ended = async {
        tokio::select! {
            () = connections.ended() => {}
            () = tokio::time::sleep(GRACE) => {
                connections.dismiss_waiting();
                connections.ended().await;
            }
        }
    };
    // A connection that has not finished by then is left behind.
    let _ = tokio::time::timeout(limits.drain, ended).await;
}

/// Serves one connection, until its client, its time, its successor or the process ends it.
async fn serve(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    connection: Connection,
    idle: Duration,
    mut ending: watch::Receiver<()>,
) {
    let after_head = AfterHead::default();
    let stream = StrictStream::new(stream, after_head.clone());
    let service = service_fn(|request: Request<Incoming>| {
        // hyper's own reading of the head, so that no second one differs.
        let length = request.body().size_hint().exact();
        after_head.is_body_of(length);
        let (mut router, connection, peer) = (router.clone(), connection.clone(), peer.clone());
        async move {
            if !has_one_host(&request) {
                return Ok(closing(bad_request()));
            }
            let mut request = request.map(|body| Body::new(Watched::new(body, connection.clone())));
            request.extensions_mut().insert(UnderWay::new(connection.clone()));
            request.extensions_mut().insert(peer);
            let Ok(answer) = router.call(request).await;
            let is_last = length.is_none() || connection.is_one_too_many();
            connection.waits();
            Ok::<_, Infallible>(if is_last { closing(answer) } else { answer })
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(idle);
    http.max_buf_size(HEAD_LIMIT).max_header_size(HEAD_LIMIT);
    let mut served = pin!(http.serve_connection(TokioIo::new(stream), service));
    // How a connection ends is between the client and the network. An answer that is ready is written before anything
    // else is asked.
    tokio::select! {
        biased;
        _ = served.as_mut() => {}
        () = connection.has_to_go() => {}
        _ = ending.changed() => {
            served.as_mut().graceful_shutdown();
            tokio::select! {
                biased;
                _ = served => {}
                () = connection.has_to_go() => {}
            }
        }
    }
}

/// RFC 9112 3.2: a request names one host, one of HTTP/1.0 at most one. Given two, each reader on the way may take
/// another.
fn has_one_host(request: &Request<Incoming>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(_), None) => true,
        (None, _) => request.version() == Version::HTTP_10,
        (Some(_), Some(_)) => false,
    }
}

/// As hyper itself answers what is no request.
fn bad_request() -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    answer
}

/// The last answer on its connection.
fn closing(mut answer: Response<Body>) -> Response<Body> {
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// The signals that tell the process to end: SIGINT and SIGTERM.
#[derive(Debug)]
pub struct EndSignals {
    interrupted: Signal,
    terminated: Signal,
}

impl EndSignals {
    /// Catches both from now on. Before this, each ends the process at once, so it comes before the process says that it serves.
    ///
    /// # Errors
    /// Where the system lets no handler be installed.
    pub fn catch() -> std::io::Result<Self> {
        Ok(Self { interrupted: signal(SignalKind::interrupt())?, terminated: signal(SignalKind::terminate())? })
    }

    async fn arrived(&mut self) {
        tokio::select! {
            _ = self.interrupted.recv() => {}
            _ = self.terminated.recv() => {}
        }
    }
}
