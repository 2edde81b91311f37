//! The audit log as its callers use it. AWS is a function, collectors are on this machine, the clock is paused.

mod http_sinks;
mod numbers;
mod records;
pub(crate) mod rig;
