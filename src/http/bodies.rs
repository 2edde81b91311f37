//! The bodies of requests: read into one buffer each, whose bytes are counted together with all others'.

use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// The bytes that a body may have without asking: a sign-in with some hundred groups. Connections are limited, and this
/// much is reckoned with for each.
const OWN: usize = 32_768;
/// The first size of a buffer for a body of unknown length.
const FIRST: usize = 4_096;
/// In what the memory of all is counted.
const KIB: usize = 1_024;
/// How long a body may take while others need its memory.
const GRACE: Duration = Duration::from_millis(500);
/// How long one that was dismissed may take to give its memory back.
const PAUSE: Duration = Duration::from_millis(10);
/// How many bodies are decoded and verified at a time. One of a mebibyte takes some ten, for some hundredths of a second.
const DECODED_AT_ONCE: usize = 4;

/// The memory for all bodies. Everything beyond the first 32 KiB of each comes out of one budget. When that is spent,
/// the body that has taken longest so far gives way, after a short grace; a body that is whole stays until it is
/// verified.
#[derive(Debug)]
pub struct Bodies {
    budget: Arc<Semaphore>,
    unfinished: Arc<Unfinished>,
    /// One body at a time asks for room: with many, each would make another one give way.
    turn: tokio::sync::Mutex<()>,
    decoding: Semaphore,
}

/// The bodies that take part of the budget and are not whole, by when they began.
#[derive(Debug, Default)]
struct Unfinished(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    next: u64,
    bodies: BTreeMap<Key, Arc<Notify>>,
}

/// When a body began, and a number of its own.
type Key = (Instant, u64);

/// A body that is whole, and the part of the budget that its buffer takes.
pub(super) struct Received {
    bytes: Vec<u8>,
    room: Option<OwnedSemaphorePermit>,
}

/// A body that is being decoded and verified: until this is dropped, the memory for it is not given to another.
pub(super) struct Decoded<'b> {
    received: Received,
    _turn: Option<SemaphorePermit<'b>>,
}

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyError {
    /// It is too large, broke off or did not come in time.
    Size,
    /// Others needed its memory.
    GaveWay,
}

impl Bodies {
    /// With a budget of so many MiB.
    pub fn new(mebibytes: u32) -> Self {
        let kibibytes = usize::try_from(mebibytes).unwrap_or(usize::MAX).saturating_mul(KIB);
        Self {
            budget: Arc::new(Semaphore::new(kibibytes.min(Semaphore::MAX_PERMITS))),
            unfinished: Arc::default(),
            turn: tokio::sync::Mutex::default(),
            decoding: Semaphore::new(DECODED_AT_ONCE),
        }
    }

    /// Reads `body`, which may have `limit` bytes and take as long as `patience`.
    pub(super) async fn read(&self, body: Body, limit: usize, patience: Duration) -> Result<Received, BodyError> {
        tokio::time::timeout(patience, self.collect(body, limit)).await.unwrap_or(Err(BodyError::Size))
    }

    /// Waits for memory to decode `received`, and to verify its content.
    pub(super) async fn decode(&self, received: Received) -> Decoded<'_> {
        // An error would mean that the semaphore is closed, which never happens.
        Decoded { received, _turn: self.decoding.acquire().await.ok() }
    }

    async fn collect(&self, mut body: Body, limit: usize) -> Result<Received, BodyError> {
        let hint = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
        if hint.is_some_and(|length| length > limit) {
            // Read as far as any other and not kept, so that a client that still sends hears the answer.
            let mut length = 0_usize;
            while length <= limit
                && let Some(data) = next(&mut body, None).await?
            {
                length = length.saturating_add(data.len());
            }
            return Err(BodyError::Size);
        }
        let (first, most) = hint.map_or((FIRST, limit), |length| (length.min(OWN), length));
        let mut received = Received { bytes: Vec::with_capacity(first), room: None };
        let (began, mut place) = (Instant::now(), None);
        while let Some(data) = next(&mut body, place.as_ref()).await? {
            let length = received.bytes.len().saturating_add(data.len());
            if length > limit {
                return Err(BodyError::Size);
            }
            let capacity = received.bytes.capacity();
            if length > capacity {
                // Twice as much each time, so that a body is not copied for each of its chunks.
                let wanted = capacity.saturating_mul(2).min(most).max(length);
                if wanted > OWN {
                    let place = place.get_or_insert_with(|| self.unfinished.add(began));
                    let more = self.take(wanted.saturating_sub(capacity.max(OWN)), place).await?;
                    received.add(more);
                }
                received.bytes.reserve_exact(wanted.saturating_sub(received.bytes.len()));
            }
            received.bytes.extend_from_slice(&data);
        }
        Ok(received)
    }

    /// Takes so many bytes of the budget, as soon as others have given way for them.
    async fn take(&self, bytes: usize, place: &QueuePlace) -> Result<OwnedSemaphorePermit, BodyError> {
        let kibibytes = u32::try_from(bytes.div_ceil(KIB)).unwrap_or(u32::MAX);
        if let Ok(room) = Arc::clone(&self.budget).try_acquire_many_owned(kibibytes) {
            return Ok(room);
        }
        let made = async {
            let _turn = self.turn.lock().await;
            let mut room = pin!(Arc::clone(&self.budget).acquire_many_owned(kibibytes));
            loop {
                let next = self.unfinished.dismiss(place.key);
                tokio::select! {
                    biased;
                    room = &mut room => return room.map_err(|_| BodyError::GaveWay),
                    () = tokio::time::sleep(next) => {}
                }
            }
        };
        tokio::select! {
            biased;
            () = place.gives_way.notified() => Err(BodyError::GaveWay),
            room = made => room,
        }
    }
}

/// The next bytes of `body`, of which a chunk may be one; `None` at its end.
async fn next(body: &mut Body, place: Option<&QueuePlace>) -> Result<Option<Bytes>, BodyError> {
    loop {
        let frame = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx));
        let frame = match place {
            None => frame.await,
            Some(place) => tokio::select! {
                biased;
                () = place.gives_way.notified() => return Err(BodyError::GaveWay),
                frame = frame => frame,
            },
        };
        match frame {
            None => return Ok(None),
            Some(Err(_)) => return Err(BodyError::Size),
            // Trailers of a chunked body say nothing to us.
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}

impl Received {
    fn add(&mut self, more: OwnedSemaphorePermit) {
        match &mut self.room {
            Some(room) => room.merge(more),
            None => self.room = Some(more),
        }
    }
}

impl Decoded<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.received.bytes
    }
}

/// Shows only the size: it may be a bearer token.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Received({} bytes, redacted)", self.bytes.len())
    }
}

/// One body's place among the unfinished ones, until it is dropped.
struct QueuePlace {
    unfinished: Arc<Unfinished>,
    key: Key,
    gives_way: Arc<Notify>,
}

impl Unfinished {
    fn add(self: &Arc<Self>, began: Instant) -> QueuePlace {
        let gives_way = Arc::<Notify>::default();
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (began, queue.next);
        queue.next = queue.next.wrapping_add(1);
        queue.bodies.insert(key, Arc::clone(&gives_way));
        drop(queue);
        QueuePlace { unfinished: Arc::clone(self), key, gives_way }
    }

    /// Lets the oldest but the one that asks give way, if its grace is over, and says when to ask again.
    fn dismiss(&self, asking: Key) -> Duration {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(oldest) = queue.bodies.keys().copied().find(|key| *key != asking) else { return GRACE };
        let left = GRACE.saturating_sub(oldest.0.elapsed());
        if !left.is_zero() {
            return left;
        }
        if let Some(gives_way) = queue.bodies.remove(&oldest) {
            gives_way.notify_one();
        }
        PAUSE
    }
}

impl Drop for QueuePlace {
    fn drop(&mut self) {
        self.unfinished.0.lock().unwrap_or_else(PoisonError::into_inner).bodies.remove(&self.key);
    }
}

#[cfg(test)]
mod tests;
