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

use std::sync::LazyLock;

use up_rust::UCode;
use vsomeip_sys::{EventId, MajorVersion, MessageType, MethodId};

use super::*;
use crate::stack::{Event, PayloadSize, PayloadSizes, ServiceDiscovery, SomeIpTp};
use crate::testing::service;

const METHOD: u16 = 0x421;
const EVENT: u16 = 0x8001;
const MIB: usize = 1024 * 1024;

fn this() -> ServiceInstance {
    service(0x1234, 1)
}

/// `size` zeros, up to 11 MiB.
fn bytes(size: usize) -> &'static [u8] {
    static ZEROS: LazyLock<Vec<u8>> = LazyLock::new(|| vec![0; 11 * MIB]);
    &ZEROS[..size]
}

fn header(is_reliable: bool) -> Header {
    let ServiceInstance { service, instance } = this();
    let (method, version) = (MethodId(METHOD), MajorVersion(1));
    Header::request(MessageType::Request, service, instance, method, version, is_reliable)
}

fn config() -> StackConfig {
    StackConfig::for_application("a", 1).with_unicast([10, 0, 0, 1].into())
}

fn limits(config: &StackConfig) -> PayloadLimits {
    PayloadLimits::of(config, "3.4.10")
}

fn with(service: Service) -> PayloadLimits {
    limits(&config().with_service(service))
}

fn elsewhere() -> Service {
    Service::new(0x1234, 1).at([10, 0, 0, 2].into()).with_unreliable(30509).with_reliable(30510)
}

fn own() -> Service {
    Service::new(0x1234, 1).with_unreliable(30509).with_reliable(30510)
}

fn segmented(service: Service) -> Service {
    let tp = SomeIpTp {
        client_to_service: vec![METHOD.into()],
        service_to_client: vec![METHOD.into(), EVENT.into()],
        ..SomeIpTp::default()
    };
    Service { someip_tp: Some(tp), ..service }
}

fn port_size(host: [u8; 4], size: u32) -> PayloadSizes {
    let port =
        PayloadSize { port: Some(30510), max_payload_size: Some(size), ..PayloadSize::default() };
    PayloadSizes { unicast: Some(host.into()), ports: vec![port], ..PayloadSizes::default() }
}

/// The size of the largest request that is accepted, up to 1 MiB.
fn largest_request(limits: &PayloadLimits, is_reliable: bool, is_remote: bool) -> usize {
    let is_sent =
        |size| limits.check_request(&header(is_reliable), bytes(size), |_| is_remote).is_ok();
    largest(is_sent)
}

fn largest(is_sent: impl Fn(usize) -> bool) -> usize {
    let sizes: Vec<usize> = (0..=MIB).collect();
    sizes.partition_point(|size| is_sent(*size)) - 1
}

// [utest->dsn~someip-payload-size~1]
#[test]
fn local_payload_has_configured_limit_only() {
    let limited = |size| StackConfig { max_payload_size_local: Some(size), ..config() };
    assert_eq!(largest_request(&limits(&config()), false, false), MIB);
    assert_eq!(largest_request(&limits(&limited(5000)), false, false), 5000);
    assert_eq!(largest_request(&limits(&limited(5000)), true, false), 5000);
    // vsomeip raises it to the limit for other hosts.
    assert_eq!(largest_request(&limits(&limited(100)), false, false), 1400);
    for config in [
        StackConfig { max_payload_size_reliable: Some(6000), ..limited(5000) },
        StackConfig { max_payload_size_unreliable: Some(6000), ..limited(5000) },
        StackConfig { payload_sizes: vec![port_size([10, 0, 0, 3], 6000)], ..limited(5000) },
    ] {
        assert_eq!(largest_request(&limits(&config), false, false), 6000);
    }
}

// [utest->dsn~someip-payload-size~1]
#[test]
fn newer_vsomeip_has_default_limit() {
    let check = |vsomeip, size| {
        let limits = PayloadLimits::of(&config(), vsomeip);
        limits.check_request(&header(false), bytes(size), |_| false).is_ok()
    };
    for (vsomeip, size, is_sent) in [
        ("3.7.3", 11 * MIB, true),
        ("3.7.4", 10 * MIB, false),
        ("3.7.4", 10 * MIB - 31, true),
        ("3.10.0", 10 * MIB, false),
    ] {
        assert_eq!(check(vsomeip, size), is_sent, "{vsomeip} {size}");
    }
}

// [utest->dsn~someip-payload-size~1]
#[test]
fn udp_request_fits_datagram_or_is_segmented() {
    assert_eq!(largest_request(&limits(&config()), false, true), 1400);
    assert_eq!(largest_request(&with(elsewhere()), false, false), 1400);
    assert_eq!(largest_request(&with(segmented(elsewhere())), false, false), MIB);
    // vsomeip finds listed methods by the address.
    assert_eq!(largest_request(&with(segmented(own())), false, true), 1400);
    let mut config = config().with_service(segmented(elsewhere()));
    config.max_payload_size_unreliable = Some(5000);
    assert_eq!(largest_request(&limits(&config), false, false), 5000);
}

// [utest->dsn~someip-payload-size~1]
#[test]
fn tcp_request_has_limit_of_its_port() {
    assert_eq!(largest_request(&with(elsewhere()), true, false), MIB);
    let mut config = config().with_service(elsewhere());
    config.max_payload_size_reliable = Some(5000);
    assert_eq!(largest_request(&limits(&config), true, false), 5000);
    config.payload_sizes = vec![port_size([10, 0, 0, 2], 3000)];
    assert_eq!(largest_request(&limits(&config), true, false), 3000);
    config.services.clear();
    assert_eq!(largest_request(&limits(&config), true, true), 5000);
}

// [utest->dsn~someip-payload-size~1]
#[test]
fn large_response_reaches_this_host_only() {
    let reach = |limits: &PayloadLimits, is_reliable, size| {
        limits.check_response(&header(is_reliable), bytes(size)).unwrap()
    };
    let limits = with(own());
    assert_eq!(reach(&limits, false, 1400), Reach::All);
    assert_eq!(reach(&limits, false, 1401), Reach::ThisHost);
    assert_eq!(reach(&limits, true, MIB), Reach::All);
    assert_eq!(reach(&with(segmented(own())), false, MIB), Reach::All);
    assert_eq!(reach(&with(Service::new(0x1234, 1)), false, MIB), Reach::All);
    assert_eq!(reach(&super::tests::limits(&config()), false, MIB), Reach::All);
    let mut config = config().with_service(own());
    config.payload_sizes = vec![port_size([10, 0, 0, 1], 3000)];
    assert_eq!(reach(&super::tests::limits(&config), true, 3000), Reach::All);
    assert_eq!(reach(&super::tests::limits(&config), true, 3001), Reach::ThisHost);
}

// [utest->dsn~someip-payload-size~1]
#[test]
fn large_event_reaches_this_host_only() {
    let reach =
        |service: Service, size| with(service).check_event(this(), EVENT, bytes(size)).unwrap();
    let event = |is_reliable| Event { is_reliable: Some(is_reliable), ..Event::new(EVENT) };
    let over_tcp_only = Service { unreliable: None, ..own() };
    assert_eq!(reach(own(), 1400), Reach::All);
    assert_eq!(reach(own(), 1401), Reach::ThisHost);
    assert_eq!(reach(own().with_event(event(false)), 1401), Reach::ThisHost);
    assert_eq!(reach(own().with_event(event(true)), MIB), Reach::All);
    assert_eq!(reach(over_tcp_only, MIB), Reach::All);
    assert_eq!(reach(segmented(own()), MIB), Reach::All);
    assert_eq!(reach(Service::new(0x1234, 1), MIB), Reach::All);
    // Without service discovery, nobody on another host can subscribe.
    let mut config = config().with_service(own());
    config.service_discovery = Some(ServiceDiscovery::disabled());
    assert_eq!(limits(&config).check_event(this(), EVENT, bytes(MIB)), Ok(Reach::All));
}

#[test]
fn each_id_is_warned_about_once() {
    let limits = with(own());
    let other = EventId(EVENT + 1).0;
    for event in [EVENT, EVENT, other] {
        assert_eq!(limits.check_event(this(), event, bytes(1401)), Ok(Reach::ThisHost));
    }
    assert_eq!(*limits.warned.lock(), [(this(), EVENT), (this(), other)].into());
}

// [utest->dsn~someip-payload-size~1]
#[test]
fn error_names_size_limit_and_remedy() {
    let limits = limits(&config());
    let error = limits.check_request(&header(false), bytes(1401), |_| true).unwrap_err();
    assert_eq!(error.get_code(), UCode::INVALID_ARGUMENT);
    for part in ["1401 bytes", "1400 are the limit", "someip-tp.client-to-service"] {
        assert!(error.get_message().contains(part), "{error}");
    }
}

#[test]
fn payload_within_smallest_limit_needs_no_check() {
    assert!(!limits(&config()).needs_check(bytes(1400)));
    assert!(limits(&config()).needs_check(bytes(1401)));
    let reliable = StackConfig { max_payload_size_reliable: Some(100), ..config() };
    assert!(!limits(&reliable).needs_check(bytes(100)));
    assert!(limits(&reliable).needs_check(bytes(101)));
    let mut ports = config().with_service(elsewhere());
    ports.payload_sizes = vec![port_size([10, 0, 0, 2], 50)];
    assert!(limits(&ports).needs_check(bytes(51)));
}
