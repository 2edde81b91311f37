//! The Lambda entry. Everything is prepared here, once; an error ends the start, and the log says which setting it was.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use studio_acs::report::StartReport;
use studio_acs::{Config, Service, http, lambda};
use studio_acs_broker::AfterRestart;
use studio_acs_log::Log;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match start().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing can be done where standard error is closed.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

async fn start() -> Result<(), lambda_http::Error> {
    let mut config = Config::load(|_| None).await?;
    // A sign-in waits for each start here, and would be refused for it.
    config.after_restart = AfterRestart::Accept;
    let log = Log::standard_output()?;
    log.start(config.log);
    let audience = config.service_provider.audience.clone();
    let service = Service::start(config, log).await.map_err(|error| StartReport::of(error, &audience))?;
    lambda::run(http::router(Arc::new(service))).await
}
