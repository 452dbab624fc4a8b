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

//! Rules for keys that occur more than once, in a section or in several files.

use serde_json::{Map, Value};

use crate::stack::warn::Notes;

/// Which of two definitions of a key is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stack) enum Rule {
    /// The first.
    First,
    /// The last.
    Last,
    /// Both, for lists.
    Both,
    /// Both, with later entries first, so that they are found first.
    LastInFront,
    /// `true` if any of them is.
    True,
    /// Each key of the section has its own rule.
    Each,
}

impl Rule {
    /// Warns about a repetition in one section.
    pub(super) fn warn(self, notes: &mut Notes<'_>) {
        let counts = match self {
            Self::First => "first",
            Self::Last => "last",
            Self::True => "one that is true",
            Self::Both | Self::LastInFront | Self::Each => return,
        };
        let what = format!("occurs more than once, and vsomeip uses the {counts}");
        notes.warn(what, "remove the others");
    }
}

/// The keys without a field whose lists vsomeip joins across files. Of the others, it uses the first.
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
