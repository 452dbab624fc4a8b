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

//! Draws the ratios as SVG: a dot for each, a line for its range, a bar for its target.

use std::fmt::Write;

use crate::runner::summary::{Row, Target};

const WIDTH: f64 = 860.0;
/// Where the scale begins and ends.
const LEFT: f64 = 400.0;
const RIGHT: f64 = 780.0;
const TOP: f64 = 62.0;
const ROW_HEIGHT: f64 = 20.0;
/// The ratios at the ends of the scale, which is logarithmic.
const LEAST: f64 = 0.25;
const MOST: f64 = 4.0;
const GRID: [f64; 7] = [0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0];

const MET: &str = "#1b7f4d";
const MISSED: &str = "#c0392b";
const PLAIN: &str = "#4a6785";

/// Of the sections that are about speed; the others are in the table.
pub(crate) fn svg(rows: &[Row]) -> String {
    let rows: Vec<_> = rows.iter().filter(|row| is_shown(row)).collect();
    let mut body = String::new();
    let mut y = TOP;
    let mut section = "";
    for row in &rows {
        if row.section != section {
            section = &row.section;
            y += ROW_HEIGHT * 0.6;
            body += &text(12.0, y, "bold", section);
            y += ROW_HEIGHT;
        }
        body += &line(row, y);
        y += ROW_HEIGHT;
    }
    let bottom = y;
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {:.0}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        bottom + 16.0
    );
    picture += &text(12.0, 22.0, "bold", "The transport as a multiple of plain C++");
    picture += &legend();
    for value in GRID {
        let (x, color) = (x_of(value), if value == 1.0 { "#555" } else { "#ddd" });
        let _ = writeln!(
            picture,
            "<line x1=\"{x:.1}\" y1=\"{:.1}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\" stroke=\"{color}\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#555\">{value}</text>",
            TOP - 6.0,
            TOP - 10.0,
        );
    }
    picture + &body + "</svg>\n"
}

fn is_shown(row: &Row) -> bool {
    let is_about_speed = ["Time", "Messages", "Processor"];
    row.ratio.is_some() && is_about_speed.iter().any(|word| row.section.starts_with(word))
}

fn legend() -> String {
    format!(
        "<text x=\"{LEFT}\" y=\"22\"><tspan fill=\"{MET}\">● target met</tspan> \
         <tspan fill=\"{MISSED}\">● missed</tspan> <tspan fill=\"{PLAIN}\">● no target</tspan> \
         <tspan>— half of the turns</tspan> <tspan font-weight=\"bold\">▏target</tspan></text>\n"
    )
}

fn line(row: &Row, y: f64) -> String {
    let Some(ratio) = row.ratio else { return String::new() };
    let color = match (row.target, row.is_missed()) {
        (None, _) => PLAIN,
        (Some(_), true) => MISSED,
        (Some(_), false) => MET,
    };
    let middle = y - 4.0;
    let name = if row.side == "Rust" || row.name.ends_with(&row.side) {
        row.name.clone()
    } else {
        format!("{}, {}", row.name, row.side)
    };
    let mut line = text(24.0, y, "normal", &name);
    let _ = writeln!(
        line,
        "<line x1=\"{:.1}\" y1=\"{middle:.1}\" x2=\"{:.1}\" y2=\"{middle:.1}\" stroke=\"{color}\" \
         stroke-width=\"2\"/><circle cx=\"{:.1}\" cy=\"{middle:.1}\" r=\"4\" fill=\"{color}\"/>\
         <text x=\"{:.1}\" y=\"{y:.1}\" fill=\"{color}\">{:.2}</text>",
        x_of(ratio.lower),
        x_of(ratio.upper),
        x_of(ratio.middle),
        RIGHT + 20.0,
        ratio.middle,
    );
    if let Some(Target::AtMost(limit) | Target::AtLeast(limit)) = row.target {
        let x = x_of(limit);
        let _ = writeln!(
            line,
            "<line x1=\"{x:.1}\" y1=\"{:.1}\" x2=\"{x:.1}\" y2=\"{:.1}\" stroke=\"black\" \
             stroke-width=\"2\"/>",
            middle - 8.0,
            middle + 8.0,
        );
    }
    line
}

fn text(x: f64, y: f64, weight: &str, text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" font-weight=\"{weight}\">{text}</text>\n")
}

fn x_of(ratio: f64) -> f64 {
    let position = (ratio.clamp(LEAST, MOST) / LEAST).ln() / (MOST / LEAST).ln();
    LEFT + position * (RIGHT - LEFT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_is_symmetric() {
        assert!((x_of(1.0) - (LEFT + RIGHT) / 2.0).abs() < 1e-9);
        assert!((x_of(LEAST) - LEFT).abs() < 1e-9);
        assert!((x_of(100.0) - RIGHT).abs() < 1e-9);
    }
}
