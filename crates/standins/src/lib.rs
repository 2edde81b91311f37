//! Stand-ins for all that a sign-in needs beside the service: an identity provider, a token issuer, SageMaker, Studio and
//! Parameter Store. The demo runs with them, and so do the tests. The service does not depend on them.

#![forbid(unsafe_code)]

mod error;
mod id;
pub mod idp;
pub mod page;
pub mod parameters;
pub mod sagemaker;
mod sdk;
pub mod studio;
pub mod tokens;

pub use error::StandInError;
pub use sdk::sdk;
