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

//! Adapts the copy of vsomeip's sources to Boost 1.87 and 1.89, which removed functions that vsomeip
//! calls. The replacements exist since Boost 1.74 and are used with every Boost, so that there is one
//! variant to test.

use std::fmt;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;

use regex::Regex;

use crate::error::BuildError;

/// The first version of vsomeip that needs none of this.
const FIRST_NEWER: [u32; 2] = [3, 6];

/// The removed calls and their replacements.
const RULES: [Rule; 12] = [
    // Header-only since Boost 1.69; Boost 1.89 has no library for it.
    Rule::new(r"COMPONENTS system ", "COMPONENTS "),
    Rule::new(r"\bip::(address|address_v4)::from_string\(", "ip::make_$1("),
    Rule::new(r"\b(unicast_|netmask_)\.from_string\(", "boost::asio::ip::make_address("),
    Rule::new(r"\.to_ulong\(\)", ".to_uint()"),
    Rule::new(r"\bsocket_base::max_connections\b", "socket_base::max_listen_connections"),
    Rule::new(r"\bio_\.reset\(\)", "io_.restart()"),
    // Contexts and strands are executors, for which there are free functions only.
    Rule::new(r"((?:[\w:<>.]|->)*\b(?:io_|strand_))\.(post|dispatch)\(", "boost::asio::$2($1, "),
    Rule::new(r"((?:[\w:<>.]|->)*\bstrand_)\.wrap\(", "boost::asio::bind_executor($1, "),
    // Addresses and timers no longer report errors.
    Rule::new(r"\.to_string\(ec\)", ".to_string()"),
    Rule::new(r"\b(\w+)\.expires_from_now\(\)", "($1.expiry() - std::chrono::steady_clock::now())"),
    Rule::new(r"(\.|->)expires_from_now\(([^;]+?)(?:, ec)?\);", "${1}expires_after($2);"),
    Rule::new(r"(timer(?:_|->second)?(?:\.|->)cancel)\(ec\)", "$1()"),
];

/// The headers of the inserted functions.
const HEADERS: [&str; 3] = ["bind_executor", "dispatch", "post"];

#[derive(Hash)]
struct Rule {
    pattern: &'static str,
    replacement: &'static str,
}

impl Rule {
    const fn new(pattern: &'static str, replacement: &'static str) -> Self {
        Self { pattern, replacement }
    }
}

/// Adapts the sources of a version of vsomeip, and counts what it adapts.
pub(crate) struct Adapter {
    rules: Vec<(Regex, &'static str)>,
    places: usize,
    files: usize,
}

impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "adapted {} places in {} files to Boost 1.87 and newer", self.places, self.files)
    }
}

/// Hashes the rules.
pub(crate) fn hash(hasher: &mut impl Hasher) {
    RULES.hash(hasher);
}

/// Whether a version calls functions that newer versions of Boost do not have.
pub(crate) fn is_needed(version: &str) -> bool {
    let numbers: Vec<u32> = version.split('.').map_while(|number| number.parse().ok()).collect();
    numbers[..] < FIRST_NEWER[..]
}

impl Adapter {
    pub(crate) fn new() -> Result<Self, BuildError> {
        let rules = RULES.iter().map(|rule| Ok((Regex::new(rule.pattern)?, rule.replacement)));
        let rules = rules
            .collect::<Result<_, regex::Error>>()
            .map_err(|error| BuildError::NotAdapted { detail: error.to_string() })?;
        Ok(Self { rules, places: 0, files: 0 })
    }

    /// Adapts a copy of vsomeip's sources.
    pub(crate) fn sources(&mut self, folder: &Path) -> Result<(), BuildError> {
        self.file(&folder.join("CMakeLists.txt"))?;
        self.folder(&folder.join("implementation"))
    }

    fn folder(&mut self, folder: &Path) -> Result<(), BuildError> {
        for entry in fs::read_dir(folder).map_err(BuildError::file("read", folder))? {
            let path = entry.map_err(BuildError::file("read", folder))?.path();
            if path.is_dir() {
                self.folder(&path)?;
            } else if path.extension().is_some_and(|it| it == "cpp" || it == "hpp") {
                self.file(&path)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), BuildError> {
        let text = fs::read_to_string(path).map_err(BuildError::file("read", path))?;
        let Some(adapted) = self.text(&text) else { return Ok(()) };
        self.files += 1;
        fs::write(path, adapted).map_err(BuildError::file("write", path))
    }

    /// Returns the adapted text, or `None` if nothing has to change.
    pub(crate) fn text(&mut self, text: &str) -> Option<String> {
        let mut adapted = text.to_owned();
        for (pattern, replacement) in &self.rules {
            self.places += pattern.find_iter(&adapted).count();
            adapted = pattern.replace_all(&adapted, *replacement).into_owned();
        }
        (adapted != text).then(|| headers_of(&adapted) + &adapted)
    }
}

fn headers_of(text: &str) -> String {
    let is_called = |name: &&&str| text.contains(&format!("boost::asio::{name}("));
    let lines = HEADERS.iter().filter(is_called);
    lines.map(|name| format!("#include <boost/asio/{name}.hpp>\n")).collect()
}
