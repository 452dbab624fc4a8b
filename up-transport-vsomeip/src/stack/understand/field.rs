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

//! Reads and writes the fields of sections.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use super::repeated::Rule;
use super::section::Section;
use super::text::{Form, Read};
use crate::stack::read::Tree;
use crate::stack::warn::Notes;

/// A field with a form `F`: a value, an optional value, a list, or a map.
pub(in crate::stack) trait Field<F> {
    /// The rule for repeated definitions, where `default` applies to single values.
    fn rule(default: Rule) -> Rule {
        default
    }
    /// Reads a definition, possibly after another one.
    fn read(&mut self, tree: &Tree, notes: &mut Notes<'_>);
    /// `None` if there is nothing to write.
    fn write(&self) -> Option<Tree>;
    /// Merges the value of a later file.
    fn join(&mut self, later: Self, rule: Rule);
}

/// A value with the text form `F`.
pub(in crate::stack) struct As<F>(PhantomData<F>);
/// A section, or a list of them.
pub(in crate::stack) struct Sub;
/// A value with a short form and a section as its long form.
pub(in crate::stack) struct Brief;

/// The value of a scalar. Warns if vsomeip misreads it.
pub(in crate::stack) fn scalar<F: Form<T>, T>(tree: &Tree, notes: &mut Notes<'_>) -> Option<T> {
    let text = tree.text();
    match F::read(&text) {
        Read::Meant(value) if tree.is_scalar() => value,
        other => {
            let value = other.value();
            let shown = if tree.is_scalar() { format!("{text:?}") } else { "it".to_owned() };
            let what = match &value {
                Some(value) => format!("vsomeip reads {shown} as {:?}", F::print(value)),
                None => format!("vsomeip cannot read {shown}"),
            };
            notes.warn(what, format!("write {}", F::expected()));
            value
        }
    }
}

/// Reads the elements of a list, or of an object in place of one.
pub(in crate::stack) fn elements(
    tree: &Tree,
    notes: &mut Notes<'_>,
    mut read: impl FnMut(&Tree, &mut Notes<'_>),
) {
    if tree.is_scalar() {
        notes.warn("is not a list, so vsomeip ignores it", "write it in brackets");
    }
    for (index, (key, value)) in tree.entries().into_iter().enumerate() {
        notes.element(index, key, |notes| read(value, notes));
    }
}

/// Whether a definition overrides an earlier one.
fn prevails<F: Form<T>, T>(value: Option<&T>, rule: Rule) -> bool {
    match rule {
        Rule::True => value.is_some_and(F::prevails),
        Rule::Last => value.is_some(),
        _ => false,
    }
}

fn join_option<T>(field: &mut Option<T>, later: Option<T>, rule: Rule) {
    if field.is_none() || (rule == Rule::Last && later.is_some()) {
        *field = later;
    }
}

fn join_list<T>(field: &mut Vec<T>, later: Vec<T>, rule: Rule) {
    match rule {
        Rule::LastInFront => drop(field.splice(0..0, later)),
        Rule::First if !field.is_empty() => {}
        Rule::Last if !later.is_empty() => *field = later,
        _ => field.extend(later),
    }
}

fn rule_of_list(default: Rule) -> Rule {
    match default {
        Rule::First | Rule::Last => Rule::Both,
        other => other,
    }
}

fn written(values: impl IntoIterator<Item = Tree>) -> Option<Tree> {
    let values: Vec<Tree> = values.into_iter().collect();
    (!values.is_empty()).then_some(Tree::List(values))
}

impl<F: Form<T>, T> Field<As<F>> for Option<T> {
    fn read(&mut self, tree: &Tree, notes: &mut Notes<'_>) {
        *self = scalar::<F, T>(tree, notes);
    }
    fn write(&self) -> Option<Tree> {
        self.as_ref().map(|value| F::print(value).into())
    }
    fn join(&mut self, later: Self, rule: Rule) {
        if self.is_none() || prevails::<F, T>(later.as_ref(), rule) {
            *self = later;
        }
    }
}

impl<F: Form<T>, T> Field<As<F>> for Vec<T> {
    fn rule(default: Rule) -> Rule {
        rule_of_list(default)
    }
    fn read(&mut self, tree: &Tree, notes: &mut Notes<'_>) {
        elements(tree, notes, |tree, notes| self.extend(scalar::<F, T>(tree, notes)));
    }
    fn write(&self) -> Option<Tree> {
        written(self.iter().map(|value| F::print(value).into()))
    }
    fn join(&mut self, later: Self, rule: Rule) {
        join_list(self, later, rule);
    }
}

impl<F: Form<u16>> Field<As<F>> for u16 {
    fn read(&mut self, tree: &Tree, notes: &mut Notes<'_>) {
        *self = scalar::<F, u16>(tree, notes).unwrap_or_default();
    }
    fn write(&self) -> Option<Tree> {
        Some(F::print(self).into())
    }
    fn join(&mut self, _later: Self, _rule: Rule) {}
}

impl<F: Form<String>> Field<As<F>> for String {
    fn read(&mut self, tree: &Tree, notes: &mut Notes<'_>) {
        *self = scalar::<F, String>(tree, notes).unwrap_or_default();
    }
    fn write(&self) -> Option<Tree> {
        Some(F::print(self).into())
    }
    fn join(&mut self, _later: Self, _rule: Rule) {}
}

impl<S: Section> Field<Sub> for Option<S> {
    fn read(&mut self, tree: &Tree, notes: &mut Notes<'_>) {
        self.get_or_insert_default().absorb(tree, notes);
    }
    fn write(&self) -> Option<Tree> {
        self.as_ref().map(Section::write)
    }
    fn join(&mut self, later: Self, rule: Rule) {
        match (self, later, rule) {
            (Some(section), Some(later), Rule::Each) => section.join(later),
            (section, later, rule) => join_option(section, later, rule),
        }
    }
}

impl<S: Section> Field<Sub> for Vec<S> {
    fn rule(default: Rule) -> Rule {
        rule_of_list(default)
    }
    fn read(&mut self, tree: &Tree, notes: &mut Notes<'_>) {
        elements(tree, notes, |tree, notes| self.push(S::read(tree, notes)));
    }
    fn write(&self) -> Option<Tree> {
        written(self.iter().map(Section::write))
    }
    fn join(&mut self, later: Self, rule: Rule) {
        join_list(self, later, rule);
    }
}

impl<F: Form<u16>, S: Section> Field<As<F>> for BTreeMap<u16, S> {
    fn rule(default: Rule) -> Rule {
        rule_of_list(default)
    }
    fn read(&mut self, tree: &Tree, notes: &mut Notes<'_>) {
        for (key, value) in tree.entries() {
            notes.under(key, |notes| {
                let id = scalar::<F, u16>(&Tree::from(key.to_owned()), notes);
                let section = S::read(value, notes);
                self.extend(id.map(|id| (id, section)));
            });
        }
    }
    fn write(&self) -> Option<Tree> {
        let keys = self.iter().map(|(id, section)| (F::print(id), section.write()));
        (!self.is_empty()).then(|| Tree::Object(keys.collect()))
    }
    fn join(&mut self, later: Self, _rule: Rule) {
        self.extend(later);
    }
}

/// A value with a short form and a section as its long form.
pub(in crate::stack) trait ShortOrLong: Sized {
    type Long: Section;

    fn from_short(tree: &Tree, notes: &mut Notes<'_>) -> Option<Self>;
    fn from_long(long: Self::Long) -> Self;
    fn written(&self) -> Tree;

    fn read(tree: &Tree, notes: &mut Notes<'_>) -> Option<Self> {
        if tree.is_object() {
            return Some(Self::from_long(Self::Long::read(tree, notes)));
        }
        Self::from_short(tree, notes)
    }
}

impl<T: ShortOrLong> Field<Brief> for Option<T> {
    fn read(&mut self, tree: &Tree, notes: &mut Notes<'_>) {
        *self = T::read(tree, notes);
    }
    fn write(&self) -> Option<Tree> {
        self.as_ref().map(T::written)
    }
    fn join(&mut self, later: Self, rule: Rule) {
        join_option(self, later, rule);
    }
}

impl<T: ShortOrLong> Field<Brief> for Vec<T> {
    fn rule(default: Rule) -> Rule {
        rule_of_list(default)
    }
    fn read(&mut self, tree: &Tree, notes: &mut Notes<'_>) {
        elements(tree, notes, |tree, notes| self.extend(T::read(tree, notes)));
    }
    fn write(&self) -> Option<Tree> {
        written(self.iter().map(T::written))
    }
    fn join(&mut self, later: Self, rule: Rule) {
        join_list(self, later, rule);
    }
}
