//! The open connections, of which a client that sends nothing can keep none from others for long.

use std::collections::BTreeMap;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// How long a connection has for its request while others wait for its place. A browser's comes after a round trip.
pub(super) const GRACE: Duration = Duration::from_millis(500);

/// The open connections, at most so many. While no place is free, the one that has waited longest for the rest of a
/// request has to go, but for a short grace. A connection whose request is being answered stays.
#[derive(Debug)]
pub(super) struct Connections {
    most: u32,
    room: Arc<Semaphore>,
    waiting: Arc<WaitingConnection>,
}

/// The connections that wait for a request, or for the rest of one, in the order in which they began to.
#[derive(Debug, Default)]
struct WaitingConnection {
    next_number: AtomicU64,
    queue: Mutex<BTreeMap<u64, Waiter>>,
    /// Told when there may be another connection to dismiss.
    more: Notify,
    /// Whether a connection waits for a place: an answered one then leaves, or clients that ask often would keep others
    /// out.
    crowded: AtomicBool,
}

#[derive(Debug)]
struct Waiter {
    since: Instant,
    has_to_go: Arc<Notify>,
}

/// One connection's place among the others, given back when the last of its clones is dropped.
#[derive(Debug, Clone)]
pub(super) struct Connection(Arc<ConnectionPlace>);

#[derive(Debug)]
struct ConnectionPlace {
    waiting: Arc<WaitingConnection>,
    /// Its number in the queue; none while its request is answered.
    number: Mutex<Option<u64>>,
    has_to_go: Arc<Notify>,
    _room: Option<OwnedSemaphorePermit>,
}

impl Connections {
    pub(super) fn new(most: u32) -> Self {
        let room = usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS);
        Self { most, room: Arc::new(Semaphore::new(room)), waiting: Arc::default() }
    }

    /// Waits for a place for one more.
    pub(super) async fn open(&self) -> Connection {
        let room = match Arc::clone(&self.room).try_acquire_owned() {
            Ok(room) => Some(room),
            Err(_) => {
                self.waiting.crowded.store(true, Ordering::SeqCst);
                let room = self.make_room().await;
                self.waiting.crowded.store(false, Ordering::SeqCst);
                room
            }
        };
        let place = ConnectionPlace {
            waiting: Arc::clone(&self.waiting),
            number: Mutex::new(None),
            has_to_go: Arc::default(),
            _room: room,
        };
        let connection = Connection(Arc::new(place));
        connection.waits();
        connection
    }

    /// Dismisses connections, whenever one may be dismissed, until some connection has ended.
    async fn make_room(&self) -> Option<OwnedSemaphorePermit> {
        let mut room = pin!(Arc::clone(&self.room).acquire_owned());
        loop {
            let more = self.waiting.more.notified();
            let next = self.waiting.dismiss();
            tokio::select! {
                biased;
                // An error would mean that the semaphore is closed, which never happens.
                room = &mut room => return room.ok(),
                () = more => {}
                () = tokio::time::sleep(next) => {}
            }
        }
    }

    /// Dismisses one connection that has had its grace, if any has.
    pub(super) fn dismiss_one(&self) {
        self.waiting.dismiss();
    }

    /// Dismisses all that wait for a request, or for the rest of one.
    pub(super) fn dismiss_waiting(&self) {
        let queue = std::mem::take(&mut *self.waiting.queue.lock().unwrap_or_else(PoisonError::into_inner));
        queue.into_values().for_each(|waiter| waiter.has_to_go.notify_one());
    }

    /// Until no connection is open, and no request is under way.
    pub(super) async fn ended(&self) {
        let _ = self.room.acquire_many(self.most).await;
    }
}

impl WaitingConnection {
    /// Dismisses the oldest, if its grace is over, and says when to ask again.
    fn dismiss(&self) -> Duration {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(oldest) = queue.first_entry() else { return GRACE };
        let left = GRACE.saturating_sub(oldest.get().since.elapsed());
        if left.is_zero() {
            oldest.remove().has_to_go.notify_one();
            return GRACE;
        }
        left
    }
}

impl Connection {
    /// From now it waits for a request: it is the last of those that would have to go.
    pub(super) fn waits(&self) {
        self.0.leave();
        let number = self.0.waiting.next_number.fetch_add(1, Ordering::Relaxed);
        *self.0.number.lock().unwrap_or_else(PoisonError::into_inner) = Some(number);
        let mut queue = self.0.waiting.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.insert(number, Waiter { since: Instant::now(), has_to_go: Arc::clone(&self.0.has_to_go) });
        drop(queue);
        self.0.waiting.more.notify_waiters();
    }

    /// Whether it should end with the answer that it gets.
    pub(super) fn is_one_too_many(&self) -> bool {
        self.0.waiting.crowded.load(Ordering::SeqCst)
    }

    /// From now its request is whole, and it stays until that is answered.
    fn is_answered(&self) {
        self.0.leave();
    }

    /// Until it has to make room.
    pub(super) async fn has_to_go(&self) {
        loop {
            self.0.has_to_go.notified().await;
            if self.0.number.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
                return;
            }
            // The rest of its request came first: another one has to go.
            self.0.waiting.more.notify_waiters();
        }
    }
}

impl ConnectionPlace {
    fn leave(&self) {
        if let Some(number) = self.number.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.waiting.queue.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
        }
    }
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        self.leave();
    }
}

/// A request's body that tells its connection when it is whole.
#[derive(Debug)]
pub(super) struct Watched {
    body: Incoming,
    connection: Connection,
}

impl Watched {
    pub(super) fn new(body: Incoming, connection: Connection) -> Self {
        if body.is_end_stream() {
            connection.is_answered();
        }
        Self { body, connection }
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if self.body.is_end_stream() || matches!(frame, Poll::Ready(None)) {
            self.connection.is_answered();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
