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

//! Events published to listeners of the same transport.

use super::*;
use crate::testing::{idle, number_of, published};

impl Fixture {
    /// Registers the listener for a topic, too.
    pub(super) fn listen(&self, topic: &str, sink: Option<&str>) {
        let sink = sink.map(uri);
        let filter = Filter::new(&uri(topic), sink.as_ref(), "here").unwrap();
        self.routes.add(filter, self.mailbox.clone());
    }

    fn publish_to(&self, topic: &str, number: u32) {
        assert_eq!(self.send(published(topic, number)), Ok(()));
    }
}

// [utest->dsn~someip-publish-in~1]
#[tokio::test(start_paused = true)]
async fn local_listener_gets_event_as_sent() {
    let mut fixture = Fixture::new();
    fixture.listen("//here/1234/1/8001", None);
    fixture.publish_to("//here/1234/1/8002", 1);
    fixture.publish_to("/11234/1/8001", 2);
    let event = next(&mut fixture.responses).await;
    assert!(event.is_publish());
    assert_eq!(event.source_unchecked(), &uri("//here/1234/1/8001"));
    assert_eq!(number_of(&event), 2);
    idle().await;
    assert_eq!(fixture.responses.try_recv(), Err(TryRecvError::Empty));
    let notified = fixture.vsomeip.calls().into_iter();
    assert_eq!(notified.filter(|call| matches!(call, Call::Notify(..))).count(), 2);
}

// [utest->dsn~someip-notification-in~1]
#[tokio::test(start_paused = true)]
async fn local_listener_gets_event_as_notification() {
    let mut fixture = Fixture::new();
    fixture.listen("//here/1234/1/8001", Some("//here/9/1/0"));
    fixture.publish_to("//here/1234/1/8001", 1);
    let notification = next(&mut fixture.responses).await;
    assert!(notification.is_notification());
    assert_eq!(notification.sink_unchecked(), &uri("//here/9/1/0"));
}

#[tokio::test(start_paused = true)]
async fn listener_of_other_authority_gets_no_event() {
    let mut fixture = Fixture::new();
    fixture.listen("//ecu/1234/1/8001", None);
    fixture.listen("//*/FFFFFFFF/2/FFFF", None);
    fixture.publish_to("//here/1234/1/8001", 1);
    idle().await;
    assert_eq!(fixture.responses.try_recv(), Err(TryRecvError::Empty));
}

#[tokio::test(start_paused = true)]
async fn own_field_keeps_its_value() {
    let fixture = Fixture::new();
    let value = |fixture: &Fixture| {
        let values = fixture.sender.parts.services.values(service(0x1234, 1));
        let fields: Vec<_> = values.iter().flat_map(|values| values.all()).collect();
        fields
            .iter()
            .filter_map(|field| field.lock().as_ref().map(|it| number_of(&it.event)))
            .next()
    };
    fixture.publish_to("//here/1234/1/8fff", 1);
    assert_eq!(value(&fixture), Some(1));
    fixture.publish_to("//here/1234/1/8001", 2);
    assert_eq!(value(&fixture), Some(1));
    fixture.publish_to("//here/1234/1/8fff", 3);
    assert_eq!(value(&fixture), Some(3));
}
