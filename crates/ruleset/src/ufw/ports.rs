//! Lists and ranges of ports: `22`, `80,443`, `6000:6007`.

use super::{EditError, Ports};

/// How many iptables' multiport takes; a range counts as two.
const MOST: usize = 15;

impl Ports {
    /// Reads numbers, lists and ranges.
    pub fn parse(text: &str) -> Result<Self, EditError> {
        let wrong = |why| EditError::Port { text: text.to_owned(), why };
        let number = |digits: &str| match digits.parse::<u16>() {
            _ if digits.is_empty() => Err(wrong("a number is missing")),
            _ if !digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(wrong("lists and ranges hold numbers only"))
            }
            Ok(0) => Err(wrong("there is no port 0")),
            Ok(number) => Ok(number),
            Err(_) => Err(wrong("the largest one is 65535")),
        };
        let mut ranges = Vec::new();
        for part in text.split(',') {
            ranges.push(match part.split_once(':') {
                None => number(part).map(|one| (one, one))?,
                Some((first, last)) => {
                    let (first, last) = (number(first)?, number(last)?);
                    if first >= last {
                        return Err(wrong("a range goes from the smaller to the larger one"));
                    }
                    (first, last)
                }
            });
        }
        let ports = Self(ranges);
        if ports.weight() > MOST {
            return Err(wrong("more than 15 at once"));
        }
        Ok(ports)
    }

    /// How many places it takes in iptables' multiport.
    pub fn weight(&self) -> usize {
        self.0.iter().map(|(first, last)| if first == last { 1 } else { 2 }).sum()
    }

    /// Is it just one port?
    pub fn is_single(&self) -> bool {
        matches!(self.0.as_slice(), [(first, last)] if first == last)
    }

    /// Sorted, without overlaps and gaps of nothing.
    pub(super) fn merged(mut ranges: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
        ranges.sort_unstable();
        let mut merged: Vec<(u16, u16)> = Vec::new();
        for (first, last) in ranges {
            match merged.last_mut() {
                Some(before) if u32::from(first) <= u32::from(before.1) + 1 => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        merged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_ranges() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(Ports::parse(text).ok().map(|ports| ports.text()).as_deref(), expected, "{text}");
        };
        check("22", Some("22"));
        check("022", Some("22"));
        check("80,443,8080:8090", Some("80,443,8080:8090"));
        check("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15", Some("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"));
        check("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", None);
        for wrong in ["", "0", "65536", "7:3", "5:5", "80,", ":80", "+22", "1:2:3", "ssh", "2 2"] {
            check(wrong, None);
        }
        assert_eq!(Ports::merged(vec![(9, 9), (1, 3), (4, 5), (2, 2)]), [(1, 5), (9, 9)]);
    }
}
