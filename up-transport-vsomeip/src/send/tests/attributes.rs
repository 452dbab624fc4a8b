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
//! Messages that carry their attributes.

use super::*;
use crate::mapping::trailer::{self, Carried};
use crate::options::CarriedAttributes;

fn carrying(service: u16, options: Options) -> Fixture {
    let carried = CarriedAttributes { services: [(service, None)].into(), all: false };
    let fixture = Fixture::with_options(Options { carried, ..options });
    fixture.monitor.set_available(this(), AVAILABLE, || true);
    fixture
}

/// A message of each type of service 1234, with attributes that SOME/IP cannot carry.
fn messages(fixture: &Fixture) -> [UMessage; 4] {
    let format = UPayloadFormat::UPAYLOAD_FORMAT_TEXT;
    [
        UMessageBuilder::publish(uri("/21234/3/8001")),
        UMessageBuilder::notification(uri("//here/5678/1/8001"), uri("//ecu/21234/3/0")),
        UMessageBuilder::request(uri(METHOD_URI), uri(OWN), TTL),
        response_to(&fixture.receive_request()),
    ]
    .map(|mut builder| {
        builder.with_traceparent("trace").with_ttl(TTL);
        let mut message = builder.build_with_payload("x", format).unwrap();
        message.attributes.as_mut().unwrap().token = Some("secret".to_owned());
        message
    })
}

/// The bytes that were sent.
fn sent(fixture: &Fixture) -> Vec<Bytes> {
    let sent = fixture.vsomeip.calls().into_iter().filter_map(|call| match call {
        Call::SendRequest(_, payload)
        | Call::SendResponse(_, payload)
        | Call::Notify(_, _, payload) => Some(payload.into()),
        _ => None,
    });
    sent.collect()
}

// [utest->dsn~someip-carried-attributes~1]
#[tokio::test(start_paused = true)]
async fn every_kind_of_message_carries_its_attributes() {
    // Regardless of any agreed format.
    let payload_format = UPayloadFormat::UPAYLOAD_FORMAT_PROTOBUF;
    let fixture = carrying(0x1234, Options { payload_format, ..Options::default() });
    for message in messages(&fixture) {
        let expected = message.attributes.clone().unwrap();
        assert_eq!(fixture.send(message), Ok(()));
        let [wire] = &sent(&fixture)[..] else { panic!("one message") };
        let Carried { payload, format, attributes } = trailer::split(wire.clone()).unwrap();
        assert_eq!(payload, Some(Bytes::from_static(b"x")));
        assert_eq!(format, UPayloadFormat::UPAYLOAD_FORMAT_TEXT);
        assert_eq!(attributes.id, expected.id);
        assert_eq!(attributes.priority, expected.priority);
        assert_eq!(attributes.ttl, Some(TTL));
        assert_eq!(attributes.traceparent.as_deref(), Some("trace"));
        assert_eq!(attributes.token.as_deref(), Some("secret"));
        let mut source = expected.source.unwrap();
        source.authority_name = "here".to_owned();
        assert_eq!(attributes.source.unwrap(), source);
    }
}

// [utest->dsn~someip-carried-attributes~1]
#[tokio::test(start_paused = true)]
async fn messages_of_other_services_carry_nothing() {
    for service in [0x5678, 0x1235] {
        let fixture = carrying(service, Options::default());
        for message in messages(&fixture) {
            assert_eq!(fixture.send(message), Ok(()));
            assert_eq!(sent(&fixture), [Bytes::from_static(b"x")]);
        }
    }
    // In event mode, a notification belongs to the source's service.
    let notifications = NotificationMode::Event;
    let fixture = carrying(0x5678, Options { notifications, ..Options::default() });
    let [_, notification, ..] = messages(&fixture);
    assert_eq!(fixture.send(notification), Ok(()));
    assert!(trailer::is_at_end_of(&sent(&fixture)[0]));
}

// [utest->dsn~someip-carried-attributes~1]
#[tokio::test(start_paused = true)]
async fn local_listener_gets_carried_attributes() {
    let mut fixture = carrying(0x1234, Options::default());
    fixture.listen("//here/21234/3/8001", None);
    for payload in [None, Some(Bytes::new()), Some(Bytes::from_static(b"x"))] {
        let [mut message, ..] = messages(&fixture);
        message.payload = payload;
        if message.payload.is_none() {
            message.attributes.as_mut().unwrap().payload_format = Default::default();
        }
        assert_eq!(fixture.send(message.clone()), Ok(()));
        let source = message.attributes.as_mut().unwrap().source.as_mut().unwrap();
        source.authority_name = "here".to_owned();
        assert_eq!(next(&mut fixture.responses).await, message);
    }
}

// [utest->dsn~someip-carried-attributes~1]
// [utest->dsn~someip-payload-size~1]
#[tokio::test(start_paused = true)]
async fn attributes_count_for_payload_limits() {
    let fixture = carrying(0x1234, Options::default());
    let available = [this()].into();
    fixture.monitor.set_offered(Default::default(), &available);
    let request = |size| {
        UMessageBuilder::request(uri(METHOD_URI), uri(OWN), TTL)
            .build_with_payload(vec![0; size], UPayloadFormat::UPAYLOAD_FORMAT_RAW)
            .unwrap()
    };
    assert_eq!(fixture.send(request(100)), Ok(()));
    let trailer = sent(&fixture)[0].len() - 100;
    assert_eq!(fixture.send(request(1_400 - trailer)), Ok(()));
    assert_eq!(fixture.send(request(1_401 - trailer)), Err(UCode::INVALID_ARGUMENT));
    let mut with_long_token = request(0);
    with_long_token.attributes.as_mut().unwrap().token = Some("t".repeat(4_096));
    assert_eq!(fixture.send(with_long_token), Err(UCode::INVALID_ARGUMENT));
}
