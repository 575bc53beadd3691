//! Aligned tables.

use anstyle::Style;

use super::printable;

/// To which side the cells of a column go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table with a heading. Cells are made harmless and shown whole: the last column may be as long as it likes.
#[derive(Debug, Clone)]
pub struct Table {
    heading: Vec<(&'static str, Align)>,
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
struct Row {
    cells: Vec<(String, Style)>,
    /// Lines under the row, in its last column.
    below: Vec<String>,
}

impl Table {
    /// With these columns and no rows.
    pub fn new(heading: &[(&'static str, Align)]) -> Self {
        Self { heading: heading.to_vec(), rows: Vec::new() }
    }

    /// One more row of plain cells.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.styled(cells.into_iter().map(|cell| (cell, Style::new())));
    }

    /// One more row whose cells have a style.
    pub fn styled(&mut self, cells: impl IntoIterator<Item = (String, Style)>) {
        let cells =
            cells.into_iter().map(|(cell, style)| (printable(&cell).replace(['\n', '\t'], " "), style));
        self.rows.push(Row { cells: cells.collect(), below: Vec::new() });
    }

    /// A line under the last row, in its last column.
    pub fn below(&mut self, line: String) {
        if let Some(row) = self.rows.last_mut() {
            row.below.push(printable(&line).replace(['\n', '\t'], " "));
        }
    }

    /// Has it no rows?
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as lines, each `indent` columns in. A column that is empty in every row is left out.
    pub fn lines(&self, indent: usize) -> String {
        let width = |column: usize| {
            let cells = self
                .rows
                .iter()
                .filter_map(|row| row.cells.get(column))
                .map(|(cell, _)| cell.chars().count());
            cells.max().filter(|width| *width > 0).map(|width| width.max(self.heading[column].0.len()))
        };
        let widths: Vec<Option<usize>> = (0..self.heading.len()).map(width).collect();
        let head: Vec<(String, Style)> =
            self.heading.iter().map(|(name, _)| (name.to_uppercase(), Style::new().dimmed())).collect();
        let mut text = String::new();
        let last: usize = widths.iter().rev().skip(1).flatten().map(|width| width + 2).sum();
        let head = Row { cells: head, below: Vec::new() };
        for row in std::iter::once(&head).chain(&self.rows) {
            let mut line = " ".repeat(indent);
            let mut owed = 0;
            for (((cell, style), width), (_, align)) in row.cells.iter().zip(&widths).zip(&self.heading) {
                let Some(width) = width else { continue };
                let padding = width.saturating_sub(cell.chars().count());
                let (before, after) = if *align == Align::Right { (padding, 0) } else { (0, padding) };
                if cell.is_empty() {
                    owed += width + 2;
                    continue;
                }
                line.push_str(&" ".repeat(owed + before));
                line.push_str(&format!("{style}{cell}{style:#}"));
                owed = after + 2;
            }
            text.push_str(&line);
            text.push('\n');
            for line in &row.below {
                let style = Style::new().dimmed();
                text.push_str(&format!("{}{style}{line}{style:#}\n", " ".repeat(indent + last)));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_harmless() {
        let mut table = Table::new(&[
            ("num", Align::Right),
            ("packets", Align::Right),
            ("owner", Align::Left),
            ("rule", Align::Left),
        ]);
        table.row(["9", "", "", "-j ACCEPT"].map(String::from));
        table.row(["10", "1234567890", "", "-m comment --comment \"x\u{1b}[2Jy\" -j DROP"].map(String::from));
        let text = anstream::adapter::strip_str(&table.lines(1)).to_string();
        insta::assert_snapshot!(text, @r#"
         NUM     PACKETS  RULE
           9              -j ACCEPT
          10  1234567890  -m comment --comment "x�[2Jy" -j DROP
        "#);
    }
}
