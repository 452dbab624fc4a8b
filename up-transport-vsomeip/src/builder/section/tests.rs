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

//! Tests of the section `uprotocol`.

mod errors;
mod merging;
mod schema;

use std::path::Path;
use std::time::Duration;

use serde_json::{json, Value};
use up_rust::{UPayloadFormat, UUri};
use vsomeip_sys::{EventId, InstanceId, MajorVersion, ServiceId};

use super::reading::{read, Read};
use super::Section;
use crate::builder::settings::Settings;
use crate::builder::TransportBuilder;
use crate::config::RuntimeConfig;
use crate::events::EventOptions;
use crate::mapping::uri::ServiceInstance;
use crate::options::{NotificationMode, Overflow};
use crate::stack::StackError;
use crate::vsomeip::log::VsomeipLog;

const SERVICE: ServiceInstance =
    ServiceInstance { service: ServiceId(0x1234), instance: InstanceId(1) };

fn builder() -> TransportBuilder {
    TransportBuilder::new(UUri::default(), "there")
}

/// What the files `0`, `1` … say for the application `own`.
fn read_all(sections: &[Value]) -> Result<Read, StackError> {
    let names = ["0", "1", "2"].map(Path::new);
    read(names.into_iter().zip(sections), "own", &["own", "other"])
}

/// What a section makes of a builder.
fn settings_of(section: Value, builder: &TransportBuilder) -> Settings {
    let Read { options, warnings } = read_all(&[section]).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    builder.settings(options)
}

/// A value for each option that is not its default.
fn each_option() -> Value {
    json!({
        "strict_configuration": true,
        "runtime": { "num_threads": 2 },
        "vsomeip_log": "silent",
        "payload_format": "protobuf",
        "service_payload_format": [{ "service": "0x1234", "format": "raw" }],
        "carry_attributes": [{ "service": 4661, "instance": 2 }, { "service": "0x1236" }],
        "carry_all_attributes": true,
        "notifications": "event",
        "protocol": [{ "service": "0x1234", "protocol": "tcp" }],
        "method_protocol": [{ "service": "0x1234", "method": "0x421", "protocol": "udp" }],
        "reliable": true,
        "forward_foreign_sources": true,
        "authority": [
            { "service": "0x1234", "authority": "brakes" },
            { "service": 4661, "instance": "0", "authority": "rear" },
        ],
        "event": [{ "service": "0x1234", "instance": "1", "event": "0x8001",
                    "in_groups": ["5", 6], "field": "true" }],
        "service_version": [{ "service": "0x1234", "version": 7 }],
        "offer": ["//vehicle/1234/1/8001"],
        "request_ttl": "5s",
        "max_listeners": 1,
        "max_listeners_per_filter": 2,
        "listener_queue": 3,
        "listener_queue_bytes": 4,
        "when_queue_is_full": "drop_oldest",
        "in_place": "false",
        "max_outgoing_requests": "5",
        "max_incoming_requests": 6,
        "max_sender_services": 7,
        "max_published_topics": 8,
        "hold_first_messages": "250ms",
        "hold_first_messages_bytes": 0,
    })
}

#[test]
fn each_option_reaches_the_builder() {
    let settings = settings_of(each_option(), &builder());
    assert!(settings.is_strict);
    assert_eq!(settings.runtime, RuntimeConfig::new(2));
    assert_eq!(settings.vsomeip_log, Some(VsomeipLog::Silent));
    assert_eq!(settings.authorities.of(SERVICE).0, "brakes");
    let rear = ServiceInstance { service: ServiceId(4661), ..SERVICE };
    assert_eq!(settings.authorities.of(rear).0, "rear");
    let event = settings.events.options_of(SERVICE, EventId(0x8001));
    assert_eq!(event, EventOptions::in_groups(&[5, 6]).field());
    assert_eq!(settings.versions.get(&SERVICE.service), Some(&MajorVersion(7)));
    assert_eq!(settings.offered, ["//vehicle/1234/1/8001".parse().unwrap()]);
    let options = settings.options;
    assert_eq!(options.payload_format, UPayloadFormat::UPAYLOAD_FORMAT_PROTOBUF);
    let raw = UPayloadFormat::UPAYLOAD_FORMAT_RAW;
    assert_eq!(options.service_formats.get(&0x1234), Some(&raw));
    assert!(options.carried.all);
    assert!(options.carried.services.iter().eq(&[(4661, Some(2)), (0x1236, None)]));
    assert_eq!(options.notifications, NotificationMode::Event);
    assert!(options.reliable && options.foreign_sources && !options.inline_calls);
    assert_eq!(options.request_ttl, Duration::from_secs(5));
    assert_eq!([options.max_listeners, options.max_listeners_per_filter], [1, 2]);
    assert_eq!([options.queue.messages, options.queue.bytes], [3, 4]);
    assert_eq!(options.queue.overflow, Overflow::DropOldest);
    assert_eq!([options.max_outgoing_requests, options.max_incoming_requests], [5, 6]);
    assert_eq!([options.max_sender_services, options.max_published_topics], [7, 8]);
    let held = options.hold_first_messages;
    assert_eq!((held.time, held.bytes), (Duration::from_millis(250), 0));
}

/// The methods of the builder, by its source: what has no key here cannot be said without code.
#[test]
fn each_method_of_the_builder_is_an_option() {
    let (methods, _) = include_str!("../../builder.rs").split_once("pub fn build(self)").unwrap();
    let sources = [methods, include_str!("../agreements.rs"), include_str!("../limits.rs")];
    let methods = sources.into_iter().flat_map(|source| source.split("    pub fn ").skip(1));
    let mut methods: Vec<&str> = methods.map(|text| text.split('(').next().unwrap()).collect();
    // These say where the section is.
    methods.retain(|method| {
        !["config_file", "stack", "application", "application_name"].contains(method)
    });
    let example = each_option();
    for method in &methods {
        assert!(Section::KEYS.contains(method), "there is no option `{method}`");
        assert!(example.get(method).is_some(), "{method}");
    }
    assert_eq!(methods.len(), Section::KEYS.len());
}

#[test]
fn code_overrides_section() {
    let code = builder()
        .reliable(false)
        .listener_queue(65_536)
        .authority(0x1234, None, "code")
        .event(0x1234, 1, 0x8001, EventOptions::in_groups(&[9]))
        .service_version(0x1234, 1)
        .offer("//vehicle/1234/1/8002".parse().unwrap());
    let settings = settings_of(each_option(), &code);
    assert!(!settings.options.reliable, "though that is the default");
    assert_eq!(settings.options.queue.messages, 65_536);
    assert_eq!(settings.options.queue.bytes, 4, "what code does not say");
    assert_eq!(settings.authorities.of(SERVICE).0, "code");
    let event = settings.events.options_of(SERVICE, EventId(0x8001));
    assert_eq!(event, EventOptions::in_groups(&[9]));
    assert_eq!(settings.versions.get(&SERVICE.service), Some(&MajorVersion(1)));
    assert_eq!(settings.offered.len(), 2);
}

/// What a uStreamer's constructor sets is a default.
#[test]
fn section_overrides_defaults() {
    let defaults = builder().forward_foreign_sources(true).into_defaults();
    let forwards = |section| settings_of(section, &defaults).options.foreign_sources;
    assert!(forwards(json!({})));
    assert!(!forwards(json!({ "forward_foreign_sources": false })));
}

#[test]
fn ranges_match_the_builder() {
    let options = |section| settings_of(section, &builder()).options;
    let options = options(json!({ "max_outgoing_requests": 99_999, "request_ttl": "0s" }));
    assert_eq!(options.max_outgoing_requests, 32_768);
    assert_eq!(options.request_ttl, Duration::from_millis(1));
}

#[test]
fn each_payload_format_has_a_name() {
    for (name, format) in [
        ("unspecified", UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED),
        ("protobuf_wrapped_in_any", UPayloadFormat::UPAYLOAD_FORMAT_PROTOBUF_WRAPPED_IN_ANY),
        ("json", UPayloadFormat::UPAYLOAD_FORMAT_JSON),
        ("someip", UPayloadFormat::UPAYLOAD_FORMAT_SOMEIP),
        ("someip_tlv", UPayloadFormat::UPAYLOAD_FORMAT_SOMEIP_TLV),
        ("raw", UPayloadFormat::UPAYLOAD_FORMAT_RAW),
        ("text", UPayloadFormat::UPAYLOAD_FORMAT_TEXT),
        ("shm", UPayloadFormat::UPAYLOAD_FORMAT_SHM),
    ] {
        let settings = settings_of(json!({ "payload_format": name }), &builder());
        assert_eq!(settings.options.payload_format, format);
    }
}

#[test]
fn durations_accept_each_unit() {
    for (text, time) in [
        ("0ms", Duration::ZERO),
        ("1500ms", Duration::from_millis(1_500)),
        ("010s", Duration::from_secs(10)),
        ("2min", Duration::from_secs(120)),
        ("999999999999min", Duration::from_secs(59_999_999_999_940)),
    ] {
        let settings = settings_of(json!({ "hold_first_messages": text }), &builder());
        assert_eq!(settings.options.hold_first_messages.time, time);
    }
}
