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

//! The needs of each filter.

use std::sync::Arc;

use vsomeip_sys::EventId;

use super::*;
use crate::events::{EventOptions, Events};
use crate::services::Need;

/// The known events, by service and instance.
const KNOWN_EVENTS: [(u16, u16, u16); 4] =
    [(0x1111, 1, 0x8001), (0x1111, 1, 0x8002), (0x2222, 1, 0x8001), (0x2222, 7, 0x8001)];

fn offers() -> Offers {
    let mut events = Events::default();
    for (number, instance, event) in KNOWN_EVENTS {
        let options = EventOptions::in_groups(&[5]);
        events.insert(service(number, instance), EventId(event), options);
    }
    let configured = vec![service(0x1111, 1), service(0x2222, 7)];
    Offers { listed: configured.clone(), configured, events: Arc::new(events) }
}

fn nothing_to_offer() -> Offers {
    Offers { configured: Vec::new(), listed: Vec::new(), events: Arc::default() }
}

fn needs(source: &str, sink: Option<&str>) -> Vec<Need> {
    filter(source, sink).needs(&offers())
}

const ANY_SERVICE: ServiceInstance =
    ServiceInstance { service: ServiceId::ANY, instance: InstanceId::ANY };

/// The needs for subscribing to an event.
fn subscribed(instance: ServiceInstance, version: MajorVersion, event: u16) -> [Need; 3] {
    let event = EventId(event);
    [Need::Request(instance), Need::Handler(instance), Need::Subscription(instance, version, event)]
}

/// The needs for offering a service.
fn offered(instance: ServiceInstance, version: MajorVersion) -> [Need; 2] {
    [Need::Handler(instance), Need::Offer(instance, version)]
}

/// The needs for offering a configured service.
fn offered_as_listed(instance: ServiceInstance, version: MajorVersion) -> [Need; 2] {
    [Need::Handler(instance), Need::OfferListed(instance, version)]
}

// [utest->dsn~someip-publish-in~1]
#[test]
fn event_needs_request_handler_and_subscription() {
    for (topic, number) in [("//ecu/1234/3/8001", 0x1234), ("//ecu/1111/3/8001", 0x1111)] {
        let expected = subscribed(service(number, 1), MajorVersion(3), 0x8001);
        assert_eq!(needs(topic, None), expected);
        assert_eq!(filter(topic, None).wildcard_topic(), None);
    }
}

// [utest->dsn~someip-notification-in~1]
#[test]
fn notification_needs_subscription_and_sink_offer() {
    let subscribed = subscribed(service(0x1234, 1), MajorVersion(3), 0x8001);
    for (sink, offered) in [
        ("//here/9/2/0", offered(service(9, 1), MajorVersion(2)).to_vec()),
        ("//here/20009/2/0", offered(service(9, 2), MajorVersion(2)).to_vec()),
        ("//here/9/FF/0", offered(service(9, 1), MajorVersion::ANY).to_vec()),
        ("//*/9/FF/0", offered(service(9, 1), MajorVersion::ANY).to_vec()),
        ("//here/FFFF2222/2/0", offered_as_listed(service(0x2222, 7), MajorVersion(2)).to_vec()),
        ("//here/FFFF3333/2/0", Vec::new()),
    ] {
        let expected: Vec<_> = subscribed.into_iter().chain(offered).collect();
        assert_eq!(needs("//ecu/1234/3/8001", Some(sink)), expected, "{sink}");
    }
}

// [utest->dsn~someip-request-in~1]
#[test]
fn request_needs_handler_before_offer() {
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
fn request_to_any_service_needs_configured_services() {
    let of = |instance: ServiceInstance| offered_as_listed(instance, MajorVersion(3));
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
fn open_sink_version_leaves_offer_open() {
    for (source, sink, expected) in [
        ("//*/FFFFFFFF/FF/0", "//here/1234/FF/421", MajorVersion::ANY),
        ("//*/FFFFFFFF/FF/0", "//here/1234/3/421", MajorVersion(3)),
        ("//*/FFFFFFFF/FF/FFFF", "//here/1234/FF/FFFF", MajorVersion::ANY),
        ("//*/FFFFFFFF/FF/FFFF", "//here/1234/3/FFFF", MajorVersion(3)),
        ("//ecu/4321/3/8001", "//here/1234/FF/0", MajorVersion::ANY),
        ("//ecu/4321/3/8001", "//here/1234/3/0", MajorVersion(3)),
    ] {
        let offers: Vec<_> = needs(source, Some(sink))
            .into_iter()
            .filter(|need| matches!(need, Need::Offer(..)))
            .collect();
        assert_eq!(offers, [Need::Offer(service(0x1234, 1), expected)], "{source} {sink}");
    }
}

// A handler for a single method might be called after it was unregistered.
#[test]
fn each_service_needs_one_handler() {
    for (source, sink, services) in [
        ("//ecu/1234/3/8001", None, &[service(0x1234, 1)][..]),
        ("//ecu/1234/3/8002", None, &[service(0x1234, 1)]),
        ("//ecu/1234/3/8001", Some("//here/9/1/0"), &[service(0x1234, 1), service(9, 1)]),
        ("//ecu/1234/3/421", Some("//here/9/1/0"), &[service(0x1234, 1)]),
        ("//ecu/1234/3/422", Some("//here/9/1/0"), &[service(0x1234, 1)]),
        ("//*/FFFFFFFF/FF/0", Some("//here/1234/3/421"), &[service(0x1234, 1)]),
        ("//*/FFFFFFFF/FF/FFFF", Some("//here/1234/3/FFFF"), &[service(0x1234, 1)]),
    ] {
        let handlers: Vec<_> = needs(source, sink)
            .into_iter()
            .filter(|need| matches!(need, Need::Handler(_)))
            .collect();
        let expected: Vec<_> = services.iter().copied().map(Need::Handler).collect();
        assert_eq!(handlers, expected, "{source} {sink:?}");
    }
}

// [utest->dsn~someip-response-in~1]
#[test]
fn response_needs_request_and_handler() {
    let instance = service(0x1234, 1);
    let expected = [Need::Request(instance), Need::Handler(instance)];
    for source in ["//ecu/1234/3/421", "//ecu/1234/FF/421"] {
        assert_eq!(needs(source, Some("//here/9/1/0")), expected, "{source}");
    }
}

// [utest->dsn~someip-uri-instance~1]
#[test]
fn needed_instance_is_that_of_entity_id() {
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
            assert_eq!(need.service(), instance, "{source} {sink:?} {need:?}");
        }
    }
}

#[test]
fn point_to_point_needs_configured_services() {
    let needs = needs("//ecu/FFFFFFFF/FF/FFFF", Some("//here/FFFFFFFF/FF/FFFF"));
    let expected = [service(0x1111, 1), service(0x2222, 7)]
        .into_iter()
        .flat_map(|configured| offered_as_listed(configured, MajorVersion::ANY));
    assert_eq!(needs, expected.collect::<Vec<_>>());
    let needs = self::needs("//ecu/FFFFFFFF/FF/FFFF", Some("//here/FFFF2222/3/FFFF"));
    assert_eq!(needs, offered_as_listed(service(0x2222, 7), MajorVersion(3)));
}

// [utest->dsn~someip-wildcard-topic~1]
#[test]
fn wildcard_topic_needs_matching_services() {
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
        assert!(filter(source, None).wildcard_topic().is_some(), "{source}");
        if uri(source).resource_id != u32::from(ANY_RESOURCE) {
            let expected = expected.into_iter().chain(offered(service(9, 1), MajorVersion(1)));
            let needs = needs(source, Some("//here/9/1/0"));
            assert_eq!(needs, expected.collect::<Vec<_>>(), "{source} as notifications");
        }
    }
}

// [utest->dsn~someip-wildcard-topic~1]
#[test]
fn found_service_needs_named_or_known_events() {
    let version = MajorVersion(3);
    for (source, number, instance, events) in [
        ("//ecu/1111/FF/8001", 0x1111, 1, &[0x8001][..]),
        ("//ecu/FFFFFFFF/3/FFFF", 0x1111, 1, &[0x8001, 0x8002]),
        ("//ecu/FFFFFFFF/3/FFFF", 0x2222, 9, &[0x8001]),
        ("//ecu/FFFFFFFF/3/8421", 0x3333, 1, &[0x8421]),
        ("//ecu/FFFFFFFF/3/FFFF", 0x3333, 1, &[]),
    ] {
        let topic = filter(source, None).wildcard_topic().unwrap();
        let found = service(number, instance);
        assert!(topic.covers(found, version), "{source}");
        let expected: Vec<_> =
            events.iter().flat_map(|&event| subscribed(found, version, event)).collect();
        assert_eq!(topic.needs_of(found, version, &offers().events), expected, "{source}");
    }
}

// [utest->dsn~someip-wildcard-topic~1]
#[test]
fn wildcard_topic_covers_matching_services() {
    for (source, number, instance, version, covers) in [
        ("//ecu/1111/FF/8001", 0x1111, 1, 7, true),
        ("//ecu/1111/FF/8001", 0x1111, 2, 7, false),
        ("//ecu/FFFF1111/3/8001", 0x1111, 2, 3, true),
        ("//ecu/FFFF1111/3/8001", 0x1111, 2, 4, false),
        ("//ecu/FFFF1111/3/8001", 0x1112, 2, 3, false),
    ] {
        let topic = filter(source, None).wildcard_topic().unwrap();
        assert_eq!(topic.covers(service(number, instance), MajorVersion(version)), covers);
    }
}

#[test]
fn only_event_filters_take_events() {
    for (source, sink, takes_events, takes_notifications) in [
        ("//ecu/21234/3/8001", None, true, false),
        ("//ecu/21234/3/8001", Some("//here/9/1/0"), true, true),
        ("//*/FFFFFFFF/FF/0", Some("//here/21234/3/421"), false, false),
        ("//ecu/21234/3/421", Some("//here/9/1/0"), false, false),
        ("//*/FFFFFFFF/FF/FFFF", Some("//here/9/1/0"), false, false),
        ("//*/FFFFFFFF/FF/FFFF", Some("//here/FFFFFFFF/FF/FFFF"), false, false),
    ] {
        let filter = filter(source, sink);
        let topic =
            Topic { service: service(0x1234, 2), version: MajorVersion(3), event: EventId(0x8001) };
        assert_eq!(filter.events(), takes_events.then_some(topic), "{source} {sink:?}");
        assert_eq!(filter.takes_notifications(), takes_notifications, "{source} {sink:?}");
    }
    let any = Topic { service: ANY_SERVICE, version: MajorVersion::ANY, event: EventId::ANY };
    assert_eq!(filter("//*/FFFFFFFF/FF/FFFF", None).events(), Some(any));
}

#[test]
fn wildcards_need_nothing_where_nothing_is_known() {
    for (source, sink) in [
        ("//ecu/FFFFFFFF/FF/FFFF", None),
        ("//ecu/FFFF/1/8001", None),
        ("//ecu/FFFF/1/8001", Some("//here/FFFF/1/0")),
        ("//ecu/9/1/0", Some("//here/FFFF/1/421")),
        ("//ecu/FFFFFFFF/FF/FFFF", Some("//here/FFFFFFFF/FF/FFFF")),
    ] {
        assert_eq!(filter(source, sink).needs(&nothing_to_offer()), [], "{source} {sink:?}");
    }
}

// Sending a request brings the handler.
#[test]
fn wildcard_responses_need_nothing() {
    for source in
        ["//ecu/FFFF/1/421", "//ecu/FFFF1234/1/421", "//*/FFFFFFFF/FF/421", "//*/FFFFFFFF/FF/FFFF"]
    {
        assert_eq!(needs(source, Some("//here/9/1/0")), [], "{source}");
    }
}

// [utest->dsn~someip-notification-in~1]
#[test]
fn filter_of_all_answers_has_optional_offer() {
    const ANYBODY: &str = "//*/FFFFFFFF/FF/FFFF";
    let own = service(9, 1);
    for (sink, expected) in [
        ("//here/9/2/0", Some((own, MajorVersion(2)))),
        ("//here/21234/3/0", Some((service(0x1234, 2), MajorVersion(3)))),
        ("//here/9/FF/0", Some((own, MajorVersion::ANY))),
        ("//*/FFFFFFFF/FF/0", Some((own, MajorVersion::ANY))),
        ("//here/FFFF0009/2/0", Some((own, MajorVersion(2)))),
        ("//here/FFFF1234/2/0", None),
        ("//here/FFFFFFFF/FF/FFFF", Some((own, MajorVersion::ANY))),
        // Here, the offer is a need.
        ("//here/9/2/FFFF", None),
        ("//here/9/2/421", None),
    ] {
        assert_eq!(filter(ANYBODY, Some(sink)).optional_offer(own), expected, "{sink}");
    }
    assert_eq!(filter("//ecu/1234/3/8001", Some("//here/9/2/0")).optional_offer(own), None);
    assert_eq!(filter("//ecu/1234/3/8001", None).optional_offer(own), None);
}
