//! Times contestants in turn, so that a machine that slows down slows all of them, and prints medians and ratios.

use std::time::Instant;

const ROUNDS: usize = 61;
const BATCH_MICROSECONDS: f64 = 4_000.0;

/// Something to time.
pub struct Contestant<'a> {
    name: String,
    run: Box<dyn FnMut() + 'a>,
}

impl<'a> Contestant<'a> {
    pub fn new(name: impl Into<String>, run: impl FnMut() + 'a) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }
}

/// Prints each contestant's median time and its ratio to the first one's; returns the medians in microseconds.
pub fn compare(title: &str, contestants: &mut [Contestant<'_>]) -> Vec<f64> {
    let batches: Vec<u32> = contestants.iter_mut().map(batch).collect();
    let mut times = vec![Vec::with_capacity(ROUNDS); contestants.len()];
    for _ in 0..ROUNDS {
        for ((contestant, batch), times) in contestants.iter_mut().zip(&batches).zip(&mut times) {
            times.push(time(contestant, *batch));
        }
    }
    let medians: Vec<f64> = times.iter_mut().map(|times| median(times)).collect();
    println!("\n{title}");
    for (contestant, micros) in contestants.iter().zip(&medians) {
        println!("  {:<36}{micros:>10.2} µs{:>9.2} ×", contestant.name, micros / medians[0]);
    }
    medians
}

/// How many runs make a batch long enough to time.
fn batch(contestant: &mut Contestant<'_>) -> u32 {
    let once = (0..3).map(|_| time(contestant, 1)).fold(f64::INFINITY, f64::min);
    (BATCH_MICROSECONDS / once).clamp(1.0, 10_000.0) as u32
}

fn time(contestant: &mut Contestant<'_>, batch: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..batch {
        (contestant.run)();
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(batch)
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
