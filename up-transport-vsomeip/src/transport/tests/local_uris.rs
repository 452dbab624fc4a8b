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

//! URIs without an authority are local, for filters as for messages.

use super::*;

#[tokio::test(start_paused = true)]
async fn filter_without_authority_is_local() {
    let (fixture, (listener, mut inbox)) = (Fixture::new(), inbox());
    fixture.register("/9/2/8001", None, &listener).await.unwrap();
    fixture.calls();
    fixture.register("//here/9/2/8001", None, &listener).await.unwrap();
    assert_eq!(fixture.calls(), []);
    assert!(fixture.deliver(OWN_TOPIC, 1));
    assert!(!fixture.deliver("//ecu/9/2/8001", 2));
    assert_eq!(numbers(&mut inbox, 1).await, [1]);
    idle().await;
    assert!(is_empty(&mut inbox));
    assert_eq!(fixture.unregister("//here/9/2/8001", None, &listener).await, Ok(()));
    assert_eq!(fixture.unregister("/9/2/8001", None, &listener).await, Err(UCode::NOT_FOUND));
}

#[tokio::test(start_paused = true)]
async fn response_reaches_source_without_authority() {
    for (source, sink) in [("/9/2/0", OWN), (OWN, "/9/2/0"), ("/9/2/0", "/9/2/0")] {
        let (fixture, (listener, mut responses)) = (Fixture::new(), inbox());
        fixture.register("//ecu/21234/3/421", Some(sink), &listener).await.unwrap();
        let request = UMessageBuilder::request(uri("//ecu/21234/3/421"), uri(source), 1_000);
        fixture.send(request.build().unwrap()).await.unwrap();
        fixture.stages().sender.close();
        assert!(next(&mut responses).await.is_response(), "{source} {sink}");
    }
}

#[tokio::test(start_paused = true)]
async fn own_messages_need_no_authority() {
    let fixture = Fixture::new();
    let payload = 1_u32.to_be_bytes();
    for topic in ["/9/2/8001", OWN_TOPIC] {
        fixture.send(published(topic, 1)).await.unwrap();
        let notified = Call::Notify(service(9, 1), EventId(0x8001), payload.into());
        assert_eq!(fixture.calls().pop(), Some(notified), "{topic}");
    }
}
