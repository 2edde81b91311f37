//! The service from outside: one binary, a module a subject. Tests that need a machine, a program or a build of their own are
//! beside it.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::string_slice, clippy::unwrap_used)]

mod alarms;
mod api;
mod approvals;
mod audit;
mod aws_answers;
mod broker;
mod captures;
mod causes;
mod check;
mod command;
mod config;
mod firehose;
mod http;
mod lambda;
mod ledger;
mod mint;
mod names;
mod published;
mod rates;
mod reference;
mod replay;
mod secrets;
mod server;
mod threats;
mod trust;
mod understood;
mod vectors;
