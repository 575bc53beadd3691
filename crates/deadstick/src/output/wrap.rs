//! Long texts under each other, where there is a terminal.

/// The terminal's width in columns; `None` where there is no terminal.
pub fn width() -> Option<usize> {
    terminal_size::terminal_size().map(|(terminal_size::Width(width), _)| usize::from(width))
}

/// Breaks a text between words so that its lines, `indent` columns in, fit into `width`. Its own
/// line ends stay; lines after the first are indented.
pub fn hanging(text: &str, indent: usize, width: Option<usize>) -> String {
    // Too narrow to be worth it: the terminal breaks by itself.
    let room = width.map_or(usize::MAX, |width| width.saturating_sub(indent)).max(20);
    let lines = text.lines().flat_map(|line| broken(line, room));
    lines.collect::<Vec<_>>().join(&format!("\n{}", " ".repeat(indent)))
}

fn broken(line: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > room {
            lines.push(String::new());
            used = 0;
        }
        if let Some(last) = lines.last_mut() {
            if used > 0 {
                last.push(' ');
                used += 1;
            }
            last.push_str(word);
        }
        used += length;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_hang() {
        let text = "one two three four five six\nseven";
        assert_eq!(hanging(text, 4, Some(24)), "one two three four\n    five six\n    seven");
        assert_eq!(hanging(text, 4, None), "one two three four five six\n    seven");
        assert_eq!(hanging("", 4, Some(80)), "");
    }
}
