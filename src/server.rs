//! The router as a plain server.

use axum::Router;
use tokio::net::TcpListener;

/// Serves until the process is told to end, then lets the requests under way finish.
///
/// # Errors
/// Where the socket fails.
pub async fn run(listener: TcpListener, router: Router) -> std::io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(told_to_end()).await
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
