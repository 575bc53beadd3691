//! Pieces of nft's text: lines, and blocks in braces.

/// A piece of a block.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Up to the end of the line or a semicolon; braces in it may hold several lines.
    Line(&'a str),
    /// `head { body }`.
    Block {
        head: &'a str,
        body: &'a str,
        /// Is its closing brace there?
        is_closed: bool,
    },
}

/// Cuts a text into pieces. With `has_blocks` a brace begins a block; without, it is a part of the line.
pub(super) fn pieces(text: &str, has_blocks: bool) -> Vec<Piece<'_>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut start = 0;
    let mut at = 0;
    let mut depth = 0_usize;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = after_quote(bytes, at),
            b'{' if has_blocks => {
                let end = matching(bytes, at);
                let body = &text[at + 1..end.unwrap_or(bytes.len())];
                found.push(Piece::Block { head: text[start..at].trim(), body, is_closed: end.is_some() });
                at = end.map_or(bytes.len(), |end| end + 1);
                start = at;
                continue;
            }
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b'\n' | b';' if depth == 0 => {
                push_line(&mut found, &text[start..at]);
                start = at + 1;
            }
            // A comment may hold anything.
            b'#' if depth == 0 => at = line_end(bytes, at) - 1,
            _ => {}
        }
        at += 1;
    }
    push_line(&mut found, &text[start.min(text.len())..]);
    found
}

fn push_line<'a>(found: &mut Vec<Piece<'a>>, line: &'a str) {
    let line = line.trim();
    if !line.is_empty() {
        found.push(Piece::Line(line));
    }
}

/// Where the line ends: at the newline or the end of the text.
fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| at + length).max(at + 1)
}

/// The closing quote, or the end.
fn after_quote(bytes: &[u8], at: usize) -> usize {
    bytes[at + 1..].iter().position(|byte| *byte == b'"').map_or(bytes.len(), |length| at + 1 + length)
}

/// The brace that closes the one at `at`.
fn matching(bytes: &[u8], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut here = at;
    while here < bytes.len() {
        match bytes[here] {
            b'"' => here = after_quote(bytes, here),
            b'#' => here = line_end(bytes, here) - 1,
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(here);
                }
            }
            _ => {}
        }
        here += 1;
    }
    None
}

/// Words of a rule: quoted texts with their quotes, and what stands in braces as one word.
pub(super) fn words(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let start = at;
        if bytes[at] == b'{' {
            at = matching(bytes, at).map_or(bytes.len(), |end| end + 1);
        } else {
            while at < bytes.len() && !bytes[at].is_ascii_whitespace() && bytes[at] != b'{' {
                at = if bytes[at] == b'"' { (after_quote(bytes, at) + 1).min(bytes.len()) } else { at + 1 };
            }
        }
        found.push(&text[start..at]);
    }
    found
}

/// What stands between commas.
pub(super) fn list(text: &str) -> Vec<&str> {
    let mut is_quoted = false;
    let parts = text.split(move |character| {
        is_quoted ^= character == '"';
        character == ',' && !is_quoted
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_lines_are_told_apart() {
        let text = "table ip t { # handle 1\n\tchain a {\n\t\ttcp dport { 1,\n 2 } accept\n\t}\n}\n# \"x\ninclude \"a;b\"; last";
        let outer = pieces(text, true);
        let Piece::Block { head: "table ip t", body, is_closed: true } = outer[0] else {
            panic!("{outer:?}")
        };
        assert_eq!(outer[1..], [Piece::Line("# \"x"), Piece::Line("include \"a;b\""), Piece::Line("last")]);
        let inner = pieces(body, true);
        let Piece::Block { head: "chain a", body, .. } = inner[1] else { panic!("{inner:?}") };
        assert_eq!(pieces(body, false), [Piece::Line("tcp dport { 1,\n 2 } accept")]);
        assert!(matches!(pieces("table ip t { chain", true)[..], [Piece::Block { is_closed: false, .. }]));
        assert_eq!(
            words("log prefix \"a b\" tcp dport {1, 2} x"),
            ["log", "prefix", "\"a b\"", "tcp", "dport", "{1, 2}", "x"]
        );
    }
}
