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

//! Responses to requests of this transport.

use super::*;

// [utest->dsn~someip-response-in~1]
#[tokio::test(start_paused = true)]
async fn response_comes_from_called_method() {
    let fixture = Fixture::new();
    let mut all = fixture.listen(EVERYTHING, Some(OWN));
    let mut there = fixture.listen("//brakes/1234/1/421", Some(OWN));
    let mut elsewhere = fixture.listen("//elsewhere/1234/1/421", Some(OWN));
    let (request, response) = fixture.send_request();
    fixture.receive_with(&response, "x");
    for inbox in [&mut all, &mut there] {
        let message = next(inbox).await;
        assert!(message.is_response());
        assert_eq!(message.source_unchecked(), &uri("//brakes/1234/1/421"));
        assert_eq!(message.request_id_unchecked(), request.id_unchecked());
        assert_eq!(message.payload, Some(Bytes::from_static(b"x")));
    }
    idle().await;
    assert!(is_empty(&mut elsewhere));
}

// [utest->dsn~someip-request-id~1]
#[tokio::test(start_paused = true)]
async fn stray_response_is_uncorrelated() {
    let fixture = Fixture::new();
    let mut all = fixture.listen(EVERYTHING, Some(OWN));
    let (_, response) = fixture.send_request();
    let strays = [
        Header { session: response.session + 1, ..response },
        Header { client: response.client + 1, ..response },
        Header { service: 0x5678, ..response },
        Header { instance: 2, ..response },
        Header { method: 0x0999, ..response },
    ];
    for stray in &strays {
        fixture.receive(stray);
    }
    assert_eq!((fixture.metrics().uncorrelated, fixture.outgoing.len()), (5, 1));
    fixture.receive(&response);
    fixture.receive(&response);
    next(&mut all).await;
    idle().await;
    assert!(is_empty(&mut all));
    assert_eq!((fixture.metrics().uncorrelated, fixture.outgoing.len()), (6, 0));
}
