//! Overlapping incidents count once.

use crate::story::{at, incident};
use fact::Timestamp;
use incident::Incident;
use insight::{covered, is_covered};

fn between(from: &str, until: Option<&str>) -> Incident {
    Incident { window_from: Some(at(from)), window_until: until.map(at), ..incident() }
}

fn told(incidents: &[Incident], now: Timestamp) -> String {
    let time = |at: Timestamp| at.to_string()[11..16].to_owned();
    let covered = covered(incidents, now);
    let windows =
        covered.iter().map(|it| format!("{}-{}", time(it.from), it.until.map(time).unwrap_or_default()));
    windows.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_minute_of_two_incidents_counts_once() {
    let now = at("18:00:00");
    let incidents = [
        between("15:00:00", Some("16:00:00")),
        between("13:00:00", Some("14:00:00")),
        between("15:30:00", Some("15:45:00")),
        between("15:50:00", Some("16:10:00")),
        between("17:50:00", None),
    ];
    insta::assert_snapshot!(told(&incidents, now), @"13:00-14:00 15:00-16:10 17:50-18:00");
    assert_eq!(told(&[], now), "");

    let windows = covered(&incidents, now);
    let inside = ["13:00:00", "15:40:00", "16:05:00", "16:10:00"];
    let outside = ["12:59:59", "14:00:01", "14:30:00", "16:10:01", "18:00:01"];
    assert!(inside.iter().all(|time| is_covered(&windows, at(time))));
    assert!(!outside.iter().any(|time| is_covered(&windows, at(time))));
    // Facts counted one by one: each once, though four incidents hold some of them.
    let facts = (0..60).map(|minute| at("15:30:00").plus_minutes(minute));
    assert_eq!(facts.filter(|at| is_covered(&windows, *at)).count(), 41);
}
