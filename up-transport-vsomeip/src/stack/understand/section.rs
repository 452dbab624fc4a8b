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

//! The trait of all sections: keys with a field, and other keys.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::repeated::Rule;
use crate::stack::read::Tree;
use crate::stack::warn::{spelling, Notes};

/// A section of the configuration.
pub(in crate::stack) trait Section: Clone + Default + Settle {
    /// The name of its type.
    const NAME: &'static str;
    /// The keys with a field.
    const KEYS: &'static [&'static str];
    /// Whether vsomeip looks up the keys one by one, so that of a repeated key, the first is used.
    const IS_LOOKED_UP: bool;

    /// The rule for a repeated key; `None` if the key has no field.
    fn rule_of(key: &str) -> Option<Rule>;
    /// Reads a key with a field.
    fn read_field(&mut self, key: &str, value: &Tree, notes: &mut Notes<'_>);
    /// The keys without a field.
    fn other(&self) -> &Map<String, Value>;
    fn other_mut(&mut self) -> &mut Map<String, Value>;
    /// The fields that are set.
    fn write_fields(&self) -> Vec<(String, Tree)>;
    /// Merges the section of a later file.
    fn join(&mut self, later: Self);

    fn read(tree: &Tree, notes: &mut Notes<'_>) -> Self {
        let mut section = Self::default();
        section.absorb(tree, notes);
        section
    }

    /// Reads the keys in order.
    fn absorb(&mut self, tree: &Tree, notes: &mut Notes<'_>) {
        if !tree.is_object() {
            notes.warn("is not an object, so vsomeip ignores it", "write one, or remove it");
        }
        let mut known = BTreeSet::new();
        for (key, value) in tree.entries() {
            let is_again = !known.insert(key);
            notes.under(key, |notes| self.read_key(key, value, is_again, notes));
        }
        self.settle(tree, notes);
    }

    fn read_key(&mut self, key: &str, value: &Tree, is_again: bool, notes: &mut Notes<'_>) {
        notes.check_version(Self::NAME, key);
        let Some(rule) = Self::rule_of(key) else {
            spelling::check_key(Self::NAME, Self::KEYS, key, value, notes);
            self.other_mut().entry(key.to_owned()).or_insert_with(|| value.into());
            return;
        };
        let rule = if Self::IS_LOOKED_UP { Rule::First } else { rule };
        if is_again {
            rule.warn(notes);
        }
        match rule {
            Rule::First if is_again => {}
            Rule::True if is_again => self.read_beside(key, value, notes),
            _ => self.read_field(key, value, notes),
        }
    }

    /// Reads a repeated key as if it were in another file.
    fn read_beside(&mut self, key: &str, value: &Tree, notes: &mut Notes<'_>) {
        let mut beside = Self::default();
        beside.read_field(key, value, notes);
        self.join(beside);
    }

    fn write(&self) -> Tree {
        let mut keys = self.write_fields();
        keys.extend(self.other().iter().map(|(key, value)| (key.clone(), value.into())));
        Tree::Object(keys)
    }
}

/// Applies the rules for several keys after all keys of a section have been read.
pub(in crate::stack) trait Settle {
    fn settle(&mut self, _tree: &Tree, _notes: &mut Notes<'_>) {}
}
