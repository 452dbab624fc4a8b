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

//! Options from several files and for single applications.

use super::*;

#[track_caller]
fn assert_warned(sections: &[Value], expected: &[&str]) -> Settings {
    let Read { options, warnings } = read_all(sections).unwrap();
    assert_eq!(warnings, expected);
    builder().settings(options)
}

#[test]
fn files_add_up() {
    let one = json!({ "listener_queue": 1, "offer": ["//a/1/1/8001"] });
    let other = json!({ "listener_queue_bytes": 2, "offer": ["//a/1/1/8002", "//a/1/1/8001"] });
    let settings = assert_warned(&[one, other], &[]);
    let queue = settings.options.queue;
    assert_eq!([queue.messages, queue.bytes], [1, 2]);
    assert_eq!(settings.offered.len(), 2);
}

#[test]
fn first_file_counts_with_a_warning() {
    let of = |queue: u32, authority: &str| {
        json!({ "listener_queue": queue, "reliable": true,
                "authority": [{ "service": "0x1234", "instance": 1, "authority": authority }] })
    };
    let what = "differs from an earlier value, \
                which applies; remove one of them";
    let settings = assert_warned(
        &[of(1, "one"), of(2, "two")],
        &[
            &format!("the configuration 1: uprotocol.authority: {what}"),
            &format!("the configuration 1: uprotocol.listener_queue: {what}"),
        ],
    );
    assert_eq!(settings.options.queue.messages, 1);
    assert_eq!(settings.authorities.of(SERVICE).0, "one");
}

#[test]
fn application_is_chosen_once() {
    let text = "the configuration 2: uprotocol.application: differs from an earlier value, which applies; remove one of them";
    let chosen = |name| json!({ "application": name });
    assert_warned(&[chosen("own"), chosen("own"), chosen("other")], &[text]);
}

#[test]
fn first_of_two_equal_entries_counts() {
    let versions =
        json!([{ "service": 4660, "version": 1 }, { "service": "0x1234", "version": 2 }]);
    let text = "the configuration 0: uprotocol.service_version: differs from an earlier value, \
                which applies; remove one of them";
    let settings = assert_warned(&[json!({ "service_version": versions })], &[text]);
    assert_eq!(settings.versions.get(&SERVICE.service), Some(&MajorVersion(1)));
}

#[test]
fn own_application_precedes_others() {
    let all = json!({ "listener_queue": 1, "listener_queue_bytes": 2 });
    let own = json!({ "applications": { "own": { "listener_queue": 3 },
                                        "other": { "listener_queue_bytes": 4 } } });
    for sections in [[all.clone(), own.clone()], [own, all]] {
        let queue = assert_warned(&sections, &[]).options.queue;
        assert_eq!([queue.messages, queue.bytes], [3, 2]);
    }
}

#[test]
fn own_application_is_listed_once() {
    let own = |count| json!({ "applications": { "own": { "max_listeners": count } } });
    let text = "the configuration 1: uprotocol.applications.own.max_listeners: differs from an earlier value, \
                which applies; remove one of them";
    let settings = assert_warned(&[own(1), own(2)], &[text]);
    assert_eq!(settings.options.max_listeners, 1);
}

#[test]
fn misspelt_application_is_suspicious() {
    let section = json!({ "applications": { "othr": {}, "of another process": {} } });
    assert_warned(
        &[section],
        &["the configuration 0: uprotocol.applications.othr: no application with this name is \
           listed; write \"other\" if that is meant"],
    );
}
