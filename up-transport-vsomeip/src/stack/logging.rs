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

//! `logging`, `tracing` and `watchdog`.

use std::fmt;

use super::understand::declaring::sections;
use super::understand::text::{Decimal, Form, Read, Text, Word};

/// A level of vsomeip's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// All messages.
    Trace,
    /// Debugging.
    Debug,
    /// Normal operation.
    Info,
    /// Possible errors.
    Warning,
    /// Errors.
    Error,
    /// Errors that end the process.
    Fatal,
}

impl LogLevel {
    const ALL: [Self; 6] =
        [Self::Trace, Self::Debug, Self::Info, Self::Warning, Self::Error, Self::Fatal];
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Fatal => "fatal",
        })
    }
}

impl Form<LogLevel> for Word {
    fn expected() -> String {
        "one of trace, debug, info, warning, error, fatal".to_owned()
    }
    fn read(text: &str) -> Read<LogLevel> {
        let level = LogLevel::ALL.into_iter().find(|level| level.to_string() == text);
        level.map_or(Read::Misread(Some(LogLevel::Info)), |level| Read::Meant(Some(level)))
    }
    fn print(value: &LogLevel) -> String {
        value.to_string()
    }
}

sections! {
    /// vsomeip's log. See [`VsomeipLog`](crate::VsomeipLog) for its destination.
    pub struct Logging: First {
        /// The lowest level that is logged; info by default.
        "level" as Word => level: Option<LogLevel>,
        /// Whether to log to the standard output; true by default.
        "console" as Word => console: Option<bool>,
        /// The log file.
        "file" => file: Option<LogFile>,
        /// Whether to log to DLT; false by default. The bundled vsomeip is built without DLT.
        "dlt" as Word => dlt: Option<bool>,
        /// Whether the version is logged periodically.
        "version" [Each] => version: Option<LogVersion>,
        /// The period in seconds at which the routing manager logs its memory usage; 0, for never, by
        /// default.
        "memory_log_interval" as Decimal [Last] => memory_log_interval: Option<u32>,
        /// The period in seconds at which the routing manager logs its state; 0, for never, by
        /// default.
        "status_log_interval" as Decimal [Last] => status_log_interval: Option<u32>,
        /// Statistics of received events, logged by the routing manager.
        "statistics" [Each] => statistics: Option<LogStatistics>,
    }

    /// The log file.
    pub struct LogFile: Last {
        /// Whether to log to a file; false by default.
        "enable" as Word => enable: Option<bool>,
        /// The path; `/tmp/vsomeip.log` by default.
        "path" as Text => path: Option<String>,
    }

    /// The version in the log.
    pub struct LogVersion: Last {
        /// Whether it is logged periodically; true by default.
        "enable" as Word => enable: Option<bool>,
        /// The period in seconds; 10 by default.
        "interval" as Decimal => interval: Option<u32>,
    }

    /// Statistics of received events in the log.
    pub struct LogStatistics: Last {
        /// The period in milliseconds: at least 1000; 10,000 by default.
        "interval" as Decimal => interval: Option<u32>,
        /// The lowest frequency of a logged event, in events per second; 50 by default.
        "min-frequency" as Decimal => min_frequency: Option<u32>,
        /// The maximum number of counted events; 50 by default.
        "max-messages" as Decimal => max_messages: Option<u32>,
    }

    /// Tracing of messages to DLT.
    pub struct Tracing: First {
        /// Whether SOME/IP messages are traced; false by default.
        "enable" as Word => enable: Option<bool>,
        /// Whether SD messages are traced; false by default.
        "sd_enable" as Word => sd_enable: Option<bool>,
        /// DLT's channels.
        "channels" => channels: Vec<TraceChannel>,
    }

    /// A channel of DLT.
    pub struct TraceChannel: Last {
        /// The name.
        "name" as Text => name: Option<String>,
        /// The id.
        "id" as Text => id: Option<String>,
    }

    /// Whether the routing manager checks that applications are alive.
    pub struct Watchdog: First {
        /// Whether it does; false by default.
        "enable" as Word => enable: Option<bool>,
        /// The timeout for an answer, in milliseconds: at least 2; 5000 by default.
        "timeout" as Decimal => timeout: Option<u32>,
        /// The number of missing answers after which an application is deregistered: at least 1; 3 by
        /// default.
        "allowed_missing_pongs" as Decimal => allowed_missing_pongs: Option<u32>,
    }
}
