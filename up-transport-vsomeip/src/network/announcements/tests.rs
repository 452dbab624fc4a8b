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

use super::*;
use crate::testing::service;

const UDP: Protocols = Protocols { udp: true, tcp: false };
const TCP: Protocols = Protocols { udp: false, tcp: true };

fn of(announcements: &Announcements) -> Option<Protocols> {
    announcements.of(service(1, 1))
}

#[test]
fn last_offer_decides() {
    let announcements = Announcements::default();
    let mut changed = announcements.watch();
    for (protocols, changes) in
        [(Some(UDP), 1), (Some(UDP), 1), (Some(TCP), 2), (None, 3), (None, 3)]
    {
        announcements.hear_offer(service(1, 1), protocols);
        assert_eq!(of(&announcements), protocols);
        assert_eq!(announcements.of(service(2, 1)), None);
        assert_eq!(announcements.changes(), changes);
    }
    assert!(changed.has_changed().unwrap());
    changed.mark_unchanged();
    announcements.hear_offer(service(1, 1), None);
    assert!(!changed.has_changed().unwrap());
}

#[test]
fn offer_expires_unless_repeated() {
    let announcements = Announcements::default();
    let (start, second) = (Instant::now(), Duration::from_secs(1));
    let offer = Offer { service: service(1, 1), protocols: Some(TCP), lifetime: Some(3 * second) };
    announcements.hear_offer(service(2, 1), Some(UDP));
    announcements.take(offer, start);
    announcements.take(offer, start + second);
    announcements.remove_expired(start + 3 * second);
    assert_eq!(of(&announcements), Some(TCP));
    announcements.remove_expired(start + 4 * second);
    assert_eq!(of(&announcements), None);
    assert_eq!(announcements.changes(), 3);
    // Offers without a lifetime stay.
    announcements.remove_expired(start + 1_000_000 * second);
    assert_eq!(announcements.of(service(2, 1)), Some(UDP));
}

#[test]
fn flood_of_offers_is_bounded() {
    let announcements = Announcements::default();
    for number in 1..=u16::MAX - 1 {
        announcements.hear_offer(service(number, 1), Some(UDP));
        assert_eq!(announcements.of(service(number, 1)), Some(UDP));
    }
    assert_eq!(announcements.known.lock().offers.len(), MAX_SERVICES);
}

#[test]
fn response_confirms_protocol_on_request() {
    let announcements = Announcements::default();
    announcements.confirm(service(1, 1), true);
    assert_eq!(of(&announcements), None);
    announcements.request_confirmation(service(1, 1));
    announcements.confirm(service(2, 1), true);
    assert_eq!(announcements.of(service(2, 1)), None);
    announcements.confirm(service(1, 1), true);
    assert_eq!(of(&announcements), Some(TCP));
    assert!(!announcements.awaits_confirmation.load(Ordering::Relaxed));
    announcements.confirm(service(1, 1), false);
    assert_eq!(of(&announcements), Some(TCP));
}

#[test]
fn offer_overrides_confirmation() {
    let announcements = Announcements::default();
    announcements.request_confirmation(service(1, 1));
    announcements.hear_offer(service(1, 1), Some(UDP));
    announcements.confirm(service(1, 1), true);
    assert_eq!(of(&announcements), Some(UDP));
    announcements.request_confirmation(service(1, 1));
    assert!(!announcements.awaits_confirmation.load(Ordering::Relaxed));
}

#[test]
fn confirmation_ends_when_service_goes() {
    let announcements = Announcements::default();
    for number in [1, 2, 3] {
        announcements.request_confirmation(service(number, 1));
    }
    announcements.confirm(service(1, 1), true);
    announcements.confirm(service(2, 1), true);
    announcements.forget_confirmations(|gone| gone != service(2, 1));
    assert_eq!(of(&announcements), None);
    assert_eq!(announcements.of(service(2, 1)), Some(TCP));
    announcements.confirm(service(3, 1), true);
    assert_eq!(announcements.of(service(3, 1)), None);
    let changes = announcements.changes();
    announcements.forget_confirmations(|gone| gone != service(2, 1));
    assert_eq!(announcements.changes(), changes);
}

#[test]
fn group_is_shared_without_taking_unicast() {
    let own = IpAddr::from([127, 0, 0, 1]);
    // Like vsomeip's socket.
    let unicast = UdpSocket::bind((own, 0)).unwrap();
    let port = unicast.local_addr().unwrap().port();
    let address = [224, 244, 224, 245].into();
    let group = DiscoveryGroup { address, port, own, first_offer: Duration::ZERO };
    let listeners = [open(&group).unwrap(), open(&group).unwrap()];
    let sender = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
    sender.set_multicast_if_v4(&[127, 0, 0, 1].into()).unwrap();
    sender.send_to(b"unicast", &SocketAddr::new(own, port).into()).unwrap();
    sender.send_to(b"multicast", &at(&group).into()).unwrap();
    let received = |socket: &UdpSocket| {
        let mut buffer = [0; 16];
        socket.set_nonblocking(false).unwrap();
        let length = socket.recv(&mut buffer).unwrap();
        buffer[..length].to_vec()
    };
    for listener in &listeners {
        assert_eq!(received(listener), b"multicast");
    }
    assert_eq!(received(&unicast), b"unicast");
}

#[test]
fn group_without_interface_cannot_be_joined() {
    let announcements = Announcements::default();
    let (address, own) = ([224, 244, 224, 245].into(), [192, 0, 2, 1].into());
    let group = DiscoveryGroup { address, port: 30490, own, first_offer: Duration::ZERO };
    assert!(announcements.open(&group).is_none());
    assert!(!announcements.is_listening());
    // Addresses of different families.
    let group = DiscoveryGroup { own: "::1".parse().unwrap(), ..group };
    assert!(announcements.open(&group).is_none());
}
