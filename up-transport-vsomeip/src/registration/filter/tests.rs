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

use std::ops::RangeInclusive;

use up_rust::{UCode, UMessage, UMessageBuilder, UUID};

use super::*;
use crate::events::EventOptions;
use crate::testing::{service, uri};

const ONLY_ZERO: RangeInclusive<u16> = 0..=0;
const METHODS: RangeInclusive<u16> = 1..=0x7fff;
const EVENTS: RangeInclusive<u16> = 0x8000..=0xfffe;
const ANY: RangeInclusive<u16> = ANY_RESOURCE..=ANY_RESOURCE;

type Row = (RangeInclusive<u16>, Option<RangeInclusive<u16>>, FilterKind);

/// The specification's table of valid resource ids: source, sink, and what it is for.
const TABLE: [Row; 8] = [
    (EVENTS, None, FilterKind::Publish),
    (ANY, None, FilterKind::Publish),
    (EVENTS, Some(ONLY_ZERO), FilterKind::Notification),
    (ONLY_ZERO, Some(METHODS), FilterKind::Request),
    // Not in the table, but up-rust's criteria and the services of the uStreamer have it.
    (ANY, Some(METHODS), FilterKind::Request),
    (METHODS, Some(ONLY_ZERO), FilterKind::Response),
    (ANY, Some(ONLY_ZERO), FilterKind::NotificationAndResponse),
    (ANY, Some(ANY), FilterKind::PointToPoint),
];

/// The borders of each range, and something between them.
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

fn filter(source: &str, sink: Option<&str>) -> Filter {
    Filter::new(&uri(source), sink.map(uri).as_ref()).unwrap()
}

const OWN_VERSION: MajorVersion = MajorVersion(9);

/// The events about which something is known, by service and instance.
const KNOWN_EVENTS: [(u16, u16, u16); 4] =
    [(0x1111, 1, 0x8001), (0x1111, 1, 0x8002), (0x2222, 1, 0x8001), (0x2222, 7, 0x8001)];

fn offers() -> Offers {
    let mut events = Events::default();
    for (number, instance, event) in KNOWN_EVENTS {
        let options = EventOptions::in_groups(&[5]);
        events.insert(service(number, instance), EventId(event), options);
    }
    let configured = vec![service(0x1111, 1), service(0x2222, 7)];
    Offers { listed: configured.clone(), configured, own_version: OWN_VERSION, events }
}

fn nothing_to_offer() -> Offers {
    Offers {
        configured: Vec::new(),
        listed: Vec::new(),
        own_version: OWN_VERSION,
        events: Events::default(),
    }
}

fn needs(source: &str, sink: Option<&str>) -> Vec<Need> {
    filter(source, sink).needs(&offers()).unwrap()
}

/// What the subscription to an event needs.
fn subscribed(instance: ServiceInstance, version: MajorVersion, event: u16) -> [Need; 3] {
    let event = EventId(event);
    [
        Need::Request(instance),
        Need::Handler(instance, event.into()),
        Need::Subscription(instance, version, event),
    ]
}

/// What the offer of a service needs.
fn offered(instance: ServiceInstance, version: MajorVersion) -> [Need; 2] {
    [Need::Handler(instance, MethodId::ANY), Need::Offer(instance, version)]
}

// [utest->dsn~utransport-registerlistener-error-invalid-parameter~1]
// [utest->dsn~utransport-unregisterlistener-error-invalid-parameter~1]
#[test]
fn the_rows_of_the_specification_s_table_are_filters_and_nothing_else_is() {
    let sinks = || std::iter::once(None).chain(RESOURCES.map(Some));
    let mut valid = 0;
    for (source, sink) in RESOURCES.into_iter().flat_map(|source| sinks().map(move |s| (source, s)))
    {
        let sink_uri = sink.map(|sink| with_resource("//here/4321/1/0", sink));
        let result = Filter::new(&with_resource("//ecu/1234/1/0", source), sink_uri.as_ref());
        match (row_of(source, sink), result) {
            (Some(kind), Ok(filter)) => {
                assert_eq!(filter.kind(), Ok(kind), "{source:04X} {sink:04X?}");
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
fn a_uri_that_is_not_valid_is_no_filter() {
    let valid = uri("//ecu/1234/1/8001");
    for (what, invalid) in [
        ("a resource beyond 16 bits", UUri { resource_id: 0x1_8001, ..valid.clone() }),
        ("a version beyond 8 bits", UUri { ue_version_major: 256, ..valid.clone() }),
        ("an authority with a port", UUri { authority_name: "ecu:1".into(), ..valid.clone() }),
    ] {
        let status = Filter::new(&invalid, None).unwrap_err();
        assert_eq!(status.get_code(), UCode::INVALID_ARGUMENT, "{what}");
        let as_sink = UUri { resource_id: invalid.resource_id & !0x8001, ..invalid };
        let status = Filter::new(&valid, Some(&as_sink)).unwrap_err();
        assert_eq!(status.get_code(), UCode::INVALID_ARGUMENT, "{what} (sink)");
    }
}

#[test]
fn a_filter_has_the_key_of_the_service_and_resource_that_it_names() {
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

// [utest->dsn~someip-publish-in~1]
#[test]
fn events_need_a_handler_before_the_subscription_to_a_requested_service() {
    for (topic, number) in [("//ecu/1234/3/8001", 0x1234), ("//ecu/1111/3/8001", 0x1111)] {
        let expected = subscribed(service(number, 1), MajorVersion(3), 0x8001);
        assert_eq!(needs(topic, None), expected);
        assert_eq!(filter(topic, None).followed_topic(), None);
    }
}

// [utest->dsn~someip-notification-in~1]
#[test]
fn notifications_need_the_events_and_an_offer_of_the_one_who_is_notified() {
    let subscribed = subscribed(service(0x1234, 1), MajorVersion(3), 0x8001);
    for (sink, offered) in [
        ("//here/9/2/0", offered(service(9, 1), MajorVersion(2)).to_vec()),
        ("//here/20009/2/0", offered(service(9, 2), MajorVersion(2)).to_vec()),
        ("//here/9/FF/0", offered(service(9, 1), OWN_VERSION).to_vec()),
        ("//*/9/FF/0", offered(service(9, 1), OWN_VERSION).to_vec()),
        ("//here/FFFF2222/2/0", offered(service(0x2222, 7), MajorVersion(2)).to_vec()),
        ("//here/FFFF3333/2/0", Vec::new()),
    ] {
        let expected: Vec<_> = subscribed.into_iter().chain(offered).collect();
        assert_eq!(needs("//ecu/1234/3/8001", Some(sink)), expected, "{sink}");
    }
}

// [utest->dsn~someip-request-in~1]
#[test]
fn requests_need_a_handler_for_all_methods_before_the_offer_of_their_service() {
    let instance = service(0x1234, 1);
    for (source, sink) in [
        ("//*/FFFFFFFF/FF/0", "//here/1234/3/421"),
        ("//*/FFFFFFFF/FF/FFFF", "//here/1234/3/421"),
        ("//*/FFFFFFFF/FF/FFFF", "//here/1234/3/FFFF"),
    ] {
        let expected = offered(instance, MajorVersion(3));
        assert_eq!(needs(source, Some(sink)), expected, "{source} {sink}");
    }
}

// [utest->dsn~someip-request-in~1]
#[test]
fn requests_to_any_service_need_the_configured_ones() {
    let of = |instance: ServiceInstance| offered(instance, MajorVersion(3));
    for (sink, services) in [
        ("//here/FFFFFFFF/3/421", &[service(0x1111, 1), service(0x2222, 7)][..]),
        ("//here/FFFF/3/421", &[service(0x1111, 1)]),
        ("//here/FFFF2222/3/421", &[service(0x2222, 7)]),
        ("//here/FFFF3333/3/421", &[]),
    ] {
        let expected: Vec<_> = services.iter().copied().flat_map(of).collect();
        assert_eq!(needs("//*/FFFFFFFF/FF/0", Some(sink)), expected, "{sink}");
    }
}

// [utest->dsn~someip-uri-version~1]
#[test]
fn an_offer_whose_version_is_left_open_has_the_own_version() {
    let needs = needs("//*/FFFFFFFF/FF/0", Some("//here/1234/FF/421"));
    assert!(needs.contains(&Need::Offer(service(0x1234, 1), OWN_VERSION)));
}

// [utest->dsn~someip-response-in~1]
#[test]
fn responses_need_the_request_of_their_service_and_a_handler() {
    let instance = service(0x1234, 1);
    let expected = [Need::Request(instance), Need::Handler(instance, MethodId(0x421))];
    assert_eq!(needs("//ecu/1234/3/421", Some("//here/9/1/0")), expected);
}

// [utest->dsn~someip-uri-instance~1]
#[test]
fn the_upper_half_of_the_entity_id_is_the_instance_that_is_needed() {
    const ONE: MajorVersion = MajorVersion(1);
    let instance = service(0x1234, 2);
    for (source, sink) in [
        ("//ecu/21234/3/8001", None),
        ("//ecu/21234/3/8001", Some("//here/9/1/0")),
        ("//ecu/9/1/0", Some("//here/21234/3/421")),
        ("//ecu/21234/3/421", Some("//here/9/1/0")),
    ] {
        let needs = needs(source, sink);
        assert!(!needs.is_empty());
        for need in needs.into_iter().filter(|need| !offered(service(9, 1), ONE).contains(need)) {
            let (Need::Offer(of, _)
            | Need::OfferEvent(of, _)
            | Need::Request(of)
            | Need::Subscription(of, _, _)
            | Need::Handler(of, _)) = need;
            assert_eq!(of, instance, "{source} {sink:?} {need:?}");
        }
    }
}

#[test]
fn everything_sent_to_somebody_needs_the_configured_services() {
    let needs = needs("//ecu/FFFFFFFF/FF/FFFF", Some("//here/FFFFFFFF/FF/FFFF"));
    let expected = [service(0x1111, 1), service(0x2222, 7)]
        .into_iter()
        .flat_map(|configured| offered(configured, OWN_VERSION));
    assert_eq!(needs, expected.collect::<Vec<_>>());
    let needs = self::needs("//ecu/FFFFFFFF/FF/FFFF", Some("//here/FFFF2222/3/FFFF"));
    assert_eq!(needs, offered(service(0x2222, 7), MajorVersion(3)));
}

// [utest->dsn~someip-wildcard-topic~1]
#[test]
fn a_wildcard_topic_needs_the_services_that_it_may_stand_for() {
    for (source, services) in [
        ("//ecu/1111/FF/8001", &[(0x1111, 1)][..]),
        ("//ecu/1111/3/FFFF", &[(0x1111, 1)]),
        ("//ecu/3333/3/FFFF", &[(0x3333, 1)]),
        ("//ecu/FFFF2222/3/8001", &[(0x2222, 0xffff)]),
        ("//ecu/FFFFFFFF/3/FFFF", &[(0x1111, 1), (0x2222, 1), (0x2222, 7)]),
        ("//*/FFFFFFFF/FF/8001", &[(0x1111, 1), (0x2222, 1), (0x2222, 7)]),
        ("//ecu/FFFF/3/FFFF", &[(0x1111, 1), (0x2222, 1)]),
        ("//ecu/7FFFF/3/FFFF", &[(0x2222, 7)]),
    ] {
        let expected: Vec<_> = services
            .iter()
            .map(|&(number, instance)| Need::Request(service(number, instance)))
            .collect();
        assert_eq!(needs(source, None), expected, "{source}");
        assert!(filter(source, None).followed_topic().is_some(), "{source}");
        if uri(source).resource_id != u32::from(ANY_RESOURCE) {
            let expected = expected.into_iter().chain(offered(service(9, 1), MajorVersion(1)));
            let needs = needs(source, Some("//here/9/1/0"));
            assert_eq!(needs, expected.collect::<Vec<_>>(), "{source} as notifications");
        }
    }
}

// [utest->dsn~someip-wildcard-topic~1]
#[test]
fn a_wildcard_topic_needs_the_named_or_the_known_events_of_a_service_that_is_found() {
    let version = MajorVersion(3);
    for (source, number, instance, events) in [
        ("//ecu/1111/FF/8001", 0x1111, 1, &[0x8001][..]),
        ("//ecu/FFFFFFFF/3/FFFF", 0x1111, 1, &[0x8001, 0x8002]),
        ("//ecu/FFFFFFFF/3/FFFF", 0x2222, 9, &[0x8001]),
        ("//ecu/FFFFFFFF/3/8421", 0x3333, 1, &[0x8421]),
        ("//ecu/FFFFFFFF/3/FFFF", 0x3333, 1, &[]),
    ] {
        let topic = filter(source, None).followed_topic().unwrap();
        let found = service(number, instance);
        assert!(topic.covers(found, version), "{source}");
        let expected: Vec<_> =
            events.iter().flat_map(|&event| subscribed(found, version, event)).collect();
        assert_eq!(topic.needs_of(found, version, &offers().events), expected, "{source}");
    }
}

// [utest->dsn~someip-wildcard-topic~1]
#[test]
fn a_wildcard_topic_covers_the_services_that_its_pattern_matches() {
    for (source, number, instance, version, covers) in [
        ("//ecu/1111/FF/8001", 0x1111, 1, 7, true),
        ("//ecu/1111/FF/8001", 0x1111, 2, 7, false),
        ("//ecu/FFFF1111/3/8001", 0x1111, 2, 3, true),
        ("//ecu/FFFF1111/3/8001", 0x1111, 2, 4, false),
        ("//ecu/FFFF1111/3/8001", 0x1112, 2, 3, false),
    ] {
        let topic = filter(source, None).followed_topic().unwrap();
        assert_eq!(topic.covers(service(number, instance), MajorVersion(version)), covers);
    }
}

#[test]
fn where_nothing_is_known_wildcards_need_nothing() {
    for (source, sink) in [
        ("//ecu/FFFFFFFF/FF/FFFF", None),
        ("//ecu/FFFF/1/8001", None),
        ("//ecu/FFFF/1/8001", Some("//here/FFFF/1/0")),
        ("//ecu/9/1/0", Some("//here/FFFF/1/421")),
        ("//ecu/FFFFFFFF/FF/FFFF", Some("//here/FFFFFFFF/FF/FFFF")),
    ] {
        let needs = filter(source, sink).needs(&nothing_to_offer());
        assert_eq!(needs, Ok(Vec::new()), "{source} {sink:?}");
    }
}

// They are handled once a request is sent.
#[test]
fn responses_of_any_service_and_all_notifications_need_nothing_by_themselves() {
    for source in
        ["//ecu/FFFF/1/421", "//ecu/FFFF1234/1/421", "//*/FFFFFFFF/FF/421", "//*/FFFFFFFF/FF/FFFF"]
    {
        assert_eq!(needs(source, Some("//here/9/1/0")), [], "{source}");
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

fn delivery(filter: &Filter, message: &UMessage, known: Source) -> Option<Delivery> {
    filter.matches(message.attributes.as_ref().unwrap(), known)
}

fn from(source: &str) -> Option<Delivery> {
    Some(Delivery::From(uri(source)))
}

fn is_match(filter: &Filter, message: &UMessage) -> bool {
    match delivery(filter, message, Source::Known) {
        Some(delivery) => {
            assert_eq!(delivery, Delivery::AsItIs);
            true
        }
        None => false,
    }
}

// [utest->dsn~utransport-registerlistener-start-invoking-listeners~1]
#[test]
fn each_part_of_a_source_filter_matches_itself_and_its_wildcard() {
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
fn each_part_of_a_sink_filter_matches_itself_and_its_wildcard() {
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
fn each_row_of_the_table_matches_its_own_kinds_of_messages() {
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
fn a_filter_that_names_the_default_instance_is_the_one_that_names_none() {
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

// [utest->dsn~someip-source-authority~1]
#[test]
fn a_filter_that_names_authority_and_service_knows_where_the_service_is() {
    let message = event_of("//assumed/21234/3/8001");
    for (source, expected) in [
        ("//assumed/21234/3/8001", Some(Delivery::AsItIs)),
        ("//*/21234/3/8001", Some(Delivery::AsItIs)),
        ("//*/FFFFFFFF/FF/FFFF", Some(Delivery::AsItIs)),
        ("//known/21234/3/8001", from("//known/21234/3/8001")),
        ("//known/FFFF1234/FF/FFFF", from("//known/21234/3/8001")),
        ("//known/2FFFF/3/8001", None),
        ("//known/FFFFFFFF/FF/FFFF", None),
        ("//known/21235/3/8001", None),
        ("//known/21234/4/8001", None),
        ("//known/21234/3/8002", None),
    ] {
        let filter = filter(source, None);
        assert_eq!(delivery(&filter, &message, Source::AuthorityAssumed), expected, "{source}");
    }
}

// [utest->dsn~someip-source-authority~1]
#[test]
fn a_source_that_is_known_is_not_replaced() {
    let message = event_of("//ecu/21234/3/8001");
    for (source, expected) in [
        ("//ecu/21234/3/8001", Some(Delivery::AsItIs)),
        ("//*/21234/3/FFFF", Some(Delivery::AsItIs)),
        ("//other/21234/3/8001", None),
        ("//ecu/21234/3/8002", None),
    ] {
        assert_eq!(delivery(&filter(source, None), &message, Source::Known), expected, "{source}");
    }
}

// [utest->dsn~someip-source-authority~1]
#[test]
fn the_authority_of_a_caller_is_replaced_only_if_the_sink_matches() {
    let message = request_to("//here/21234/3/421");
    let delivery =
        |filter: Filter| super::tests::delivery(&filter, &message, Source::AuthorityAssumed);
    let of_this = filter("//known/107/3/0", Some("//here/21234/3/421"));
    assert_eq!(delivery(of_this), from("//known/107/3/0"));
    let of_another = filter("//known/107/3/0", Some("//here/21234/3/422"));
    assert_eq!(delivery(of_another), None);
}

// [utest->dsn~someip-notification-in~1]
#[test]
fn a_notification_of_which_only_the_client_is_known_may_be_from_any_of_its_resources() {
    let sink = "//here/9/1/0";
    let message =
        UMessageBuilder::notification(uri("//assumed/107/3/8000"), uri(sink)).build().unwrap();
    for (source, sink, expected) in [
        ("//assumed/107/3/8000", sink, Some(Delivery::AsItIs)),
        ("//*/FFFFFFFF/FF/FFFF", sink, Some(Delivery::AsItIs)),
        ("//*/FFFFFFFF/FF/FFFF", "//*/FFFFFFFF/FF/FFFF", Some(Delivery::AsItIs)),
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
        let delivery = delivery(&filter, &message, Source::OnlyClient);
        assert_eq!(delivery, expected, "{source} {sink}");
    }
    // If all of the source is known, it is what it is.
    let other_resource = filter("//assumed/107/3/8001", Some(sink));
    for known in [Source::Known, Source::AuthorityAssumed] {
        assert_eq!(delivery(&other_resource, &message, known), None, "{known:?}");
    }
}

#[test]
fn a_message_without_a_source_matches_nothing() {
    let mut message = event_of("//ecu/21234/3/8001");
    message.attributes.as_mut().unwrap().source.take();
    let everything = filter("//*/FFFFFFFF/FF/FFFF", None);
    for known in [Source::Known, Source::AuthorityAssumed, Source::OnlyClient] {
        assert_eq!(delivery(&everything, &message, known), None, "{known:?}");
    }
}

// [utest->dsn~someip-notification-in~1]
#[test]
fn only_a_filter_for_the_notifications_of_an_event_is_notified_of_it() {
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
        // These take what is sent to them, but do not ask for events.
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
fn what_the_sink_of_a_filter_leaves_open_is_the_local_entity() {
    let own = uri("//here/70009/2/0");
    for (sink, expected) in [
        ("//there/1234/3/0", "//there/1234/3/0"),
        ("//here/70009/2/0", "//here/70009/2/0"),
        ("//*/FFFFFFFF/FF/0", "//here/70009/2/0"),
        ("//*/1234/3/0", "//here/1234/3/0"),
        ("//there/FFFF/3/0", "//there/9/3/0"),
        ("//there/FFFF1234/FF/0", "//there/71234/2/0"),
    ] {
        let notified = filter("//ecu/21234/3/8001", Some(sink)).notified_sink(&own);
        assert_eq!(notified, uri(expected), "{sink}");
    }
}

// [utest->dsn~someip-request-in~1]
#[test]
fn only_a_filter_for_requests_to_a_method_is_for_another_version_of_it() {
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
