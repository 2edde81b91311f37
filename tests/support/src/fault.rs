//! Stores that fail.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// A store's behaviour instead of answering.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    Hangs,
    Answers(u16, &'static str),
    Resets,
}

/// A store with this fault.
pub async fn store(fault: Fault) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                match fault {
                    Fault::Hangs => std::future::pending().await,
                    Fault::Answers(status, body) => {
                        let length = body.len();
                        let answer = format!(
                            "HTTP/1.1 {status} -\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                        );
                        let _ = stream.write_all(answer.as_bytes()).await;
                    }
                    // Unread bytes make the kernel answer with a reset.
                    Fault::Resets => drop(stream),
                }
            });
        }
    });
    endpoint
}
