use std::collections::VecDeque;
use std::convert::Infallible;
use std::task::{Context, Poll};

use axum::body::HttpBody;
use hyper::body::Frame;

use super::*;

/// Far beyond any grace.
const HANG: Duration = Duration::from_secs(30);
const LIMIT: usize = 1 << 20;

/// A body in these chunks, which ends or never does.
struct Chunks {
    chunks: VecDeque<Bytes>,
    ends: bool,
}

impl HttpBody for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.chunks.pop_front() {
            Some(chunk) => Poll::Ready(Some(Ok(Frame::data(chunk)))),
            None if self.ends => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

fn body(length: usize, chunk: usize, ends: bool) -> Body {
    let bytes = Bytes::from(vec![b'a'; length]);
    let starts = (0..length).step_by(chunk);
    Body::new(Chunks { chunks: starts.map(|at| bytes.slice(at..length.min(at.saturating_add(chunk)))).collect(), ends })
}

fn whole(length: usize) -> Body {
    body(length, 8_192, true)
}

/// So much of the budget is left, in KiB.
fn left(bodies: &Bodies) -> usize {
    bodies.budget.available_permits()
}

#[tokio::test]
async fn a_body_takes_its_bytes_in_whatever_chunks() {
    let bodies = Bodies::new(2);
    for (length, taken) in [(0, 0), (OWN, 0), (OWN + 1, 32), (200_000, 224), (LIMIT, 992)] {
        for chunk in [1, 1_000, LIMIT] {
            let received = bodies.read(body(length, chunk, true), LIMIT, HANG).await.unwrap();
            assert_eq!(received.bytes.len(), length);
            assert!(chunk == LIMIT || left(&bodies) == 2_048 - taken, "{length} in {chunk}: {}", left(&bodies));
            let counted = received.room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits) * KIB;
            assert!(received.bytes.capacity() <= OWN + counted, "{length} in {chunk}");
        }
        assert_eq!(left(&bodies), 2_048, "all is given back");
    }
    assert_eq!(bodies.read(whole(LIMIT + 1), LIMIT, HANG).await.unwrap_err(), BodyError::Size);
    assert_eq!(bodies.read(body(10, 1, false), LIMIT, Duration::ZERO).await.unwrap_err(), BodyError::Size);
    assert_eq!(left(&bodies), 2_048);
}

#[tokio::test]
async fn the_one_that_has_taken_longest_gives_way() {
    let bodies = Bodies::new(1);
    let first = bodies.read(body(400_000, 8_192, false), LIMIT, HANG);
    let others = async {
        let second = bodies.read(body(400_000, 8_192, false), LIMIT, HANG);
        let third = async {
            let received = bodies.read(whole(400_000), LIMIT, HANG).await;
            received.map(|received| received.bytes.len())
        };
        tokio::select! {
            biased;
            second = second => panic!("it came later: {second:?}"),
            third = third => third,
        }
    };
    let (first, third) = tokio::join!(first, others);
    assert_eq!(first.unwrap_err(), BodyError::GaveWay);
    assert_eq!(third, Ok(400_000));
    assert_eq!(left(&bodies), 1_024);
}

#[tokio::test]
async fn small_ones_need_nothing_of_it_and_whole_ones_stay() {
    let bodies = Bodies::new(1);
    let received = bodies.read(whole(LIMIT), LIMIT, HANG).await.unwrap();
    assert_eq!(bodies.read(whole(OWN), LIMIT, HANG).await.unwrap().bytes.len(), OWN);
    let decoded = bodies.decode(received).await;
    let mut waiting = pin!(bodies.read(whole(LIMIT), LIMIT, HANG));
    tokio::select! {
        biased;
        read = &mut waiting => panic!("{read:?}"),
        () = tokio::time::sleep(GRACE.saturating_mul(2)) => {}
    }
    drop(decoded);
    assert_eq!(waiting.await.unwrap().bytes.len(), LIMIT);
}

#[tokio::test]
async fn so_many_are_decoded_at_a_time() {
    let bodies = Bodies::new(1);
    let mut decoded = Vec::new();
    for _ in 0..DECODED_AT_ONCE {
        let received = bodies.read(whole(1), LIMIT, HANG).await.unwrap();
        decoded.push(bodies.decode(received).await);
    }
    let received = bodies.read(whole(1), LIMIT, HANG).await.unwrap();
    let mut waiting = pin!(bodies.decode(received));
    tokio::select! {
        biased;
        _ = &mut waiting => panic!("one more"),
        () = tokio::task::yield_now() => {}
    }
    decoded.pop();
    assert_eq!(waiting.await.bytes(), b"a");
}
