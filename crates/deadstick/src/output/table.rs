//! Aligned tables.

use comfy_table::{ContentArrangement, Table};

use super::printable;

/// A table with a heading; cells are made harmless, columns fit the terminal where there is one.
pub fn table<const N: usize>(heading: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(heading.map(str::to_uppercase));
    if let Some(width) = super::width() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX).max(60));
    }
    for row in rows {
        table.add_row(row.map(|cell| printable(&cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let text =
            table(["name", "kind"], [["ops".into(), "json".into()], ["alerts".into(), "x\u{1b}y".into()]]);
        insta::assert_snapshot!(text, @"
        NAME    KIND
        ops     json
        alerts  x�y
        ");
    }
}
