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

mod needs;

use std::collections::HashSet;
use std::ops::RangeInclusive;

use up_rust::{UCode, UMessage, UMessageBuilder, UUID};

use super::*;
use crate::testing::{service, uri};

const ONLY_ZERO: RangeInclusive<u16> = 0..=0;
const METHODS: RangeInclusive<u16> = 1..=0x7fff;
const EVENTS: RangeInclusive<u16> = 0x8000..=0xfffe;
const ANY: RangeInclusive<u16> = ANY_RESOURCE..=ANY_RESOURCE;

type Row = (RangeInclusive<u16>, Option<RangeInclusive<u16>>, FilterKind);

/// The specification's table of valid resource ids: source, sink, and kind.
const TABLE: [Row; 8] = [
    (EVENTS, None, FilterKind::Publish),
    (ANY, None, FilterKind::Publish),
    (EVENTS, Some(ONLY_ZERO), FilterKind::Notification),
    (ONLY_ZERO, Some(METHODS), FilterKind::Request),
    // Not in the table, but valid for up-rust, and used by uStreamers.
    (ANY, Some(METHODS), FilterKind::Request),
    (METHODS, Some(ONLY_ZERO), FilterKind::Response),
    (ANY, Some(ONLY_ZERO), FilterKind::NotificationAndResponse),
    (ANY, Some(ANY), FilterKind::PointToPoint),
];

/// The bounds of each range, and values between them.
const RESOURCES: [u16; 10] = [0, 1, 2, 0x421, 0x7ffe, 0x7fff, 0x8000, 0x8421, 0xfffe, ANY_RESOURCE];

fn row_of(source: u16, sink: Option<u16>) -> Option<FilterKind> {
    let is_in = |(sources, sinks, _): &&Row| {
        sources.contains(&source)
            && match (sinks, sink) {
                (None, None) => true,
                (Some(sinks), Some(sink)) => sinks.contains(&sink),
                _ => false,
            }
    };
    TABLE.iter().find(is_in).map(|(_, _, kind)| *kind)
}

fn with_resource(text: &str, resource: u16) -> UUri {
    UUri { resource_id: resource.into(), ..uri(text) }
}

/// The authority of the local entity.
const LOCAL: &str = "here";

fn filter(source: &str, sink: Option<&str>) -> Filter {
    Filter::new(&uri(source), sink.map(uri).as_ref(), LOCAL).unwrap()
}

// [utest->dsn~utransport-registerlistener-error-invalid-parameter~1]
// [utest->dsn~utransport-unregisterlistener-error-invalid-parameter~1]
#[test]
fn only_rows_of_table_are_filters() {
    let sinks = || std::iter::once(None).chain(RESOURCES.map(Some));
    let mut valid = 0;
    for (source, sink) in RESOURCES.into_iter().flat_map(|source| sinks().map(move |s| (source, s)))
    {
        let sink_uri = sink.map(|sink| with_resource("//here/4321/1/0", sink));
        let source_uri = with_resource("//ecu/1234/1/0", source);
        let result = Filter::new(&source_uri, sink_uri.as_ref(), LOCAL);
        match (row_of(source, sink), result) {
            (Some(kind), Ok(filter)) => {
                assert_eq!(filter.kind, kind, "{source:04X} {sink:04X?}");
                valid += 1;
            }
            (None, Err(status)) => {
                assert_eq!(status.get_code(), UCode::INVALID_ARGUMENT, "{source:04X} {sink:04X?}");
            }
            (expected, result) => {
                panic!("{source:04X} {sink:04X?} is {result:?} instead of {expected:?}")
            }
        }
    }
    // Of the representative values, 5 are methods and 3 are events.
    assert_eq!(valid, 3 + 1 + 3 + 5 + 5 + 5 + 1 + 1);
}

// [utest->dsn~utransport-registerlistener-error-invalid-parameter~1]
#[test]
fn filter_with_invalid_uri_is_refused() {
    let valid = uri("//ecu/1234/1/8001");
    for (what, invalid) in [
        ("a resource beyond 16 bits", UUri { resource_id: 0x1_8001, ..valid.clone() }),
        ("a version beyond 8 bits", UUri { ue_version_major: 256, ..valid.clone() }),
        ("an authority with a port", UUri { authority_name: "ecu:1".into(), ..valid.clone() }),
    ] {
        let status = Filter::new(&invalid, None, LOCAL).unwrap_err();
        assert_eq!(status.get_code(), UCode::INVALID_ARGUMENT, "{what}");
        let as_sink = UUri { resource_id: invalid.resource_id & !0x8001, ..invalid };
        let status = Filter::new(&valid, Some(&as_sink), LOCAL).unwrap_err();
        assert_eq!(status.get_code(), UCode::INVALID_ARGUMENT, "{what} (sink)");
    }
}

#[test]
fn key_is_named_service_and_resource() {
    for (source, sink, key) in [
        ("//ecu/1234/1/8001", None, Some((0x1234, 0x8001))),
        ("//*/51234/FF/8001", None, Some((0x1234, 0x8001))),
        ("//ecu/FFFF1234/1/8001", None, Some((0x1234, 0x8001))),
        ("//ecu/1234/1/FFFF", None, None),
        ("//ecu/FFFF/1/8001", None, None),
        ("//ecu/FFFFFFFF/1/8001", None, None),
        ("//ecu/1234/1/8001", Some("//here/9/1/0"), Some((0x1234, 0x8001))),
        ("//ecu/1234/1/421", Some("//here/9/1/0"), Some((0x1234, 0x421))),
        ("//*/FFFFFFFF/FF/0", Some("//here/1234/1/421"), Some((0x1234, 0x421))),
        ("//ecu/9/1/0", Some("//here/FFFF/1/421"), None),
        ("//ecu/1234/1/FFFF", Some("//here/9/1/0"), None),
        ("//ecu/1234/1/FFFF", Some("//here/9/1/FFFF"), None),
    ] {
        let key_of = filter(source, sink).key().map(|(service, resource)| (service.0, resource));
        assert_eq!(key_of, key, "{source} {sink:?}");
    }
}

fn event_of(topic: &str) -> UMessage {
    UMessageBuilder::publish(uri(topic)).build().unwrap()
}

fn request_to(method: &str) -> UMessage {
    UMessageBuilder::request(uri(method), uri("//ecu/107/3/0"), 1000).build().unwrap()
}

fn response_to(client: &str) -> UMessage {
    UMessageBuilder::response(uri(client), UUID::build(), uri("//ecu/21234/3/421")).build().unwrap()
}

fn notification_to(client: &str) -> UMessage {
    UMessageBuilder::notification(uri("//ecu/21234/3/8001"), uri(client)).build().unwrap()
}

fn matched(filter: &Filter, message: &UMessage, known: Source) -> Option<Matched> {
    filter.matches(message.attributes.as_ref().unwrap(), known)
}

fn from(source: &str) -> Option<Matched> {
    Some(Matched::WithSource(uri(source)))
}

fn is_match(filter: &Filter, message: &UMessage) -> bool {
    match matched(filter, message, Source::Known) {
        Some(matched) => {
            assert_eq!(matched, Matched::Unchanged);
            true
        }
        None => false,
    }
}

// [utest->dsn~utransport-registerlistener-start-invoking-listeners~1]
#[test]
fn source_parts_match_themselves_and_wildcards() {
    let message = event_of("//ecu/21234/3/8001");
    for (source, expected) in [
        ("//ecu/21234/3/8001", true),
        ("//*/21234/3/8001", true),
        ("//ecu/2FFFF/3/8001", true),
        ("//ecu/FFFF1234/3/8001", true),
        ("//ecu/21234/FF/8001", true),
        ("//ecu/21234/3/FFFF", true),
        ("//*/FFFFFFFF/FF/FFFF", true),
        ("//other/21234/3/8001", false),
        ("//ecu/21235/3/8001", false),
        ("//ecu/31234/3/8001", false),
        ("//ecu/1234/3/8001", false),
        ("//ecu/3FFFF/3/8001", false),
        ("//ecu/FFFF1235/3/8001", false),
        ("//ecu/21234/4/8001", false),
        ("//ecu/21234/3/8002", false),
        ("//other/FFFFFFFF/FF/FFFF", false),
    ] {
        assert_eq!(is_match(&filter(source, None), &message), expected, "{source}");
    }
}

// [utest->dsn~utransport-registerlistener-start-invoking-listeners~1]
#[test]
fn sink_parts_match_themselves_and_wildcards() {
    let message = request_to("//here/21234/3/421");
    for (source, sink, expected) in [
        ("//ecu/107/3/0", "//here/21234/3/421", true),
        ("//ecu/107/3/0", "//*/21234/3/421", true),
        ("//ecu/107/3/0", "//here/2FFFF/3/421", true),
        ("//ecu/107/3/0", "//here/FFFF1234/3/421", true),
        ("//ecu/107/3/0", "//here/21234/FF/421", true),
        ("//ecu/107/3/FFFF", "//here/21234/3/FFFF", true),
        ("//*/FFFFFFFF/FF/FFFF", "//*/FFFFFFFF/FF/FFFF", true),
        ("//ecu/107/3/0", "//other/21234/3/421", false),
        ("//ecu/107/3/0", "//here/21235/3/421", false),
        ("//ecu/107/3/0", "//here/31234/3/421", false),
        ("//ecu/107/3/0", "//here/21234/4/421", false),
        ("//ecu/107/3/0", "//here/21234/3/422", false),
        ("//ecu/108/3/0", "//here/21234/3/421", false),
        ("//ecu/107/3/FFFF", "//here/FFFFFFFF/FF/0", false),
        ("//*/FFFFFFFF/FF/FFFF", "//other/FFFFFFFF/FF/FFFF", false),
    ] {
        let filter = filter(source, Some(sink));
        assert_eq!(is_match(&filter, &message), expected, "{source} {sink}");
    }
}

#[test]
fn each_kind_matches_its_own_messages() {
    let messages = [
        ("event", event_of("//ecu/21234/3/8001")),
        ("notification", notification_to("//here/9/1/0")),
        ("request", request_to("//here/9/1/421")),
        ("response", response_to("//here/9/1/0")),
    ];
    for (source, sink, expected) in [
        ("//*/FFFFFFFF/FF/8001", None, &["event"][..]),
        ("//*/FFFFFFFF/FF/FFFF", None, &["event"]),
        ("//*/FFFFFFFF/FF/8001", Some("//*/FFFFFFFF/FF/0"), &["notification"]),
        ("//*/FFFFFFFF/FF/0", Some("//*/FFFFFFFF/FF/421"), &["request"]),
        ("//*/FFFFFFFF/FF/FFFF", Some("//*/FFFFFFFF/FF/421"), &["request"]),
        ("//*/FFFFFFFF/FF/421", Some("//*/FFFFFFFF/FF/0"), &["response"]),
        ("//*/FFFFFFFF/FF/FFFF", Some("//*/FFFFFFFF/FF/0"), &["notification", "response"]),
        (
            "//*/FFFFFFFF/FF/FFFF",
            Some("//*/FFFFFFFF/FF/FFFF"),
            &["notification", "request", "response"],
        ),
    ] {
        let filter = filter(source, sink);
        let matching = messages.iter().filter(|(_, message)| is_match(&filter, message));
        let matching: Vec<_> = matching.map(|(kind, _)| *kind).collect();
        assert_eq!(matching, expected, "{source} {sink:?}");
    }
}

// [utest->dsn~someip-uri-instance~1]
#[test]
fn default_instance_may_be_omitted() {
    let names_none = filter("//ecu/1234/3/8001", None);
    let names_it = filter("//ecu/11234/3/8001", None);
    assert_eq!(names_it, names_none);
    for message in [event_of("//ecu/1234/3/8001"), event_of("//ecu/11234/3/8001")] {
        assert!(is_match(&names_none, &message));
        assert!(is_match(&names_it, &message));
    }
    let of_requests = filter("//*/FFFFFFFF/FF/0", Some("//here/11234/3/421"));
    assert!(is_match(&of_requests, &request_to("//here/1234/3/421")));
    let of_responses = filter("//ecu/21234/3/421", Some("//here/10009/1/0"));
    assert!(is_match(&of_responses, &response_to("//here/10009/1/0")));
    assert!(!is_match(&filter("//ecu/21234/3/8001", None), &event_of("//ecu/1234/3/8001")));
}

#[test]
fn filter_without_authority_is_local() {
    for (unnamed, named, message) in [
        (("/21234/3/8001", None), ("//here/21234/3/8001", None), event_of("//here/21234/3/8001")),
        (
            ("/21234/3/8001", Some("/9/1/0")),
            ("//here/21234/3/8001", Some("//here/9/1/0")),
            UMessageBuilder::notification(uri("//here/21234/3/8001"), uri("//here/9/1/0"))
                .build()
                .unwrap(),
        ),
        (
            ("//ecu/107/3/0", Some("/21234/3/421")),
            ("//ecu/107/3/0", Some("//here/21234/3/421")),
            request_to("//here/21234/3/421"),
        ),
        (
            ("//*/FFFFFFFF/FF/FFFF", Some("/FFFFFFFF/FF/FFFF")),
            ("//*/FFFFFFFF/FF/FFFF", Some("//here/FFFFFFFF/FF/FFFF")),
            response_to("//here/9/1/0"),
        ),
    ] {
        let filters = [unnamed, named].map(|(source, sink)| filter(source, sink));
        assert_eq!(filters[0], filters[1], "{unnamed:?}");
        assert!(filters.iter().all(|filter| is_match(filter, &message)), "{unnamed:?}");
        assert_eq!(HashSet::from(filters).len(), 1, "{unnamed:?}");
    }
}

#[test]
fn filter_without_authority_ignores_other_authorities() {
    let of_events = filter("/21234/3/8001", None);
    assert!(!is_match(&of_events, &event_of("//ecu/21234/3/8001")));
    assert_ne!(of_events, filter("//ecu/21234/3/8001", None));
    assert_ne!(of_events, filter("//*/21234/3/8001", None));
    let of_requests = filter("//*/FFFFFFFF/FF/0", Some("/21234/3/421"));
    assert!(!is_match(&of_requests, &request_to("//there/21234/3/421")));
    assert_ne!(of_requests, filter("//*/FFFFFFFF/FF/0", Some("//there/21234/3/421")));
    assert_ne!(of_requests, filter("//*/FFFFFFFF/FF/0", Some("//*/21234/3/421")));
}

#[test]
fn message_without_authority_is_local() {
    let request = request_to("/21234/3/421");
    for (sink, expected) in
        [("/21234/3/421", true), ("//here/21234/3/421", true), ("//there/21234/3/421", false)]
    {
        let filter = filter("//*/FFFFFFFF/FF/0", Some(sink));
        assert_eq!(is_match(&filter, &request), expected, "{sink}");
    }
}

// [utest->dsn~someip-source-authority~1]
#[test]
fn named_authority_replaces_assumed_one() {
    let message = event_of("//assumed/21234/3/8001");
    for (source, expected) in [
        ("//assumed/21234/3/8001", Some(Matched::Unchanged)),
        ("//*/21234/3/8001", Some(Matched::Unchanged)),
        ("//*/FFFFFFFF/FF/FFFF", Some(Matched::Unchanged)),
        ("//known/21234/3/8001", from("//known/21234/3/8001")),
        ("//known/FFFF1234/FF/FFFF", from("//known/21234/3/8001")),
        ("//known/2FFFF/3/8001", None),
        ("//known/FFFFFFFF/FF/FFFF", None),
        ("//known/21235/3/8001", None),
        ("//known/21234/4/8001", None),
        ("//known/21234/3/8002", None),
    ] {
        let filter = filter(source, None);
        assert_eq!(matched(&filter, &message, Source::AuthorityAssumed), expected, "{source}");
    }
}

// [utest->dsn~someip-source-authority~1]
#[test]
fn known_source_is_not_replaced() {
    let message = event_of("//ecu/21234/3/8001");
    for (source, expected) in [
        ("//ecu/21234/3/8001", Some(Matched::Unchanged)),
        ("//*/21234/3/FFFF", Some(Matched::Unchanged)),
        ("//other/21234/3/8001", None),
        ("//ecu/21234/3/8002", None),
    ] {
        assert_eq!(matched(&filter(source, None), &message, Source::Known), expected, "{source}");
    }
}

// [utest->dsn~someip-source-authority~1]
#[test]
fn caller_authority_is_replaced_if_sink_matches() {
    let message = request_to("//here/21234/3/421");
    let matched = |filter: Filter| self::matched(&filter, &message, Source::AuthorityAssumed);
    let of_this = filter("//known/107/3/0", Some("//here/21234/3/421"));
    assert_eq!(matched(of_this), from("//known/107/3/0"));
    let of_another = filter("//known/107/3/0", Some("//here/21234/3/422"));
    assert_eq!(matched(of_another), None);
}

// [utest->dsn~someip-notification-in~1]
#[test]
fn client_notification_may_be_from_any_resource() {
    let sink = "//here/9/1/0";
    let message =
        UMessageBuilder::notification(uri("//assumed/107/3/8000"), uri(sink)).build().unwrap();
    for (source, sink, expected) in [
        ("//assumed/107/3/8000", sink, Some(Matched::Unchanged)),
        ("//*/FFFFFFFF/FF/FFFF", sink, Some(Matched::Unchanged)),
        ("//*/FFFFFFFF/FF/FFFF", "//*/FFFFFFFF/FF/FFFF", Some(Matched::Unchanged)),
        ("//assumed/107/3/8001", sink, from("//assumed/107/3/8001")),
        ("//*/107/3/8001", sink, from("//assumed/107/3/8001")),
        ("//*/FFFFFFFF/FF/8001", sink, from("//assumed/107/3/8001")),
        ("//known/107/3/8001", sink, from("//known/107/3/8001")),
        ("//known/107/FF/FFFF", sink, from("//known/107/3/8000")),
        ("//known/FFFFFFFF/FF/8001", sink, None),
        ("//assumed/108/3/8001", sink, None),
        ("//assumed/107/4/8001", sink, None),
        ("//assumed/107/3/8001", "//here/10/1/0", None),
        // A notification does not come from a method.
        ("//assumed/107/3/421", sink, None),
    ] {
        let filter = filter(source, Some(sink));
        assert_eq!(matched(&filter, &message, Source::OnlyClient), expected, "{source} {sink}");
    }
    // A known source is not replaced.
    let other_resource = filter("//assumed/107/3/8001", Some(sink));
    for known in [Source::Known, Source::AuthorityAssumed] {
        assert_eq!(matched(&other_resource, &message, known), None, "{known:?}");
    }
}

#[test]
fn message_without_source_matches_nothing() {
    let mut message = event_of("//ecu/21234/3/8001");
    message.attributes.as_mut().unwrap().source.take();
    let everything = filter("//*/FFFFFFFF/FF/FFFF", None);
    for known in [Source::Known, Source::AuthorityAssumed, Source::OnlyClient] {
        assert_eq!(matched(&everything, &message, known), None, "{known:?}");
    }
}

// [utest->dsn~someip-notification-in~1]
#[test]
fn only_notification_filters_are_notified() {
    let sink = Some("//here/9/1/0");
    let event = event_of("//ecu/21234/3/8001");
    let is_notified = |filter: &Filter, known| {
        filter.notifies_of(event.attributes.as_ref().unwrap(), known).is_some()
    };
    for (source, sink, expected) in [
        ("//ecu/21234/3/8001", sink, true),
        ("//*/FFFFFFFF/FF/8001", sink, true),
        ("//ecu/21234/3/8002", sink, false),
        ("//ecu/31234/3/8001", sink, false),
        // These do not match events as notifications.
        ("//ecu/21234/3/8001", None, false),
        ("//ecu/21234/3/FFFF", sink, false),
        ("//*/FFFFFFFF/FF/FFFF", Some("//*/FFFFFFFF/FF/FFFF"), false),
    ] {
        let filter = filter(source, sink);
        assert_eq!(is_notified(&filter, Source::Known), expected, "{source} {sink:?}");
    }
    let elsewhere = filter("//known/21234/3/8001", sink);
    assert!(!is_notified(&elsewhere, Source::Known));
    assert!(is_notified(&elsewhere, Source::AuthorityAssumed));
}

// [utest->dsn~someip-notification-in~1]
#[test]
fn open_sink_parts_are_local_entity() {
    let own = uri("//here/70009/2/0");
    for (sink, expected) in [
        ("//there/1234/3/0", "//there/1234/3/0"),
        ("//here/70009/2/0", "//here/70009/2/0"),
        ("//*/FFFFFFFF/FF/0", "//here/70009/2/0"),
        ("//*/1234/3/0", "//here/1234/3/0"),
        ("//there/FFFF/3/0", "//there/9/3/0"),
        ("//there/FFFF1234/FF/0", "//there/71234/2/0"),
        ("/1234/3/0", "//here/1234/3/0"),
    ] {
        let notified = filter("//ecu/21234/3/8001", Some(sink)).notified_sink(&own);
        assert_eq!(notified, uri(expected), "{sink}");
    }
}

// [utest->dsn~someip-request-in~1]
#[test]
fn only_request_filters_have_other_versions() {
    let anybody = "//*/FFFFFFFF/FF/0";
    for (source, sink, expected) in [
        (anybody, "//here/21234/4/421", true),
        (anybody, "//here/FFFF1234/4/421", true),
        (anybody, "//here/FFFFFFFF/4/421", true),
        (anybody, "//here/21234/3/421", false),
        (anybody, "//here/21234/FF/421", false),
        (anybody, "//here/21234/4/422", false),
        (anybody, "//here/31234/4/421", false),
        (anybody, "//here/21235/4/421", false),
        ("//here/21234/4/421", "//here/9/1/0", false),
        ("//*/FFFFFFFF/FF/FFFF", "//here/FFFFFFFF/4/FFFF", false),
    ] {
        let filter = filter(source, Some(sink));
        let is_other =
            filter.is_for_other_version(service(0x1234, 2), MethodId(0x421), MajorVersion(3));
        assert_eq!(is_other, expected, "{source} {sink}");
    }
}
