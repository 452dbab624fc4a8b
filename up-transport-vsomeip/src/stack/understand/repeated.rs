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

//! What becomes of a key that is there more than once: in a section, or in several files.

use serde_json::{Map, Value};

use crate::stack::warn::Notes;

/// Which of two definitions of a key counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stack) enum Rule {
    /// The first.
    First,
    /// The last.
    Last,
    /// Both: these are lists.
    Both,
    /// Both, where of two equal entries the last counts.
    LastInFront,
    /// `true`, if one of them says so.
    True,
    /// For each key of the section, as its own rule says.
    Each,
}

impl Rule {
    /// Warns of a repetition in one section.
    pub(super) fn tell(self, notes: &mut Notes<'_>) {
        let counts = match self {
            Self::First => "first",
            Self::Last => "last",
            Self::True => "one that is true",
            Self::Both | Self::LastInFront | Self::Each => return,
        };
        let what = format!("is there more than once, and the {counts} counts for vsomeip");
        notes.warn(what, "remove the others");
    }
}

/// Of keys without a field, vsomeip adds these up over its files; of the others, the first counts.
const LISTS: [&str; 6] = [
    "debounce",
    "filters",
    "partitions",
    "secure-services",
    "security-update-whitelist",
    "suppress_missing_event_logs",
];

pub(in crate::stack) fn join_other(known: &mut Map<String, Value>, later: Map<String, Value>) {
    for (key, value) in later {
        let is_list = LISTS.contains(&key.as_str());
        match (known.get_mut(&key), value) {
            (None, value) => drop(known.insert(key, value)),
            (Some(Value::Array(known)), Value::Array(more)) if is_list => known.extend(more),
            _ => {}
        }
    }
}
