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

//! Inserts into JSON text without changing the order or repetition of keys, which matter to vsomeip.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::stack::read::{Tree, MARK};

/// The members of an object, as written.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    fn first(&self, key: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| *value)
    }

    fn last(&self, key: &str) -> Option<&'a RawValue> {
        self.0.iter().rfind(|(name, _)| name == key).map(|(_, value)| *value)
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<Cow<'de, str>, _>()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

/// The text of a file in which an application has one dispatcher thread, if it is listed there.
pub(super) fn with_one_dispatcher(text: &str, application: &str) -> Option<String> {
    let members: Members<'_> = read(without_mark(text))?;
    let listed = elements(members.first("applications")?)?;
    let own = listed.into_iter().find(|listed| is_named(listed, application))?;
    insert(text, own.get(), r#""max_dispatchers":"0""#)
}

/// The text of a file with an application that is not listed yet, which has one dispatcher thread.
pub(super) fn adding_application(text: &str, application: &str) -> Option<String> {
    let object = without_mark(text).trim_start();
    let members: Members<'_> = read(object)?;
    let name = serde_json::Value::from(application);
    let own = format!(r#"{{"name":{name},"max_dispatchers":"0"}}"#);
    match members.first("applications") {
        Some(list) if is_object(list) => insert(text, list.get(), &format!("{name}:{own}")),
        Some(list) => {
            elements(list)?;
            insert(text, list.get(), &own)
        }
        None => insert(text, object, &format!(r#""applications":[{own}]"#)),
    }
}

fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
    serde_json::from_str(json).ok()
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix(MARK).unwrap_or(text)
}

fn is_object(value: &RawValue) -> bool {
    value.get().starts_with('{')
}

/// The elements of a list, or of an object in place of one.
fn elements(list: &RawValue) -> Option<Vec<&RawValue>> {
    if is_object(list) {
        let members: Members<'_> = read(list.get())?;
        return Some(members.0.into_iter().map(|(_, value)| value).collect());
    }
    read(list.get())
}

/// vsomeip uses the last of several names of an application.
fn is_named(listed: &RawValue, application: &str) -> bool {
    let name = read::<Members<'_>>(listed.get()).and_then(|members| members.last("name"));
    let name = name.and_then(|name| Tree::of_json(name.get().as_bytes()).ok());
    name.is_some_and(|name| name.text() == application)
}

/// Inserts the first member of an object, or entry of a list, where `part` is that part of `text`.
fn insert(text: &str, part: &str, first: &str) -> Option<String> {
    let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let (before, after) = text.split_at_checked(start.checked_add(1)?)?;
    let is_empty = after.trim_start().starts_with(['}', ']']);
    let comma = if is_empty { "" } else { "," };
    Some(format!("{before}{first}{comma}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_one_dispatcher(text: &str, expected: &str) {
        assert_eq!(with_one_dispatcher(text, "own").as_deref(), Some(expected));
    }

    #[test]
    fn one_text_is_inserted() {
        assert_one_dispatcher(
            "\u{feff} { \"b\": 1, \"a\": 2, \"applications\" : [ {\"name\":\"other\"},\n { \"id\" : 1, \"name\": \"own\" } ], \"b\": 3 }\n",
            "\u{feff} { \"b\": 1, \"a\": 2, \"applications\" : [ {\"name\":\"other\"},\n {\"max_dispatchers\":\"0\", \"id\" : 1, \"name\": \"own\" } ], \"b\": 3 }\n",
        );
    }

    #[test]
    fn first_definition_is_changed() {
        assert_one_dispatcher(
            r#"{"applications":[{"name":"own"},{"name":"own"}],"applications":[]}"#,
            r#"{"applications":[{"max_dispatchers":"0","name":"own"},{"name":"own"}],"applications":[]}"#,
        );
    }

    #[test]
    fn name_is_read_as_vsomeip_does() {
        assert_one_dispatcher(
            r#"{"applications":{"a":{"name":"own","name":"other"},"b":{"name":1,"name":"own"}}}"#,
            r#"{"applications":{"a":{"name":"own","name":"other"},"b":{"max_dispatchers":"0","name":1,"name":"own"}}}"#,
        );
        let number = with_one_dispatcher(r#"{"applications":[{"name":1}]}"#, "1");
        assert_eq!(
            number.as_deref(),
            Some(r#"{"applications":[{"max_dispatchers":"0","name":1}]}"#)
        );
    }

    #[test]
    fn escaped_name_is_found() {
        assert_one_dispatcher(
            r#"{"applications":[{"name":"\u006fwn"}]}"#,
            r#"{"applications":[{"max_dispatchers":"0","name":"\u006fwn"}]}"#,
        );
    }

    #[test]
    fn file_without_application_has_no_place() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"applications":1}"#,
            r#"{"applications":{}}"#,
            r#"{"applications":[1,{"name":"other"},{"name":1},{}]}"#,
        ] {
            assert_eq!(with_one_dispatcher(text, "own"), None, "{text}");
        }
    }

    #[test]
    fn application_is_added() {
        for (text, expected) in [
            ("{}", r#"{"applications":[{"name":"o\"n","max_dispatchers":"0"}]}"#),
            (
                " {\"a\":1}",
                " {\"applications\":[{\"name\":\"o\\\"n\",\"max_dispatchers\":\"0\"}],\"a\":1}",
            ),
            (
                r#"{"applications":[ ]}"#,
                r#"{"applications":[{"name":"o\"n","max_dispatchers":"0"} ]}"#,
            ),
            (
                r#"{"applications":[{"name":"b"}]}"#,
                r#"{"applications":[{"name":"o\"n","max_dispatchers":"0"},{"name":"b"}]}"#,
            ),
            (
                r#"{"applications":{}}"#,
                r#"{"applications":{"o\"n":{"name":"o\"n","max_dispatchers":"0"}}}"#,
            ),
        ] {
            assert_eq!(adding_application(text, "o\"n").as_deref(), Some(expected), "{text}");
        }
        for text in ["", "[]", r#"{"applications":1}"#] {
            assert_eq!(adding_application(text, "own"), None, "{text}");
        }
    }
}
