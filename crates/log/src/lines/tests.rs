use super::*;

/// An output whose reader the test is.
#[derive(Clone, Default)]
struct Reader(Arc<(Mutex<Read>, Condvar)>);

#[derive(Default)]
struct Read {
    text: Vec<u8>,
    /// How many bytes more are taken.
    room: usize,
    /// Whether a write beyond that fails, instead of waiting.
    fails: bool,
}

impl Reader {
    fn takes(&self, room: usize) {
        self.0.0.lock().unwrap().room = room;
        self.0.1.notify_all();
    }

    fn fails(&self) {
        self.0.0.lock().unwrap().fails = true;
        self.0.1.notify_all();
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.0.lock().unwrap().text.clone()).unwrap()
    }
}

impl Read {
    fn take(&mut self, bytes: &[u8]) -> usize {
        let taken = bytes.len().min(self.room);
        self.room = self.room.saturating_sub(taken);
        self.text.extend_from_slice(&bytes[..taken]);
        taken
    }
}

impl Output for Reader {
    fn write_at_once(&self, bytes: &[u8]) -> usize {
        self.0.0.lock().unwrap().take(bytes)
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut read = self.0.1.wait_while(self.0.0.lock().unwrap(), |read| read.room == 0 && !read.fails).unwrap();
        if read.room == 0 { Err(io::Error::other("full")) } else { Ok(read.take(bytes)) }
    }
}

fn lines() -> (Reader, Arc<Lines>) {
    let reader = Reader::default();
    (reader.clone(), Lines::on(Box::new(reader)))
}

#[tokio::test]
async fn lines_and_records_stay_in_order_however_little_is_taken_at_a_time() {
    let (reader, lines) = lines();
    let mut taken = lines.taken();
    let texts: Vec<_> = (0..50).map(|n| format!("line {n}\n")).collect();
    reader.takes(20);
    for (n, text) in (0..).zip(&texts) {
        assert!(lines.push(text.as_bytes(), (n % 2 == 1).then_some(n + 1)));
    }
    assert!(taken.borrow().end <= 2, "{:?}", taken.borrow());
    for _ in 0..texts.concat().len() {
        if !lines.queue().waiting.is_empty() {
            reader.takes(3);
            tokio::task::yield_now().await;
        }
    }
    reader.takes(usize::MAX);
    taken.wait_for(|taken| taken.end == 50).await.unwrap();
    assert_eq!(reader.text(), texts.concat());
    lines.drained().await;
    assert!(!lines.has_waited(Duration::ZERO));
    lines.end();
}

#[tokio::test]
async fn what_finds_no_room_is_counted_and_records_have_room_of_their_own() {
    let (reader, lines) = lines();
    let line = [&[b'x'; (1 << 10) - 1][..], b"\n"].concat();
    let pushed = (0..2_000).filter(|_| lines.push(&line, None)).count();
    assert_eq!(pushed, MOST_LINES >> 10);
    assert!(lines.has_room());
    let records = (1..=5_000).filter(|end| lines.has_room() && lines.push(&line, Some(*end))).count();
    assert_eq!(records, MOST_INTENTS >> 10);
    assert!(lines.push(&line, Some(5_001)), "an outcome has room still");
    assert!(lines.has_waited(Duration::ZERO));
    reader.takes(usize::MAX);
    let mut taken = lines.taken();
    taken.wait_for(|taken| taken.end == 5_001).await.unwrap();
    lines.drained().await;
    while !reader.text().contains("\"lines_left_out\":976") {
        tokio::task::yield_now().await;
    }
    lines.end();
}

#[tokio::test]
async fn a_write_that_failed_is_known_at_once_and_tried_again_by_the_next() {
    let (reader, lines) = lines();
    let mut taken = lines.taken();
    reader.fails();
    assert!(lines.push(b"one\n", Some(1)));
    let failed = taken.wait_for(|taken| taken.failing.is_some()).await.unwrap().failing.clone().unwrap();
    assert_eq!((failed.end, &*failed.reason), (1, "full"));
    assert!(lines.has_waited(Duration::from_secs(3_600)), "blocked, however short it is");
    lines.push(b"two\n", Some(2));
    taken.wait_for(|taken| taken.failing.as_ref().is_some_and(|failed| failed.end == 2)).await.unwrap();
    assert_eq!((taken.borrow().end, reader.text().as_str()), (0, ""));
    reader.takes(usize::MAX);
    lines.try_again();
    taken.wait_for(|taken| taken.end == 2 && taken.failing.is_none()).await.unwrap();
    while !reader.text().contains("\"reason\":\"full\"") {
        tokio::task::yield_now().await;
    }
    assert!(reader.text().starts_with("one\ntwo\n{"), "{}", reader.text());
    lines.end();
}
