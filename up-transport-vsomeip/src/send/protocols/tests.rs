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

use up_rust::UCode;
use vsomeip_sys::{InstanceId, MajorVersion, ServiceId};

use super::*;
use crate::stack::{Client, ReliablePort, Service, SomeIpTp, StackConfig, TpMethod};
use crate::testing::service;

const ECHO: MethodId = MethodId(0x421);
const VERSION: Option<MajorVersion> = Some(MajorVersion(3));

const NONE: Option<Protocols> = None;
const UDP: Option<Protocols> = Some(Protocols { udp: true, tcp: false });
const TCP: Option<Protocols> = Some(Protocols { udp: false, tcp: true });
const BOTH: Option<Protocols> = Some(Protocols { udp: true, tcp: true });

fn this() -> ServiceInstance {
    service(0x5310, 1)
}

struct Fixture {
    monitor: Arc<Monitor>,
    announcements: Arc<Announcements>,
    choice: ProtocolChoice,
}

impl Fixture {
    fn new(overrides: ProtocolOverrides, config: &StackConfig) -> Self {
        let (monitor, announcements) = (Arc::<Monitor>::default(), Arc::<Announcements>::default());
        let rules = Rules::new(overrides, Protocol::Udp, config);
        let (others, heard) = (monitor.clone(), announcements.clone());
        let choice = ProtocolChoice::new(rules, config.discovers(), others, heard);
        Self { monitor, announcements, choice }
    }

    fn move_to(&self, location: Location) {
        self.monitor.set_available(this(), VERSION, || true);
        let here = [this()].into_iter().filter(|_| location == Location::ThisHost).collect();
        self.monitor.set_offered(here, &[this()].into());
    }

    fn of(&self, last: &LastChoice) -> Choice {
        self.choice.of(this(), ECHO, last)
    }
}

fn set(protocol: Protocol) -> ProtocolOverrides {
    let mut overrides = ProtocolOverrides::default();
    overrides.service(this().service, None, protocol);
    overrides
}

fn config() -> StackConfig {
    StackConfig::for_application("a", 1).with_unicast("10.77.0.1".parse().unwrap())
}

fn elsewhere() -> Service {
    Service::new(0x5310, 1).at("10.77.0.2".parse().unwrap())
}

fn client(udp: &[u16], tcp: &[u16]) -> Client {
    Client {
        service: Some(0x5310),
        instance: Some(1),
        unreliable: udp.to_vec(),
        reliable: tcp.to_vec(),
        ..Client::default()
    }
}

#[test]
fn builder_overrides_offers_and_configuration() {
    use Protocol::{Tcp, Udp};
    let listed_udp = config().with_service(elsewhere().with_unreliable(30509));
    let listed_tcp = config().with_service(elsewhere().with_reliable(30509));
    let listed_both =
        config().with_service(elsewhere().with_unreliable(30509).with_reliable(30509));
    let mut client_tcp = config();
    client_tcp.clients.push(client(&[], &[0]));
    let mut client_both = config();
    client_both.clients.push(client(&[1], &[2]));
    let own = config().with_service(Service::new(0x5310, 1).with_reliable(1));
    for (overrides, config, offered, expected) in [
        (set(Tcp), &listed_udp, NONE, Choice::Over(Tcp)),
        (set(Tcp), &listed_udp, BOTH, Choice::Over(Tcp)),
        (set(Udp), &listed_tcp, BOTH, Choice::Over(Udp)),
        (ProtocolOverrides::default(), &listed_tcp, NONE, Choice::Over(Tcp)),
        (ProtocolOverrides::default(), &listed_tcp, BOTH, Choice::Over(Tcp)),
        // Announcements override the configuration.
        (ProtocolOverrides::default(), &listed_tcp, UDP, Choice::Over(Udp)),
        (ProtocolOverrides::default(), &listed_udp, TCP, Choice::Over(Tcp)),
        (ProtocolOverrides::default(), &listed_both, NONE, Choice::Over(Udp)),
        (ProtocolOverrides::default(), &listed_both, TCP, Choice::Over(Tcp)),
        (ProtocolOverrides::default(), &client_tcp, NONE, Choice::Over(Tcp)),
        (ProtocolOverrides::default(), &client_tcp, BOTH, Choice::Over(Tcp)),
        (ProtocolOverrides::default(), &client_both, NONE, Choice::Unknown(Udp)),
        (ProtocolOverrides::default(), &own, NONE, Choice::Unknown(Udp)),
        (ProtocolOverrides::default(), &config(), NONE, Choice::Unknown(Udp)),
        (ProtocolOverrides::default(), &config(), UDP, Choice::Over(Udp)),
        (ProtocolOverrides::default(), &config(), TCP, Choice::Over(Tcp)),
        (ProtocolOverrides::default(), &config(), BOTH, Choice::Over(Udp)),
    ] {
        let fixture = Fixture::new(overrides.clone(), config);
        if offered.is_some() {
            fixture.announcements.hear_offer(this(), offered);
        }
        let chosen = fixture.of(&LastChoice::default());
        assert_eq!(chosen, expected, "{overrides:?} {:?} {offered:?}", config.services);
    }
}

#[test]
fn method_and_instance_override_service() {
    let mut overrides = set(Protocol::Udp);
    overrides.service(ServiceId(0x5310), Some(InstanceId(2)), Protocol::Tcp);
    overrides.method(ServiceId(0x5310), None, ECHO, Protocol::Tcp);
    overrides.method(ServiceId(0x5310), Some(InstanceId(3)), ECHO, Protocol::Udp);
    let fixture = Fixture::new(overrides, &config());
    for (instance, method, expected) in [
        (1, MethodId(1), Protocol::Udp),
        (1, ECHO, Protocol::Tcp),
        (2, MethodId(1), Protocol::Tcp),
        (3, ECHO, Protocol::Udp),
        (3, MethodId(1), Protocol::Udp),
    ] {
        let service = service(0x5310, instance);
        let last = LastChoice::default();
        for _ in 0..2 {
            let chosen = fixture.choice.of(service, method, &last);
            assert_eq!(chosen, Choice::Over(expected), "{service} {method}");
        }
    }
}

#[test]
fn segmented_method_goes_over_udp() {
    let method = TpMethod { method: ECHO.0, ..TpMethod::default() };
    let tp = SomeIpTp { client_to_service: vec![method], ..SomeIpTp::default() };
    let service = elsewhere().with_unreliable(30509).with_reliable(30509);
    let config = config().with_service(Service { someip_tp: Some(tp), ..service });
    let rules = Rules::new(ProtocolOverrides::default(), Protocol::Tcp, &config);
    assert_eq!(rules.preference(this(), ECHO), Preference::Listed(Protocol::Udp));
    assert_eq!(rules.preference(this(), MethodId(1)), Preference::Listed(Protocol::Tcp));
}

#[test]
fn port_0_means_no_port() {
    let none = ReliablePort { port: Some(0), ..ReliablePort::default() };
    let service = Service { reliable: Some(none), ..elsewhere().with_unreliable(30509) };
    let rules =
        Rules::new(ProtocolOverrides::default(), Protocol::Tcp, &config().with_service(service));
    assert_eq!(rules.preference(this(), ECHO), Preference::Listed(Protocol::Udp));
    let rules = Rules::new(
        ProtocolOverrides::default(),
        Protocol::Tcp,
        &config().with_service(elsewhere()),
    );
    assert_eq!(rules.preference(this(), ECHO), Preference::Default(Protocol::Tcp));
}

#[test]
fn missing_required_protocol_is_impossible() {
    let fixture = Fixture::new(set(Protocol::Tcp), &config());
    fixture.announcements.hear_offer(this(), UDP);
    let Choice::Impossible(status) = fixture.of(&LastChoice::default()) else { panic!() };
    assert_eq!(status.get_code(), UCode::UNAVAILABLE);
    assert!(status.get_message().contains("5310.0001 is not offered over TCP"), "{status}");
    assert!(status.get_message().contains("`TransportBuilder::protocol`"), "{status}");
    fixture.move_to(Location::ThisHost);
    assert_eq!(fixture.of(&LastChoice::default()), Choice::Over(Protocol::Tcp));
}

#[test]
fn without_discovery_listed_protocols_decide() {
    let config = config().with_service(elsewhere().with_unreliable(30509));
    let config = config.without_service_discovery();
    let chosen = |overrides| Fixture::new(overrides, &config).of(&LastChoice::default());
    assert_eq!(chosen(ProtocolOverrides::default()), Choice::Over(Protocol::Udp));
    assert!(matches!(chosen(set(Protocol::Tcp)), Choice::Impossible(_)));
}

#[test]
fn last_choice_holds_until_something_changes() {
    let (fixture, last) =
        (Fixture::new(ProtocolOverrides::default(), &config()), LastChoice::default());
    assert_eq!(fixture.of(&last), Choice::Unknown(Protocol::Udp));
    fixture.move_to(Location::ThisHost);
    assert_eq!(fixture.of(&last), Choice::Over(Protocol::Udp));
    assert_eq!(last.get(fixture.choice.changes()), Some(Protocol::Udp));
    fixture.monitor.set_available(this(), None, || true);
    assert_eq!(last.get(fixture.choice.changes()), None);
    assert_eq!(fixture.of(&last), Choice::Unknown(Protocol::Udp));
    fixture.announcements.hear_offer(this(), TCP);
    assert_eq!(fixture.of(&last), Choice::Over(Protocol::Tcp));
    fixture.announcements.hear_offer(this(), UDP);
    assert_eq!(fixture.of(&last), Choice::Over(Protocol::Udp));
}

#[tokio::test(start_paused = true)]
async fn resolving_waits_for_offer() {
    let fixture = Fixture::new(ProtocolOverrides::default(), &config());
    for (ttl, timeout) in [(1_000, 500), (60_000, 3_000)] {
        let (start, last) = (Instant::now(), LastChoice::default());
        let deadline = start + Duration::from_millis(ttl);
        for waits in [timeout, 0] {
            let start = Instant::now();
            fixture.choice.resolve(this(), &last, deadline).await;
            assert_eq!(start.elapsed().as_millis(), waits);
            assert_eq!(fixture.of(&last), Choice::Over(Protocol::Udp));
        }
    }
    let (last, deadline) = (LastChoice::default(), Instant::now() + Duration::from_secs(1));
    tokio::join!(fixture.choice.resolve(this(), &last, deadline), async {
        tokio::task::yield_now().await;
        fixture.announcements.hear_offer(this(), TCP);
    });
    assert_eq!(fixture.of(&last), Choice::Over(Protocol::Tcp));
}

#[tokio::test(start_paused = true)]
async fn requests_share_wait_for_offer() {
    const TTL: Duration = Duration::from_secs(4);
    let (fixture, last) =
        (Fixture::new(ProtocolOverrides::default(), &config()), LastChoice::default());
    let start = Instant::now();
    while last.assumed().is_none() {
        assert!(start.elapsed() <= TTL / 2);
        let resolve = fixture.choice.resolve(this(), &last, Instant::now() + TTL);
        let _ = tokio::time::timeout(Duration::from_millis(100), resolve).await;
    }
    assert_eq!(start.elapsed(), TTL / 2);
}

#[tokio::test(start_paused = true)]
async fn returning_service_restarts_wait() {
    const TTL: Duration = Duration::from_secs(2);
    let (fixture, last) =
        (Fixture::new(ProtocolOverrides::default(), &config()), LastChoice::default());
    let resolve = || fixture.choice.resolve(this(), &last, Instant::now() + TTL);
    let _ = tokio::time::timeout(Duration::from_millis(100), resolve()).await;
    tokio::time::advance(Duration::from_secs(3_600)).await;
    let start = Instant::now();
    resolve().await;
    assert_eq!(start.elapsed(), TTL / 2);
}

/// If offers cannot be received, only the location is waited for.
#[tokio::test(start_paused = true)]
async fn resolving_does_not_wait_without_listening() {
    let (fixture, last) =
        (Fixture::new(ProtocolOverrides::default(), &config()), LastChoice::default());
    fixture.move_to(Location::OtherHost);
    let start = Instant::now();
    fixture.choice.resolve(this(), &last, start + Duration::from_secs(60)).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(fixture.of(&last), Choice::Over(Protocol::Udp));
}

#[tokio::test(start_paused = true)]
async fn assumption_alternates_until_confirmed() {
    const TTL: Duration = Duration::from_secs(1);
    let (fixture, last) =
        (Fixture::new(ProtocolOverrides::default(), &config()), LastChoice::default());
    let explain = || fixture.choice.explain_silence(this(), &last, TTL);
    fixture.move_to(Location::OtherHost);
    fixture.choice.resolve(this(), &last, Instant::now()).await;
    for protocol in [Protocol::Udp, Protocol::Tcp, Protocol::Udp] {
        assert_eq!(fixture.of(&last), Choice::Over(protocol));
        tokio::time::advance(TTL).await;
        // Other requests in flight do not switch it back.
        for _ in 0..3 {
            let status = explain().unwrap();
            assert_eq!(status.get_code(), UCode::UNAVAILABLE);
            assert!(status.get_message().contains("`TransportBuilder::protocol`"), "{status}");
        }
    }
    fixture.announcements.confirm(this(), true);
    assert_eq!(explain(), None);
    assert_eq!(fixture.of(&last), Choice::Over(Protocol::Tcp));
}

#[test]
fn location_on_this_host_overrides_offer() {
    let fixture = Fixture::new(ProtocolOverrides::default(), &config());
    assert!(!fixture.choice.is_remote(this()));
    fixture.announcements.hear_offer(this(), TCP);
    assert!(fixture.choice.is_remote(this()));
    fixture.move_to(Location::ThisHost);
    assert!(!fixture.choice.is_remote(this()));
    assert_eq!(fixture.of(&LastChoice::default()), Choice::Over(Protocol::Udp));
    fixture.move_to(Location::OtherHost);
    assert!(fixture.choice.is_remote(this()));
}
