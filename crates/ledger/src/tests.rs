//! The ledger as its callers use it, kept as a text and as a table. AWS is a function, the clock is paused.

mod access;
mod document;
mod edits;
mod issuers;
mod items;
mod limits;
mod reports;
mod rig;
mod table;
