//! A small registry, written as Prometheus text (exposition format 0.0.4).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Upper bounds in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// What is counted since start.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<(String, String, u16), u64>>,
    append: Histogram,
    append_failures: AtomicU64,
    streams: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct Histogram {
    counts: [AtomicU64; BUCKETS.len()],
    count: AtomicU64,
    sum_us: AtomicU64,
}

impl Histogram {
    fn observe(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        if let Some(bucket) = BUCKETS.iter().position(|bound| seconds <= *bound) {
            self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// Measures one append.
pub(crate) struct AppendTimer<'a> {
    metrics: &'a Metrics,
    begin: Instant,
}

impl AppendTimer<'_> {
    pub(crate) fn stop(self, is_stored: bool) {
        self.metrics.append.observe(self.begin.elapsed());
        if !is_stored {
            self.metrics.append_failures.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A live stream that is counted while this lives.
#[derive(Debug)]
pub struct StreamGuard(Arc<AtomicU64>);

impl Drop for StreamGuard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What is read when somebody asks, and counted elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Readings {
    /// Size of the log.
    pub head: u64,
    /// Source, what became of its facts, how many.
    pub facts: Vec<(String, &'static str, u64)>,
    /// Incidents that are not closed.
    pub open_incidents: u64,
}

impl Metrics {
    /// Counts a live stream as long as the guard lives.
    pub fn stream(&self) -> StreamGuard {
        self.streams.fetch_add(1, Ordering::Relaxed);
        StreamGuard(Arc::clone(&self.streams))
    }

    pub(crate) fn start_append(&self) -> AppendTimer<'_> {
        AppendTimer { metrics: self, begin: Instant::now() }
    }

    /// Counts a request by the pattern of its route, never by its path.
    pub(crate) fn count_request(&self, method: &str, route: &str, status: u16) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((route.into(), method.into(), status)).or_default() += 1;
    }

    /// All of it as text.
    pub(crate) fn text(&self, readings: &Readings) -> String {
        let mut text = String::new();
        // Writing to a string can't fail.
        let _ = self.write(&mut text, readings);
        text
    }

    fn write(&self, out: &mut String, readings: &Readings) -> std::fmt::Result {
        head(out, "deadstick_http_requests_total", "counter", "Requests by route, method and status.")?;
        for ((route, method, status), count) in &*self.requests.lock().unwrap_or_else(PoisonError::into_inner)
        {
            let (route, method) = (label(route), label(method));
            writeln!(
                out,
                "deadstick_http_requests_total{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}} {count}"
            )?;
        }
        head(
            out,
            "deadstick_facts_total",
            "counter",
            "Facts delivered since start, by source and what became of them.",
        )?;
        for (source, result, count) in &readings.facts {
            let source = label(source);
            writeln!(out, "deadstick_facts_total{{source=\"{source}\",result=\"{result}\"}} {count}")?;
        }
        head(
            out,
            "deadstick_append_seconds",
            "histogram",
            "How long it took until appended facts were durable.",
        )?;
        let mut below = 0;
        for (bound, count) in BUCKETS.iter().zip(&self.append.counts) {
            below += count.load(Ordering::Relaxed);
            writeln!(out, "deadstick_append_seconds_bucket{{le=\"{bound}\"}} {below}")?;
        }
        let count = self.append.count.load(Ordering::Relaxed);
        writeln!(out, "deadstick_append_seconds_bucket{{le=\"+Inf\"}} {count}")?;
        let seconds = Duration::from_micros(self.append.sum_us.load(Ordering::Relaxed)).as_secs_f64();
        writeln!(out, "deadstick_append_seconds_sum {seconds}")?;
        writeln!(out, "deadstick_append_seconds_count {count}")?;
        let failures = self.append_failures.load(Ordering::Relaxed);
        single(
            out,
            "deadstick_append_failures_total",
            "counter",
            "Appends that the store refused as a whole.",
            failures,
        )?;
        let streams = self.streams.load(Ordering::Relaxed);
        single(out, "deadstick_live_streams", "gauge", "Pages that follow live.", streams)?;
        single(out, "deadstick_log_head", "gauge", "Positions in the log.", readings.head)?;
        single(
            out,
            "deadstick_incidents_open",
            "gauge",
            "Incidents that are not closed.",
            readings.open_incidents,
        )
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) -> std::fmt::Result {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

fn single(out: &mut String, name: &str, kind: &str, help: &str, value: u64) -> std::fmt::Result {
    head(out, name, kind, help)?;
    writeln!(out, "{name} {value}")
}

/// A label's value: backslash, quote and line feed are escaped.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_prometheus_text() {
        let metrics = Metrics::default();
        metrics.count_request("GET", "/in/{source}", 202);
        metrics.append.observe(Duration::from_millis(2));
        metrics.append.observe(Duration::from_secs(9));
        let _stream = metrics.stream();
        drop(metrics.stream());
        let readings = Readings { head: 7, facts: vec![("a\"b\n".into(), "stored", 3)], open_incidents: 1 };
        let text = metrics.text(&readings);
        for line in [
            r#"deadstick_http_requests_total{route="/in/{source}",method="GET",status="202"} 1"#,
            r#"deadstick_facts_total{source="a\"b\n",result="stored"} 3"#,
            r#"deadstick_append_seconds_bucket{le="0.001"} 0"#,
            r#"deadstick_append_seconds_bucket{le="0.0025"} 1"#,
            r#"deadstick_append_seconds_bucket{le="5"} 1"#,
            r#"deadstick_append_seconds_bucket{le="+Inf"} 2"#,
            "deadstick_append_seconds_sum 9.002",
            "deadstick_live_streams 1",
            "deadstick_log_head 7",
        ] {
            assert!(text.lines().any(|had| had == line), "{line} is not in\n{text}");
        }
    }
}
