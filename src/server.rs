//! The router as a plain server.

use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

/// How long requests under way may take to finish once the process is told to end: longer than any answer takes.
const DRAIN: Duration = Duration::from_secs(30);

/// Serves until the process is told to end, then lets the requests under way finish, but not for ever.
///
/// # Errors
/// Where the socket fails.
pub async fn run(listener: TcpListener, router: Router) -> std::io::Result<()> {
    tokio::select! {
        ended = axum::serve(listener, router).with_graceful_shutdown(told_to_end()) => ended,
        () = async { told_to_end().await; tokio::time::sleep(DRAIN).await } => Ok(()),
    }
}

async fn told_to_end() {
    let interrupted = tokio::signal::ctrl_c();
    let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
        let _ = interrupted.await;
        return;
    };
    tokio::select! {
        _ = interrupted => {}
        _ = terminated.recv() => {}
    }
}
