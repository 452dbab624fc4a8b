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

//! Finds unknown keys that resemble a known one.

use super::keys::{self, Keys};
use super::Notes;
use crate::stack::read::Tree;

/// The maximum edit distance of a misspelling.
const TOLERANCE: usize = 2;

/// A key of a section that has no field for it.
pub(in crate::stack) fn check_key(
    section: &str,
    fields: &[&str],
    key: &str,
    value: &Tree,
    notes: &mut Notes<'_>,
) {
    let known = keys::without_field(section);
    match known.iter().find(|(name, _)| *name == key) {
        Some((_, keys)) => check_value(keys, value, notes),
        None => {
            let names = fields.iter().chain(known.iter().map(|(name, _)| name)).copied();
            check_name(key, names, notes);
        }
    }
}

/// What is under a key that the transport does not read itself.
fn check_value(keys: &Keys, value: &Tree, notes: &mut Notes<'_>) {
    let Keys::These(known) = keys else { return };
    if !value.is_object() {
        for (index, (key, value)) in value.entries().into_iter().enumerate() {
            notes.element(index, key, |notes| check_value(keys, value, notes));
        }
        return;
    }
    for (key, value) in value.entries() {
        notes.under(key, |notes| match known.iter().find(|(name, _)| *name == key) {
            Some((_, keys)) => check_value(keys, value, notes),
            None => check_name(key, known.iter().map(|(name, _)| *name), notes),
        });
    }
}

fn check_name<'a>(key: &str, known: impl Iterator<Item = &'a str>, notes: &mut Notes<'_>) {
    if let Some(meant) = nearest(key, known) {
        notes.warn("unknown key", format!("write `{meant}`"));
    }
}

/// The word that `misspelt` may be meant for.
pub(crate) fn nearest<'a>(misspelt: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let misspelt = misspelt.to_lowercase().replace('_', "-");
    let distance =
        |word: &str| strsim::osa_distance(&misspelt, &word.to_lowercase().replace('_', "-"));
    // A short word is near to many others.
    let tolerance = (misspelt.chars().count() / 3).clamp(1, TOLERANCE);
    words
        .map(|word| (distance(word), word))
        .filter(|(off, _)| *off <= tolerance)
        .min()
        .map(|(_, word)| word)
}
