//! Logs: one JSON object a line on standard output, which CloudWatch Logs takes as it is.

use tracing_subscriber::EnvFilter;

/// Starts logging what `filter` lets through. A second call changes nothing.
///
/// # Errors
/// The filter cannot be read.
pub fn start(filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("STUDIO_ACS_LOG (--log): {error}"))?;
    // An error here means that logging has been started.
    let _ = tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).try_init();
    Ok(())
}
