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

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const OWN: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 77, 0, 1));
const ECU: [u8; 4] = [10, 77, 0, 2];
const BOTH: Protocols = Protocols { udp: true, tcp: true };

fn this() -> ServiceInstance {
    ServiceInstance { service: ServiceId(0x5310), instance: InstanceId(1) }
}

/// An entry that refers to two runs of options.
fn entry(kind: u8, ttl: u8, [first, second, counts]: [u8; 3]) -> Vec<u8> {
    vec![kind, first, second, counts, 0x53, 0x10, 0, 1, 3, 0, 0, ttl, 0, 0, 0, 0]
}

fn ipv4(address: [u8; 4], protocol: u8) -> Vec<u8> {
    let [a, b, c, d] = address;
    vec![0, 9, IPV4_ENDPOINT, 0, a, b, c, d, 0, protocol, 0x77, 0x2d]
}

fn ipv6(protocol: u8) -> Vec<u8> {
    let mut option = vec![0, 21, IPV6_ENDPOINT, 0];
    option.extend([0xfd; 16]);
    option.extend([0, protocol, 0x77, 0x2d]);
    option
}

/// An option that is not an endpoint: a configuration string.
fn other() -> Vec<u8> {
    vec![0, 2, 0x01, 0, 0]
}

fn message_of(entries: &[Vec<u8>], options: &[Vec<u8>]) -> Vec<u8> {
    let (entries, options) = (entries.concat(), options.concat());
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_be_bytes();
    let payload =
        [&[0xc0, 0, 0, 0], &length(&entries)[..], &entries, &length(&options), &options].concat();
    let rest = [&[0, 0, 0, 1, 1, 1, 2, 0], &payload[..]].concat();
    [&SD_MESSAGE, &length(&rest)[..], &rest].concat()
}

#[test]
fn announcement_has_version_and_endpoints() {
    let options = [ipv4(ECU, UDP), other(), ipv4(ECU, TCP)];
    let found = announcements_in(&message_of(&[entry(OFFER, 3, [0, 2, 0x11])], &options));
    let endpoint = |protocol| Endpoint { address: ECU.into(), port: 30509, protocol };
    let expected = Announcement {
        service: this(),
        version: 3,
        minor_version: 0,
        endpoints: vec![endpoint(Protocol::Udp), endpoint(Protocol::Tcp)],
        lifetime: Some(Duration::from_secs(3)),
    };
    assert_eq!(found, [expected]);
    let ended = announcements_in(&message_of(&[entry(OFFER, 0, [0; 3])], &[]));
    assert_eq!(ended[0].lifetime, Some(Duration::ZERO));
}

fn offered(protocols: Protocols) -> Vec<Offer> {
    let lifetime = Some(Duration::from_secs(3));
    vec![Offer { service: this(), protocols: Some(protocols), lifetime }]
}

#[test]
fn offer_has_protocols_of_its_endpoints() {
    let (udp, tcp) = (Protocols { udp: true, tcp: false }, Protocols { udp: false, tcp: true });
    let all = [other(), ipv4(ECU, UDP), ipv6(TCP), ipv4(ECU, TCP)];
    for (options, expected) in [
        ([1, 0, 0x10], udp),
        ([2, 0, 0x10], tcp),
        ([3, 0, 0x10], tcp),
        ([0, 0, 0x20], udp),
        ([1, 0, 0x30], BOTH),
        ([1, 3, 0x11], BOTH),
        ([0, 1, 0x01], udp),
        // Missing options are ignored.
        ([3, 200, 0xff], tcp),
    ] {
        let datagram = message_of(&[entry(OFFER, 3, options)], &all);
        assert_eq!(offers_in(&datagram, OWN), offered(expected), "{options:?}");
    }
}

#[test]
fn stop_offer_needs_no_endpoints() {
    let datagram = message_of(&[entry(OFFER, 0, [0, 0, 0])], &[]);
    let expected = Offer { service: this(), protocols: None, lifetime: None };
    assert_eq!(offers_in(&datagram, OWN), [expected]);
}

#[test]
fn largest_lifetime_means_forever() {
    for (ttl, expected) in [
        ([0, 0, 1], Some(Duration::from_secs(1))),
        ([0xff, 0xff, 0xfe], Some(Duration::from_secs(0x00ff_fffe))),
        ([0xff; 3], None),
    ] {
        let mut entry = entry(OFFER, 3, [0, 0, 0x10]);
        entry[9..12].copy_from_slice(&ttl);
        let offers = offers_in(&message_of(&[entry], &[ipv4(ECU, UDP)]), OWN);
        assert_eq!(offers[0].lifetime, expected, "{ttl:x?}");
    }
}

#[test]
fn entry_without_usable_endpoint_is_ignored() {
    const FIND: u8 = 0x00;
    const SUBSCRIBE: u8 = 0x06;
    let (one, own) = ([0, 0, 0x10], [10, 77, 0, 1]);
    let mut no_port = ipv4(ECU, UDP);
    no_port[10..].fill(0);
    let mut anything = entry(OFFER, 3, one);
    anything[4..8].fill(0xff);
    for (entry, option) in [
        (entry(FIND, 3, one), ipv4(ECU, UDP)),
        (entry(SUBSCRIBE, 3, one), ipv4(ECU, UDP)),
        (entry(OFFER, 3, one), ipv4(own, UDP)),
        (entry(OFFER, 3, one), ipv4(ECU, 0x84)),
        (entry(OFFER, 3, one), no_port),
        (entry(OFFER, 3, one), other()),
        (entry(OFFER, 3, [1, 0, 0x10]), ipv4(ECU, UDP)),
        (entry(OFFER, 3, [0, 0, 0]), ipv4(ECU, UDP)),
        (anything, ipv4(ECU, UDP)),
    ] {
        let datagram = message_of(std::slice::from_ref(&entry), std::slice::from_ref(&option));
        assert_eq!(offers_in(&datagram, OWN), [], "{entry:x?} {option:x?}");
    }
}

#[test]
fn several_messages_and_entries_are_read() {
    let one = message_of(&[entry(OFFER, 3, [0, 0, 0x10])], &[ipv4(ECU, UDP)]);
    let two = message_of(
        &[entry(OFFER, 3, [0, 0, 0x20]), entry(OFFER, 0, [0, 0, 0x20])],
        &[ipv4(ECU, UDP), ipv4(ECU, TCP)],
    );
    let foreign = [&[0x53, 0x10, 0x04, 0x21], &one[4..]].concat();
    let datagram = [one, foreign, two].concat();
    let protocols: Vec<_> =
        offers_in(&datagram, OWN).into_iter().map(|offer| offer.protocols).collect();
    assert_eq!(protocols, [Some(Protocols { udp: true, tcp: false }), Some(BOTH), None]);
}

#[test]
fn truncated_datagram_offers_nothing_else() {
    let whole = message_of(&[entry(OFFER, 3, [0, 1, 0x11])], &[ipv4(ECU, UDP), ipv4(ECU, TCP)]);
    for length in 0..whole.len() {
        assert_eq!(offers_in(&whole[..length], OWN), [], "{length}");
        // Even with the right outer length.
        let mut shorter = whole[..length].to_vec();
        if let Ok(rest) = u32::try_from(length.saturating_sub(8)) {
            if length >= 8 {
                shorter[4..8].copy_from_slice(&rest.to_be_bytes());
            }
        }
        assert_eq!(offers_in(&shorter, OWN), [], "{length}");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(
        bytes in vec(any::<u8>(), 0..200),
        at in 0..60_usize,
        by in any::<u8>(),
    ) {
        offers_in(&bytes, OWN);
        let options = [ipv4(ECU, UDP), ipv6(TCP)];
        let mut datagram = message_of(&[entry(OFFER, 3, [0, 0, 0x20])], &options);
        let at = at % datagram.len();
        datagram[at] = by;
        offers_in(&datagram, OWN);
        let framed = message_of(std::slice::from_ref(&bytes), std::slice::from_ref(&bytes));
        offers_in(&framed, OWN);
    }
}
