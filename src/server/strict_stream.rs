//! A connection's bytes on their way to hyper, which takes a bare LF for a line end. Another reader on the way may not
//! (RFC 9112 2.2, 11.2), and would then see other requests than we do.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::body::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Delivered in the place of a bare LF: no line of a head may hold NUL, and hyper answers 400. The rest ends the head, so
/// that it does so at once.
const REFUSED: &[u8] = b"\0\r\n\r\n";

/// A stream that delivers one part of a request at a time, so that hyper never has a head that was not looked at: first a
/// head, up to its end; then the body, as long as the service says that hyper takes it to be.
#[derive(Debug)]
pub(super) struct StrictStream<S> {
    stream: S,
    part: Part,
    /// Bytes that were read with the part before them.
    ahead: Bytes,
    after_head: AfterHead,
}

/// The length of each request's body, as the service tells the stream.
#[derive(Debug, Clone, Default)]
pub(super) struct AfterHead(Arc<Mutex<Option<Part>>>);

/// The part of a request that is being delivered.
#[derive(Debug)]
enum Part {
    Head(Lines),
    /// A head was delivered, and hyper has yet to give it to the service.
    HeadDone,
    /// So many bytes of a body.
    Body(u64),
    /// All that comes: a chunked body, after whose answer the connection ends.
    Rest,
    /// A head was found to be wrong.
    Refused,
    /// Nothing more than what makes hyper refuse it.
    End,
}

impl AfterHead {
    /// A body of this length follows; with `None` one whose end only hyper knows, and no other request after it.
    pub(super) fn is_body_of(&self, length: Option<u64>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(length.map_or(Part::Rest, Part::body));
    }

    fn take(&self) -> Option<Part> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Part {
    fn body(length: u64) -> Self {
        if length == 0 { Self::Head(Lines::default()) } else { Self::Body(length) }
    }

    /// How many of these bytes belong to this part. The next one begins where it ends with them.
    fn accept(&mut self, bytes: &[u8]) -> usize {
        match self {
            Self::Head(lines) => match lines.read(bytes) {
                HeadRead::All => bytes.len(),
                HeadRead::End(length) => {
                    *self = Self::HeadDone;
                    length
                }
                HeadRead::BareLf(before) => {
                    *self = Self::Refused;
                    before
                }
            },
            Self::Body(left) => {
                let length = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *self = Self::body(left.saturating_sub(u64::try_from(length).unwrap_or(u64::MAX)));
                length
            }
            Self::Rest | Self::End => bytes.len(),
            Self::HeadDone | Self::Refused => 0,
        }
    }
}

impl<S> StrictStream<S> {
    pub(super) fn new(stream: S, after_head: AfterHead) -> Self {
        Self { stream, part: Part::body(0), ahead: Bytes::new(), after_head }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for StrictStream<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if matches!(this.part, Part::HeadDone) {
            // hyper gives a head to the service before it asks for more. Otherwise the next bytes are of unknown
            // meaning.
            this.part = this.after_head.take().ok_or(io::ErrorKind::InvalidData)?;
        }
        let before = buffer.filled().len();
        while buffer.filled().len() == before && buffer.remaining() > 0 {
            if this.ahead.is_empty() {
                if matches!(this.part, Part::End) {
                    break;
                }
                ready!(Pin::new(&mut this.stream).poll_read(cx, buffer))?;
                let read = buffer.filled().get(before..).unwrap_or_default();
                if read.is_empty() {
                    break;
                }
                let accepted = this.part.accept(read);
                this.ahead = read.get(accepted..).map(Bytes::copy_from_slice).unwrap_or_default();
                buffer.set_filled(before.saturating_add(accepted));
            } else {
                let read = this.ahead.get(..buffer.remaining()).unwrap_or(&this.ahead);
                let accepted = this.part.accept(read);
                buffer.put_slice(&this.ahead.split_to(accepted));
            }
            if matches!(this.part, Part::Refused) {
                (this.part, this.ahead) = (Part::End, Bytes::from_static(REFUSED));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for StrictStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// The lines of a head, as far as they have come.
#[derive(Debug, Default)]
struct Lines {
    /// The bytes of the line.
    length: usize,
    last: u8,
    /// Whether a line that is not empty came: only then an empty one ends the head (RFC 9112 2.2).
    has_begun: bool,
}

/// How far a head goes in some bytes.
#[derive(Debug, PartialEq, Eq)]
enum HeadRead {
    /// It goes on.
    All,
    /// It ends after so many bytes.
    End(usize),
    /// After so many bytes comes an LF without a CR before it.
    BareLf(usize),
}

impl Lines {
    fn read(&mut self, bytes: &[u8]) -> HeadRead {
        for (at, byte) in bytes.iter().enumerate() {
            match (byte, self.last, self.length) {
                (b'\n', b'\r', 1) if self.has_begun => return HeadRead::End(at.saturating_add(1)),
                (b'\n', b'\r', length) => (self.length, self.has_begun) = (0, self.has_begun || length > 1),
                (b'\n', ..) => return HeadRead::BareLf(at),
                _ => self.length = self.length.saturating_add(1),
            }
            self.last = *byte;
        }
        HeadRead::All
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    const POST: &[u8] = b"\r\nPOST / HTTP/1.1\r\nHost: a\r\n\r\n";
    const BODY: &[u8] = b"a\n\n\r\n\r\nb\n";
    const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    /// A stream of which each read gives one piece, as far as the buffer has room.
    struct Pieces(Vec<Vec<u8>>);

    impl AsyncRead for Pieces {
        fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            if let Some(mut piece) = (!self.0.is_empty()).then(|| self.0.remove(0)) {
                let rest = piece.split_off(piece.len().min(buffer.remaining()));
                buffer.put_slice(&piece);
                if !rest.is_empty() {
                    self.0.insert(0, rest);
                }
            }
            Poll::Ready(Ok(()))
        }
    }

    /// Everything until the end, read as hyper does: what follows a head is told when all of `head` was delivered.
    async fn delivered(pieces: Vec<Vec<u8>>, told: &[(&[u8], Option<u64>)], room: usize) -> io::Result<Vec<u8>> {
        let after_head = AfterHead::default();
        let mut stream = StrictStream::new(Pieces(pieces), after_head.clone());
        let (mut all, mut told) = (Vec::new(), told.iter());
        let mut next = told.next();
        loop {
            let mut buffer = vec![0; room];
            let length = stream.read(&mut buffer).await?;
            all.extend_from_slice(&buffer[..length]);
            if let Some((head, length)) = next
                && all.ends_with(head)
            {
                after_head.is_body_of(*length);
                next = told.next();
            }
            if length == 0 {
                return Ok(all);
            }
        }
    }

    #[tokio::test]
    async fn requests_come_as_they_were_sent_in_whatever_pieces() {
        let wire = [POST, BODY, GET, GET].concat();
        let told = [(POST, Some(u64::try_from(BODY.len()).unwrap())), (GET, Some(0)), (GET, Some(0))];
        for at in 0..wire.len() {
            for room in [1, 7, 4096] {
                let pieces = vec![wire[..at].to_vec(), wire[at..].to_vec()];
                let pieces = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
                assert_eq!(delivered(pieces, &told, room).await.unwrap(), wire, "{at}, {room}");
            }
        }
        let bytes = wire.iter().map(|byte| vec![*byte]).collect();
        assert_eq!(delivered(bytes, &told, 4096).await.unwrap(), wire);
        // After a body whose end only hyper knows comes nothing that is looked at.
        let chunked = [POST, b"1\r\n\n\r\n0\r\n\r\nGET / HTTP/1.1\n"].concat();
        assert_eq!(delivered(vec![chunked.clone()], &[(POST, None)], 4096).await.unwrap(), chunked);
    }

    #[tokio::test]
    async fn a_bare_lf_in_a_head_is_never_delivered() {
        let good = [POST, BODY, GET].concat();
        let second = POST.len() + BODY.len();
        let ends = good.iter().enumerate().filter(|(at, byte)| **byte == b'\r' && !(POST.len()..second).contains(at));
        for (at, _) in ends {
            let mut wire = good.clone();
            wire.remove(at);
            let told = [(POST, Some(u64::try_from(BODY.len()).unwrap())), (GET, Some(0))];
            for room in [1, 4096] {
                let read = delivered(vec![wire.clone()], &told, room).await.unwrap();
                assert_eq!(read, [&wire[..at], REFUSED].concat(), "{at}, {room}");
            }
        }
    }

    #[tokio::test]
    async fn nothing_is_delivered_after_a_head_that_the_service_did_not_get() {
        let pieces = vec![GET.to_vec(), GET.to_vec()];
        assert_eq!(delivered(pieces, &[], 4096).await.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
