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

use super::settings::Settings;
use super::*;
use crate::options::{Overflow, QueueLimits};

/// What holds without a configuration.
fn settings(builder: &TransportBuilder) -> Settings {
    builder.settings(Section::none())
}

#[test]
fn instance_0_is_default_instance() {
    let builder = TransportBuilder::new(UUri::default(), "there")
        .authority(0x1234, Some(0), "brakes")
        .event(0x1234, 0, 0x8001, EventOptions::in_groups(&[5]));
    let service = ServiceInstance { service: ServiceId(0x1234), instance: DEFAULT_INSTANCE };
    let settings = settings(&builder);
    assert_eq!(settings.authorities.of(service).0, "brakes");
    let options = settings.events.options_of(service, EventId(0x8001));
    assert_eq!(options, EventOptions::in_groups(&[5]));
}

#[test]
fn request_ttl_is_clamped() {
    for (set, expected) in [
        (Duration::ZERO, Duration::from_millis(1)),
        (Duration::from_millis(1), Duration::from_millis(1)),
        (Duration::from_secs(30), Duration::from_secs(30)),
        (Duration::MAX, Duration::from_millis(u32::MAX.into())),
    ] {
        let builder = TransportBuilder::new(UUri::default(), "there").request_ttl(set);
        assert_eq!(settings(&builder).options.request_ttl, expected);
    }
}

#[test]
fn builder_takes_every_option() {
    let builder = TransportBuilder::new(UUri::default(), "there")
        .payload_format(UPayloadFormat::UPAYLOAD_FORMAT_JSON)
        .service_payload_format(0x1234, UPayloadFormat::UPAYLOAD_FORMAT_RAW)
        .carry_attributes(0x5678, None)
        .carry_attributes(0x5678, Some(0))
        .carry_all_attributes(true)
        .notifications(NotificationMode::Event)
        .reliable(true)
        .forward_foreign_sources(true)
        .service_version(0x1234, 7)
        .max_listeners(1)
        .max_listeners_per_filter(2)
        .listener_queue(3)
        .listener_queue_bytes(4)
        .when_queue_is_full(Overflow::DropOldest)
        .in_place(false)
        .max_outgoing_requests(5)
        .max_incoming_requests(6)
        .max_sender_services(7)
        .max_published_topics(8);
    let settings = settings(&builder);
    assert_eq!(settings.versions.get(&ServiceId(0x1234)), Some(&MajorVersion(7)));
    let options = settings.options;
    assert_eq!(options.payload_format, UPayloadFormat::UPAYLOAD_FORMAT_JSON);
    assert_eq!(options.service_formats, [(0x1234, UPayloadFormat::UPAYLOAD_FORMAT_RAW)].into());
    // The instance 0 stands for the default one.
    assert_eq!(options.carried.services, [(0x5678, None), (0x5678, Some(1))].into());
    assert!(options.carried.all);
    assert_eq!(options.notifications, NotificationMode::Event);
    assert!(options.reliable && options.foreign_sources && !options.inline_calls);
    let QueueLimits { messages, bytes, overflow } = options.queue;
    assert_eq!((messages, bytes, overflow), (3, 4, Overflow::DropOldest));
    assert_eq!([options.max_listeners, options.max_listeners_per_filter], [1, 2]);
    assert_eq!([options.max_outgoing_requests, options.max_incoming_requests], [5, 6]);
    assert_eq!([options.max_sender_services, options.max_published_topics], [7, 8]);
}

#[test]
fn outgoing_requests_are_capped() {
    let builder = TransportBuilder::new(UUri::default(), "there").max_outgoing_requests(100_000);
    assert_eq!(settings(&builder).options.max_outgoing_requests, 32_768);
}
