//! Stretches of time in words.

/// `45 s`, `2 min 10 s`, `1 h 5 min`, `3 d 4 h`: the two largest units, nothing smaller.
pub fn spoken(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let largest = units.iter().position(|(unit, _)| seconds >= *unit).unwrap_or(3);
    let (unit, name) = units[largest];
    let first = format!("{} {name}", seconds / unit);
    match units.get(largest + 1) {
        Some((next, name)) if seconds % unit / next > 0 => {
            format!("{first} {} {name}", seconds % unit / next)
        }
        _ => first,
    }
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn two_units_at_most() {
        let check = |seconds, expected| assert_eq!(spoken(seconds), expected);
        check(0, "0 s");
        check(59, "59 s");
        check(60, "1 min");
        check(130, "2 min 10 s");
        check(3_900, "1 h 5 min");
        check(3_601, "1 h");
        check(273_600, "3 d 4 h");
    }
}
