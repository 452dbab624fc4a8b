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

//! Parsing the lines of vsomeip's log.

use log::Level;

use super::TARGET;

/// A parsed line of vsomeip's log: `2026-11-21 10:11:12.123456 [info] text`, or
/// `… 10:11:12.123456 application [info] text` as newer versions write it if the variable
/// `VSOMEIP_APPLICATION_NAME` is set.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) level: Level,
    application: Option<String>,
    text: String,
}

impl Line {
    /// Returns `None` if the line is not vsomeip's. Replaces invalid UTF-8.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let line = String::from_utf8_lossy(line);
        let (date, rest) = line.split_once(' ')?;
        let (time, rest) = rest.split_once(' ')?;
        if !has_shape(date, "####-##-##") || !has_shape(time.get(..8)?, "##:##:##") {
            return None;
        }
        let (application, rest) = match rest.strip_prefix('[') {
            Some(rest) => ("", rest),
            None => rest.split_once(" [")?,
        };
        let (level, text) = rest.split_once(']')?;
        let application = Some(application).filter(|name| !name.is_empty()).map(str::to_owned);
        let text = text.strip_prefix(' ').unwrap_or(text).to_owned();
        Some(Self { level: level_of(level)?, application, text })
    }

    pub(super) fn log(&self) {
        let (level, text) = (self.level, &self.text);
        match self.application.as_deref() {
            Some(application) => log::log!(target: TARGET, level, application; "{text}"),
            None => log::log!(target: TARGET, level, "{text}"),
        }
    }
}

/// Whether a text has exactly this shape; `#` stands for a digit.
fn has_shape(text: &str, shape: &str) -> bool {
    let fits = |(is, wanted): (u8, u8)| match wanted {
        b'#' => is.is_ascii_digit(),
        _ => is == wanted,
    };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

fn level_of(name: &str) -> Option<Level> {
    Some(match name {
        "fatal" | "error" => Level::Error,
        "warning" => Level::Warn,
        "info" => Level::Info,
        "debug" => Level::Debug,
        "verbose" => Level::Trace,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(level: Level, application: Option<&str>, text: &str) -> Option<Line> {
        Some(Line { level, application: application.map(str::to_owned), text: text.to_owned() })
    }

    #[test]
    fn each_level_maps_to_log_level() {
        for (name, level) in [
            ("fatal", Level::Error),
            ("error", Level::Error),
            ("warning", Level::Warn),
            ("info", Level::Info),
            ("debug", Level::Debug),
            ("verbose", Level::Trace),
        ] {
            let written = format!("2026-11-21 10:11:12.123456 [{name}] a text");
            assert_eq!(Line::parse(written.as_bytes()), line(level, None, "a text"), "{name}");
        }
    }

    #[test]
    fn application_name_is_parsed() {
        let written = b"2026-11-21 10:11:12.123456 my app [info] a [strange] text";
        assert_eq!(Line::parse(written), line(Level::Info, Some("my app"), "a [strange] text"));
    }

    #[test]
    fn text_is_kept_verbatim() {
        for (written, text) in [
            (&b"2026-11-21 10:11:12.1 [info] "[..], ""),
            (b"2026-11-21 10:11:12.1 [info]", ""),
            (b"2026-11-21 10:11:12.1 [info]  two spaces ", " two spaces "),
            (b"2026-11-21 10:11:12 [info] \xff\x00", "\u{fffd}\0"),
        ] {
            assert_eq!(Line::parse(written), line(Level::Info, None, text));
        }
    }

    #[test]
    fn foreign_lines_are_ignored() {
        for written in [
            "",
            "2026-11-21",
            "2026-11-21 ",
            "2026-11-21 10:11:12.123456 ",
            "2026-11-21 10:11:12.123456 nothing",
            "2026-11-21 10:11:12.123456 [info",
            "2026-11-21 10:11:12.123456 [none] a text",
            "2026-11-21 10:11 [info] a text",
            "2026-11-21 at noon [info] a text",
            "2026-11-2 10:11:12.123456 [info] a text",
            "21.11.2026 10:11:12.123456 [info] a text",
            "[info] a text",
            "2026-11-21 10:11:1\u{fc} [info] a text",
        ] {
            assert_eq!(Line::parse(written.as_bytes()), None, "{written}");
        }
    }
}
