//! What statistics count of a proxy's side, a server or a listener. A transaction is counted once, at its end, with relaxed
//! atomics; nothing here takes a lock or memory. What the numbers are called outside is `stats`'s.

use crate::units::Moment;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How many of the last transactions a time is the average of (HAProxy's).
const AVERAGED: u64 = 1024;

/// A number that only grows, or is a maximum, until it is cleared.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// One more.
    #[inline]
    pub fn add_one(&self) {
        self.add(1);
    }

    /// So many more.
    #[inline]
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Relaxed);
    }

    /// The greater of what it was and this.
    #[inline]
    pub fn raise(&self, to: u64) {
        if self.get() < to {
            self.0.fetch_max(to, Relaxed);
        }
    }

    /// The number.
    #[inline]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    /// 0 again.
    pub fn clear(&self) {
        self.set(0);
    }

    fn set(&self, to: u64) {
        self.0.store(to, Relaxed);
    }
}

/// Events per second: those of the current second and those of the one before it, of which the part counts that lies less than a
/// second back (HAProxy's way).
#[derive(Debug, Default)]
pub struct Rate {
    second: AtomicU64,
    current: AtomicU64,
    before: AtomicU64,
    most: Count,
}

impl Rate {
    /// Counts so many events.
    #[inline]
    pub fn note(&self, now: Moment, events: u64) {
        self.turn_to(now);
        self.current.fetch_add(events, Relaxed);
        self.most.raise(self.get(now));
    }

    /// Events in the second up to now.
    pub fn get(&self, now: Moment) -> u64 {
        let (second, into_ms) = (now.0 / 1000, now.0 % 1000);
        let (seen, current, before) = (self.second.load(Relaxed), self.current.load(Relaxed), self.before.load(Relaxed));
        let fading = |count: u64| count.saturating_mul(1000 - into_ms) / 1000;
        match second.saturating_sub(seen) {
            0 => current.saturating_add(fading(before)),
            1 => fading(current),
            _ => 0,
        }
    }

    /// The most that it has been.
    pub fn most(&self) -> u64 {
        self.most.get()
    }

    /// The first that comes in a new second begins it; a few events may be counted into the second beside theirs.
    fn turn_to(&self, now: Moment) {
        let second = now.0 / 1000;
        let seen = self.second.load(Relaxed);
        if second > seen && self.second.compare_exchange(seen, second, Relaxed, Relaxed).is_ok() {
            let last = self.current.swap(0, Relaxed);
            self.before.store(if second == seen + 1 { last } else { 0 }, Relaxed);
        }
    }
}

/// A time: its average over the last transactions and the longest, in milliseconds.
#[derive(Debug, Default)]
pub struct Span {
    sum: Count,
    most: Count,
}

impl Span {
    fn note(&self, time_ms: u64, counted: u64) {
        let sum = self.sum.get();
        let kept = if counted < AVERAGED { sum } else { sum - sum.div_ceil(AVERAGED) };
        self.sum.set(kept.saturating_add(time_ms));
        self.most.raise(time_ms);
    }

    /// The average, over `counted` transactions at most.
    pub fn average_ms(&self, counted: u64) -> u64 {
        self.sum.get().div_ceil(counted.clamp(1, AVERAGED))
    }

    /// The longest.
    pub fn most_ms(&self) -> u64 {
        self.most.get()
    }
}

/// What a transaction took, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// In queues.
    pub queue_ms: u64,
    /// For the connection to the server.
    pub connect_ms: u64,
    /// Until the answer's head.
    pub response_ms: u64,
    /// In all.
    pub total_ms: u64,
}

/// Everything that is counted. Which of it means something depends on what it is counted of.
#[derive(Debug, Default)]
pub struct Counters {
    /// The most sessions at a time.
    pub sessions_most: Count,
    /// The most that waited at a time.
    pub queue_most: Count,
    /// Bytes of requests.
    pub bytes_in: Count,
    /// Bytes of answers.
    pub bytes_out: Count,
    /// Requests that a rule refused.
    pub denied_requests: Count,
    /// Responses that a rule refused.
    pub denied_responses: Count,
    /// Connections that a rule refused.
    pub denied_connections: Count,
    /// Sessions that a rule refused.
    pub denied_sessions: Count,
    /// Requests that were malformed, or did not come whole.
    pub request_errors: Count,
    /// Requests for which no connection came about.
    pub connect_errors: Count,
    /// Answers that were malformed, did not come, or were cut off.
    pub response_errors: Count,
    /// Requests that the client left.
    pub client_aborts: Count,
    /// Answers that the server left.
    pub server_aborts: Count,
    /// Faults of the proxy itself.
    pub internal_errors: Count,
    /// Further tries to connect.
    pub retries: Count,
    /// Requests that went to another server than the one that was chosen first.
    pub redispatches: Count,
    /// Heads that a rule could not change.
    pub failed_rewrites: Count,
    /// Requests for which `balance` has chosen a server.
    pub balanced: Count,
    /// Attempts to connect to a server.
    pub connects: Count,
    /// Requests that went out on a connection that was there.
    pub reuses: Count,
    /// Requests that the proxy answered in the place of a service (statistics).
    pub intercepted: Count,
    /// HTTP requests.
    pub requests: Count,
    /// Answers by the first digit of their status: 1 to 5, then all others.
    pub answers: [Count; 6],
    /// New connections.
    pub connection_rate: Rate,
    /// New sessions.
    pub session_rate: Rate,
    /// HTTP requests.
    pub request_rate: Rate,
    /// Transactions whose times were taken.
    pub timed: Count,
    /// In queues.
    pub queue_time: Span,
    /// For connections.
    pub connect_time: Span,
    /// Until the answer's head.
    pub response_time: Span,
    /// In all.
    pub total_time: Span,
    /// The second in which the last session came, and one; 0 for none.
    last_session: Count,
}

impl Counters {
    /// Counts an answer by its status.
    #[inline]
    pub fn note_answer(&self, status: u16) {
        let class = match status {
            100..=599 => usize::from(status / 100) - 1,
            _ => 5,
        };
        if let Some(count) = self.answers.get(class) {
            count.add_one();
        }
    }

    /// Counts a session that begins.
    #[inline]
    pub fn note_session(&self, now: Moment) {
        self.session_rate.note(now, 1);
        self.last_session.set(now.0 / 1000 + 1);
    }

    /// Counts what a transaction took.
    pub fn note_times(&self, times: Times) {
        let counted = self.timed.get();
        self.timed.add_one();
        for (span, time_ms) in [
            (&self.queue_time, times.queue_ms),
            (&self.connect_time, times.connect_ms),
            (&self.response_time, times.response_ms),
            (&self.total_time, times.total_ms),
        ] {
            span.note(time_ms, counted);
        }
    }

    /// Seconds since the last session began; `None` when there was none.
    pub fn idle_seconds(&self, now: Moment) -> Option<u64> {
        Some((now.0 / 1000 + 1).saturating_sub(self.last_session.get())).filter(|_| self.last_session.get() > 0)
    }

    /// Forgets the maxima (`clear counters`).
    pub fn clear_maxima(&self) {
        let rates = [&self.connection_rate, &self.session_rate, &self.request_rate].map(|rate| &rate.most);
        let spans = [&self.queue_time, &self.connect_time, &self.response_time, &self.total_time].map(|span| &span.most);
        rates.into_iter().chain(spans).chain([&self.sessions_most, &self.queue_most]).for_each(|most| most.set(0));
    }

    /// Forgets everything (`clear counters all`).
    pub fn clear(&self) {
        self.clear_maxima();
        let spans = [&self.queue_time, &self.connect_time, &self.response_time, &self.total_time].map(|span| &span.sum);
        let counts = [
            &self.bytes_in,
            &self.bytes_out,
            &self.denied_requests,
            &self.denied_responses,
            &self.denied_connections,
            &self.denied_sessions,
            &self.request_errors,
            &self.connect_errors,
            &self.response_errors,
            &self.client_aborts,
            &self.server_aborts,
            &self.internal_errors,
            &self.retries,
            &self.redispatches,
            &self.failed_rewrites,
            &self.balanced,
            &self.connects,
            &self.reuses,
            &self.intercepted,
            &self.requests,
            &self.timed,
            &self.last_session,
        ];
        counts.into_iter().chain(spans).chain(&self.answers).for_each(|count| count.set(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_fades_with_the_second_that_it_was_counted_in() {
        let rate = Rate::default();
        let check = |at_ms: u64, events: u64, expected: u64| {
            if events > 0 {
                rate.note(Moment(at_ms), events);
            }
            assert_eq!(rate.get(Moment(at_ms)), expected, "at {at_ms}");
        };
        check(5_000, 10, 10);
        check(5_999, 10, 20);
        check(6_500, 0, 10);
        check(6_500, 4, 14);
        check(7_250, 0, 3);
        check(8_000, 0, 0);
        check(20_000, 1, 1);
        assert_eq!(rate.most(), 20);
    }

    #[test]
    fn a_time_is_the_average_of_the_last_1024() {
        let counters = Counters::default();
        let note = |total_ms| counters.note_times(Times { total_ms, ..Times::default() });
        let average = || counters.total_time.average_ms(counters.timed.get());
        assert_eq!(average(), 0);
        [10, 20, 30].into_iter().for_each(note);
        assert_eq!((average(), counters.total_time.most_ms()), (20, 30));
        (0..20_000).for_each(|_| note(5));
        assert!((5..=6).contains(&average()), "{}", average());
    }

    #[test]
    fn maxima_are_cleared_alone_or_with_all_else() {
        let counters = Counters::default();
        counters.note_session(Moment(1000));
        counters.sessions_most.raise(7);
        counters.bytes_in.add(5);
        [200, 404, 0].into_iter().for_each(|status| counters.note_answer(status));
        counters.clear_maxima();
        assert_eq!((counters.sessions_most.get(), counters.session_rate.most(), counters.bytes_in.get()), (0, 0, 5));
        assert_eq!(counters.answers.each_ref().map(Count::get), [0, 1, 0, 1, 0, 1]);
        assert_eq!(counters.idle_seconds(Moment(3500)), Some(2));
        counters.clear();
        assert_eq!((counters.bytes_in.get(), counters.answers[1].get(), counters.idle_seconds(Moment(3500))), (0, 0, None));
    }
}
