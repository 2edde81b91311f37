//! A sink's queue on a paused clock: each instant below is exact.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::Level;
use tracing::instrument::WithSubscriber as _;

use super::{BACKLOG, BATCH, Delivery};
use crate::chain::Record;
use crate::sink_kind::SinkKind;
use crate::tests::rig::{Mood, Paper, Put, Stream, now, reason_of, to_stream};
use studio_acs_log::Log;

const MILLISECOND: Duration = Duration::from_millis(1);
/// A call has one half of it.
const TIMEOUT: Duration = Duration::from_secs(4);

fn deliver_to(stream: &Stream) -> Delivery {
    let destination = to_stream().connect(&stream.sdk(), TIMEOUT, now).expect("a sink");
    Delivery::start(destination, SinkKind::Firehose, true, TIMEOUT)
}

/// The record with this number.
fn record(sequence: u64) -> Record {
    Record { sequence, time: 0, text: sequence.to_string().into() }
}

fn enqueue(delivery: &Delivery, numbers: impl IntoIterator<Item = u64>) {
    numbers.into_iter().for_each(|number| assert!(delivery.enqueue(record(number)), "{number}"));
}

/// The content of a put of these records.
fn lines(numbers: impl IntoIterator<Item = u64>) -> Vec<String> {
    numbers.into_iter().map(|number| format!("{number}\n")).collect()
}

/// Whether the delivery has everything below `end` within this time from now.
async fn reaches(delivery: &Delivery, end: u64, within: Duration) -> bool {
    delivery.reached(end, Instant::now().checked_add(within).expect("an instant")).await
}

#[tokio::test(start_paused = true)]
async fn records_that_wait_go_out_in_their_order_and_in_batches() {
    let stream = Stream::new([]);
    let delivery = deliver_to(&stream);
    assert_eq!((delivery.kind(), delivery.is_required(), delivery.has_room()), (SinkKind::Firehose, true, true));
    assert!(delivery.has(0) && !delivery.has(1), "nothing is delivered yet");
    enqueue(&delivery, 0..450);
    assert!(reaches(&delivery, 450, MILLISECOND).await && !delivery.has(451));
    let heard: Vec<_> = stream.heard().into_iter().map(|(_, lines)| lines).collect();
    assert_eq!(heard, [lines(0..200), lines(200..400), lines(400..450)]);
    // One that comes alone is not waited with.
    enqueue(&delivery, [450]);
    assert!(reaches(&delivery, 451, MILLISECOND).await);
    assert_eq!(stream.heard()[3].1, lines([450]));
    assert_eq!(stream.times(), [0; 4]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_counts_until_half_of_the_time_is_over_and_not_a_moment_later() {
    for (after, taken, times) in [(2000, true, vec![0]), (2001, false, vec![0, 2200])] {
        let stream = Stream::new([Put::TakenAfter(Duration::from_millis(after)), Put::Hangs]);
        let delivery = deliver_to(&stream);
        enqueue(&delivery, [0]);
        assert_eq!(reaches(&delivery, 1, 3999 * MILLISECOND).await, taken, "{after}");
        assert_eq!(stream.times(), times, "{after}");
        assert_eq!((delivery.is_failing(), delivery.reason()), (!taken, "no answer in time".to_owned()), "{after}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_confirmation_counts_until_the_deadline_and_not_a_moment_later() {
    for (within, reached) in [(999, false), (1001, true)] {
        let stream = Stream::new([Put::TakenAfter(Duration::from_secs(1))]);
        let delivery = deliver_to(&stream);
        enqueue(&delivery, 0..2);
        let begun = Instant::now();
        assert_eq!(reaches(&delivery, 2, within * MILLISECOND).await, reached, "{within}");
        assert_eq!(begun.elapsed(), Duration::from_millis(u64::from(within.min(1000))), "{within}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_refuses_is_asked_again_after_pauses_that_double_up_to_30_seconds() {
    let stream = Stream::new(vec![Put::Refused("ServiceUnavailableException"); 12]);
    let delivery = deliver_to(&stream);
    enqueue(&delivery, [0]);
    assert!(!reaches(&delivery, 1, Duration::from_secs(140)).await);
    assert_eq!((delivery.is_failing(), reason_of(&delivery.reason())), (true, "ServiceUnavailableException"));
    let pauses: Vec<_> = stream.times().windows(2).map(|two| two[1] - two[0]).collect();
    assert_eq!(pauses, [200, 300, 500, 900, 1700, 3300, 6500, 12_900, 25_700, 30_100, 30_100]);
    assert!(reaches(&delivery, 1, Duration::from_secs(60)).await);
    assert!(!delivery.is_failing());
    // After a success the pauses begin anew.
    stream.then([Put::Broken, Put::Broken]);
    enqueue(&delivery, [1]);
    assert!(reaches(&delivery, 2, Duration::from_secs(60)).await);
    let pauses: Vec<_> = stream.times().windows(2).map(|two| two[1] - two[0]).skip(13).collect();
    assert_eq!(pauses, [200, 300]);
}

#[tokio::test(start_paused = true)]
async fn a_new_record_has_a_failing_sink_asked_at_once_and_goes_out_behind_those_that_wait() {
    let stream = Stream::new(vec![Put::Refused("ServiceUnavailableException"); 5]);
    let delivery = deliver_to(&stream);
    enqueue(&delivery, [0, 1]);
    // The fifth call is at 1900, and the next one would be at 3600.
    sleep(Duration::from_millis(2500)).await;
    assert_eq!(stream.times(), [0, 200, 500, 1000, 1900]);
    enqueue(&delivery, [2, 3, 4]);
    assert!(reaches(&delivery, 5, MILLISECOND).await);
    assert_eq!((stream.times()[5], &stream.heard()[5].1), (2500, &lines(0..5)));
    // Within the first pause it waits for the end of that.
    stream.then([Put::Broken]);
    enqueue(&delivery, [5]);
    sleep(50 * MILLISECOND).await;
    enqueue(&delivery, [6]);
    assert!(reaches(&delivery, 7, Duration::from_secs(1)).await);
    assert_eq!(stream.times()[6..], [2500, 2600]);
    assert_eq!(stream.heard()[7].1, lines([5, 6]));
}

#[tokio::test(start_paused = true)]
async fn a_full_batch_is_tried_again_whatever_comes_and_grows_no_more() {
    let stream = Stream::new(vec![Put::Broken; 3]);
    let delivery = deliver_to(&stream);
    enqueue(&delivery, 0..201);
    assert!(reaches(&delivery, 201, Duration::from_secs(1)).await);
    assert_eq!(delivery.reason(), "no answer in time", "the last error is forgotten");
    assert_eq!(stream.times(), [0, 200, 400, 600, 600]);
    let lengths: Vec<_> = stream.heard().iter().map(|(_, lines)| lines.len()).collect();
    assert_eq!(lengths, [BATCH, BATCH, BATCH, BATCH, 1]);
}

#[tokio::test(start_paused = true)]
async fn records_that_a_batch_was_taken_without_are_put_again_and_only_they() {
    let stream = Stream::new([Put::TakenWithout(vec![1, 3]), Put::TakenWithout(vec![1]), Put::Taken]);
    let delivery = deliver_to(&stream);
    enqueue(&delivery, 0..4);
    sleep(MILLISECOND).await;
    assert_eq!((delivery.is_failing(), delivery.reason()), (true, "2 records were not taken".to_owned()));
    assert!(!delivery.has(1), "none of a batch counts before all of it does");
    enqueue(&delivery, [4]);
    assert!(reaches(&delivery, 5, Duration::from_secs(1)).await);
    let heard: Vec<_> = stream.heard().into_iter().map(|(_, lines)| lines).collect();
    assert_eq!(heard, [lines(0..4), lines([1, 3, 4]), lines([3])]);
    assert!(delivery.has(5), "though the last put ended before it");
}

#[tokio::test(start_paused = true)]
async fn answers_that_do_not_tell_of_every_record_confirm_none() {
    let entry = serde_json::json!({"RecordId": "1"});
    let refused = serde_json::json!({"ErrorCode": "InternalFailure"});
    for (said, reason) in [
        (
            serde_json::json!({"FailedPutCount": 0, "RequestResponses": [entry]}),
            "an answer that does not tell of every record",
        ),
        (
            serde_json::json!({"FailedPutCount": 0, "RequestResponses": [entry, entry, entry]}),
            "an answer that does not tell of every record",
        ),
        (
            serde_json::json!({"FailedPutCount": 1, "RequestResponses": [entry, entry]}),
            "an answer that contradicts itself",
        ),
        (serde_json::json!({"FailedPutCount": 0, "RequestResponses": [entry, refused]}), "1 records were not taken"),
    ] {
        let stream = Stream::new([Put::Said(said.clone())]);
        let delivery = deliver_to(&stream);
        enqueue(&delivery, 0..2);
        assert!(!reaches(&delivery, 1, MILLISECOND).await, "{said}");
        assert_eq!(delivery.reason(), reason, "{said}");
        assert!(reaches(&delivery, 2, Duration::from_secs(1)).await, "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn so_many_records_wait_and_no_more() {
    let stream = Stream::new([Put::Hangs]);
    let delivery = deliver_to(&stream);
    let most = u64::try_from(BACKLOG).expect("a number");
    enqueue(&delivery, 0..most);
    assert!(!delivery.enqueue(record(most)), "the queue is full");
    assert!(reaches(&delivery, most, Duration::from_secs(10)).await, "those that found room are kept");
    assert!(delivery.enqueue(record(most)), "it has room again");
    assert!(reaches(&delivery, most + 1, MILLISECOND).await);
    assert_eq!(BACKLOG, 10_000);
}

#[tokio::test(start_paused = true)]
async fn the_log_says_once_that_a_sink_fails_and_once_that_it_takes_records_again() {
    let (stream, paper) = (Stream::new(vec![Put::Broken; 3]), Paper::default());
    let (log, inner) = (Log::to(paper.clone()), Stream::clone(&stream));
    async move {
        let delivery = deliver_to(&inner);
        enqueue(&delivery, [0]);
        assert!(reaches(&delivery, 1, Duration::from_secs(5)).await);
        enqueue(&delivery, [1]);
        assert!(reaches(&delivery, 2, Duration::from_secs(5)).await);
    }
    .with_subscriber(log.subscriber(Level::INFO))
    .await;
    let fails = ["the audit sink does not take records: they are kept for it", "firehose", "no connection"];
    let takes = ["the audit sink takes records again", "firehose"];
    let mut events = paper.events(&["sink", "reason", "required"]);
    events[0][3] = reason_of(events[0][3].as_str().expect("a reason")).into();
    assert_eq!(
        events,
        [
            vec!["ERROR".into(), fails[0].into(), fails[1].into(), fails[2].into(), true.into()],
            vec!["INFO".into(), takes[0].into(), takes[1].into(), serde_json::Value::Null, serde_json::Value::Null],
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_is_dropped_gives_out_what_waits_and_ends() {
    for (script, puts) in [(vec![], 1), (vec![Put::Broken], 2), (vec![Put::Broken; 9], 2)] {
        let stream = Stream::new(script);
        let delivery = deliver_to(&stream);
        enqueue(&delivery, [0]);
        drop(delivery);
        sleep(Duration::from_secs(100)).await;
        assert!(stream.heard().len() <= puts, "{:?}", stream.times());
        assert_eq!(stream.heard()[0].1, lines([0]));
    }
}

#[tokio::test(start_paused = true)]
async fn the_log_confirms_what_it_has_written() {
    let paper = Paper::default();
    let delivery = Delivery::log(Log::to(paper.clone()), false);
    assert_eq!((delivery.kind(), delivery.is_required(), delivery.is_failing()), (SinkKind::Log, false, false));
    assert!(delivery.has_room() && delivery.has(0) && !delivery.has(1));
    enqueue(&delivery, 0..3);
    assert!(delivery.has(3) && !delivery.has(4) && reaches(&delivery, 3, Duration::ZERO).await);
    assert_eq!(paper.text(), "0\n1\n2\n");
}

#[tokio::test(start_paused = true)]
async fn a_log_that_is_not_read_is_waited_for_until_the_deadline() {
    let paper = Paper::default();
    paper.is_now(Mood::Unread);
    let delivery = Delivery::log(Log::to(paper.clone()), true);
    enqueue(&delivery, [0]);
    let begun = Instant::now();
    assert!(!reaches(&delivery, 1, Duration::from_secs(3)).await);
    assert_eq!((begun.elapsed(), delivery.reason()), (Duration::from_secs(3), "nothing took it in time".to_owned()));
    assert!(delivery.is_required());
    paper.is_now(Mood::Takes);
}

/// On a running clock: the log writes in a thread. The deadlines are far away.
#[tokio::test]
async fn a_log_that_fails_is_not_waited_for_and_a_new_record_tries_it_again() {
    let paper = Paper::default();
    paper.is_now(Mood::Full);
    let delivery = Delivery::log(Log::to(paper.clone()), true);
    enqueue(&delivery, [0]);
    let far = Duration::from_secs(30);
    let begun = Instant::now();
    assert!(!reaches(&delivery, 1, far).await && begun.elapsed() < far);
    assert_eq!((delivery.is_failing(), delivery.reason()), (true, "the disk is full".to_owned()));
    paper.is_now(Mood::Takes);
    enqueue(&delivery, [1]);
    assert!(reaches(&delivery, 2, far).await && !delivery.is_failing());
    assert_eq!(delivery.reason(), "nothing took it in time", "the last error is forgotten");
    assert!(paper.text().starts_with("0\n1\n"), "{}", paper.text());
}

#[tokio::test(start_paused = true)]
async fn a_log_whose_queue_is_full_has_no_room_for_an_intent_and_then_none_for_a_record() {
    let paper = Paper::default();
    paper.is_now(Mood::Unread);
    let delivery = Delivery::log(Log::to(paper.clone()), true);
    let text: Arc<str> = "x".repeat(1 << 20).into();
    let big = |sequence| Record { sequence, time: 0, text: Arc::clone(&text) };
    let mut rooms = Vec::new();
    for number in 0..9 {
        rooms.push((delivery.has_room(), delivery.enqueue(big(number))));
    }
    assert_eq!(rooms, [[(true, true); 4].to_vec(), [(false, true); 3].to_vec(), [(false, false); 2].to_vec()].concat());
    paper.is_now(Mood::Takes);
}
