/********************************************************************************
 * Copyright (c) 2026 Contributors to the Eclipse Foundation
 *
 * See the NOTICE file(s) distributed with this work for additional
 * information regarding copyright ownership.
 *
 * This program and the accompanying materials are made available under the
 * terms of the Apache License Version 2.0 which is available at
 * https://www.apache.org/licenses/LICENSE-2.0
 *
 * SPDX-License-Identifier: Apache-2.0
 ********************************************************************************/

//! The results as Markdown.

use std::fmt::Write;

use crate::runner::summary::{Ratio, Row};
use crate::runner::Side;

pub(crate) fn markdown(rows: &[Row], sides: &[Side]) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut text = format!(
        "# Results\n\nvsomeip {}, {cores} cores. Each ratio is the geometric mean of \
         the middle half of the ratios of all turns; the range is that half. No message was lost or \
         reordered.\n",
        env!("VSOMEIP_VERSION")
    );
    let names = sides.iter().skip(1).map(|side| side.name.as_str()).collect::<Vec<_>>();
    let mut section = "";
    for row in rows {
        if row.section != section {
            section = &row.section;
            let columns = if section.contains("registrations") {
                "with one | with many".to_owned()
            } else {
                format!("C++ | {}", names.join(" or "))
            };
            let _ = write!(
                text,
                "\n## {section}\n\n| | {columns} | ratio | range | target |\n\
                 |---|---:|---:|---:|---:|---:|\n"
            );
        }
        text += &line(row, names.len() > 1);
    }
    text
}

fn line(row: &Row, names_side: bool) -> String {
    let name = match names_side && !row.name.ends_with(&row.side) {
        true => format!("{}, {}", row.name, row.side),
        false => row.name.clone(),
    };
    let (ratio, range) = row.ratio.map_or_else(
        || ("".to_owned(), "".to_owned()),
        |Ratio { middle, lower, upper }| (format!("{middle:.2}"), format!("{lower:.2}–{upper:.2}")),
    );
    let target = match (row.target, row.is_missed()) {
        (Some(target), true) => format!("{target} **missed**"),
        (Some(target), false) => target.to_string(),
        (None, _) => String::new(),
    };
    let (base, value) = (number(row.base), number(row.value));
    format!("| {name} | {base} | {value} | {ratio} | {range} | {target} |\n")
}

/// Three digits or more, without a fraction that says nothing.
fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::read_to_string;
    use std::path::Path;

    use super::*;

    #[test]
    fn readme_shows_latest_results() {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let results = read_to_string(package.join("results/table.md")).unwrap();
        let readme = read_to_string(package.join("../README.md")).unwrap();
        let with_target = results.lines().filter(|line| line.contains(['≤', '≥']));
        let mut shown = 0;
        // But for those that compare Rust with itself.
        for row in with_target.filter(|line| !line.contains(", Rust |")) {
            assert!(readme.contains(row), "copy this row of results/table.md to README.md: {row}");
            shown += 1;
        }
        assert_eq!(shown, 12);
    }

    #[test]
    fn numbers_show_significant_digits() {
        assert_eq!(number(123_456.7), "123457");
        assert_eq!(number(12.345), "12.3");
        assert_eq!(number(1.2345), "1.23");
    }
}
