//! The log: one JSON object a line on standard output, which CloudWatch Logs takes as it is. It is also the first sink of
//! audit records: it confirms a record once `write(2)` has taken the whole line.
//!
//! All lines go through one writer, in one order. A line of the program's is left out, and counted, where nothing takes it;
//! a record waits.

#![forbid(unsafe_code)]

mod allowance;
mod format;
mod limit;
mod line;
mod lines;
mod log;
mod output;

pub use allowance::{Rate, UserAllowances};
pub use limit::ALERT_TARGET;
pub use lines::{BLOCKED, Taken, Unwritten};
pub use log::{Event, Log};
pub use output::Output;
