//! Us and the referees before the same documents.

#![allow(missing_docs, unreachable_pub)]

mod agreement;
mod canonical;
mod reasons;
mod second_opinion;
