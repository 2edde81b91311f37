//! x
use std::net::SocketAddr;
/// x
pub struct Demo;
impl Demo { /// x
 pub async fn start(_p: u16, _c: crate::Clock) -> Result<Self, crate::StartError> { Ok(Self) } /// x
 pub fn guide(&self)->String{String::new()} /// x
 pub async fn run(self)->std::io::Result<()> { let _:Option<SocketAddr>=None; Ok(()) } }
