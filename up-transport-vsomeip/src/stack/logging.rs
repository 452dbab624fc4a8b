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

//! `logging`, `tracing` and `watchdog`: what vsomeip tells about itself.

use std::fmt;

use super::understand::declaring::sections;
use super::understand::text::{Decimal, Form, Read, Text, Word};

/// What is logged at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Everything.
    Trace,
    /// What helps to find errors.
    Debug,
    /// What happens.
    Info,
    /// What may be wrong.
    Warning,
    /// What is wrong.
    Error,
    /// What ends the process.
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
    /// What vsomeip logs, and where to.
    pub struct Logging: First {
        /// What is logged at least; info by default.
        "level" as Word => level: Option<LogLevel>,
        /// Whether to the standard output; true by default.
        "console" as Word => console: Option<bool>,
        /// Whether to a file.
        "file" => file: Option<LogFile>,
        /// Whether to DLT; false by default. The bundled vsomeip is built without.
        "dlt" as Word => dlt: Option<bool>,
        /// Whether the version is logged again and again.
        "version" [Each] => version: Option<LogVersion>,
        /// Every how many seconds the routing manager logs how much memory it uses; 0, which means
        /// never, by default.
        "memory_log_interval" as Decimal [Last] => memory_log_interval: Option<u32>,
        /// Every how many seconds the routing manager logs its state; 0, which means never, by
        /// default.
        "status_log_interval" as Decimal [Last] => status_log_interval: Option<u32>,
        /// Statistics of received events, by the routing manager.
        "statistics" [Each] => statistics: Option<LogStatistics>,
    }

    /// The log file.
    pub struct LogFile: Last {
        /// Whether there is one; false by default.
        "enable" as Word => enable: Option<bool>,
        /// Its path; `/tmp/vsomeip.log` by default.
        "path" as Text => path: Option<String>,
    }

    /// The version in the log.
    pub struct LogVersion: Last {
        /// Whether it is logged again and again; true by default.
        "enable" as Word => enable: Option<bool>,
        /// Every how many seconds; 10 by default.
        "interval" as Decimal => interval: Option<u32>,
    }

    /// Statistics of received events in the log.
    pub struct LogStatistics: Last {
        /// Every how many milliseconds: at least 1000; 10,000 by default.
        "interval" as Decimal => interval: Option<u32>,
        /// An event is logged if it comes more often than so many times a second; 50 by default.
        "min-frequency" as Decimal => min_frequency: Option<u32>,
        /// How many events are counted at most; 50 by default.
        "max-messages" as Decimal => max_messages: Option<u32>,
    }

    /// Messages for DLT.
    pub struct Tracing: First {
        /// Whether SOME/IP messages are traced; false by default.
        "enable" as Word => enable: Option<bool>,
        /// Whether those of the service discovery are; false by default.
        "sd_enable" as Word => sd_enable: Option<bool>,
        /// DLT's channels.
        "channels" => channels: Vec<TraceChannel>,
    }

    /// A channel of DLT.
    pub struct TraceChannel: Last {
        /// Its name.
        "name" as Text => name: Option<String>,
        /// Its id.
        "id" as Text => id: Option<String>,
    }

    /// Whether the routing manager checks that applications are alive.
    pub struct Watchdog: First {
        /// Whether it does; false by default.
        "enable" as Word => enable: Option<bool>,
        /// How many milliseconds an application has to answer: at least 2; 5000 by default.
        "timeout" as Decimal => timeout: Option<u32>,
        /// After how many missing answers it is deregistered: at least 1; 3 by default.
        "allowed_missing_pongs" as Decimal => allowed_missing_pongs: Option<u32>,
    }
}
