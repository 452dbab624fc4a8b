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

//! The fields of log records.

use std::collections::BTreeMap;
use std::sync::Mutex;

use log::Level;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Metadata, Subscriber};

use super::*;
use crate::testing::records::{records_of, Record};

const SECRET: &str = "a payload that is in no log";

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// What is logged as these messages are received, each with the secret as its payload.
fn received(options: Options, headers: &[Header]) -> Vec<Record> {
    let fixture = Fixture::with(options);
    records_of(|| headers.iter().for_each(|header| fixture.receive_with(header, SECRET)))
}

#[tokio::test(start_paused = true)]
async fn refused_messages_name_service_and_method() {
    let invalid = header(MessageType::Notification, METHOD);
    let response = header(MessageType::Response, METHOD);
    let mut carrying = Options::default();
    carrying.carried.all = true;
    for (options, header, level, target) in [
        (Options::default(), invalid, Level::Warn, "up_transport_vsomeip::receive"),
        (Options::default(), response, Level::Debug, "up_transport_vsomeip::receive"),
        (carrying, event(), Level::Warn, "up_transport_vsomeip::receive::mismatches"),
    ] {
        let records = received(options, &[header]);
        let [record] = &records[..] else { panic!("{records:?}") };
        assert_eq!((record.level, record.target.as_str()), (level, target));
        let method = header.method().to_string();
        assert_eq!(record.fields, fields(&[("method", &method), ("service", "1234.0001")]));
        assert!(!record.text.contains(SECRET), "{record:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn repeated_refusals_are_debug_records() {
    let invalid = header(MessageType::Notification, METHOD);
    let levels = received(Options::default(), &[invalid; 3]).into_iter().map(|it| it.level);
    assert_eq!(levels.collect::<Vec<_>>(), [Level::Warn, Level::Debug, Level::Debug]);
}

#[test]
fn network_changes_have_fields() {
    let monitor = Monitor::default();
    let version = Some(MajorVersion(3));
    let records = records_of(|| {
        monitor.set_registered(true);
        monitor.set_available(service(0x1234, 2), version, || true);
    });
    let [registered, available] = &records[..] else { panic!("{records:?}") };
    assert_eq!(registered.level, Level::Info);
    assert_eq!(registered.fields, fields(&[("registered", "true")]));
    assert_eq!(available.level, Level::Debug);
    assert_eq!(available.fields["service"], "1234.0002");
    assert!(records.iter().all(|it| it.target == "up_transport_vsomeip::network::state"));
}

/// Takes the fields of the events of `tracing`.
#[derive(Default)]
struct Events(Mutex<Vec<BTreeMap<String, String>>>);

struct Seen(BTreeMap<String, String>);

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

struct Taking(Arc<Events>);

impl Subscriber for Taking {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut seen = Seen(BTreeMap::new());
        event.record(&mut seen);
        self.0 .0.lock().unwrap().push(seen.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn records_become_events_of_tracing() {
    let events = Arc::new(Events::default());
    let response = header(MessageType::Response, METHOD);
    tracing::subscriber::with_default(Taking(events.clone()), || {
        received(Options::default(), &[response]);
    });
    let events = events.0.lock().unwrap();
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!(event["log.target"], "up_transport_vsomeip::receive");
    // The bridge leaves out the fields, so the text has what they have.
    let text = &event["message"];
    assert!(text.contains("1234") && text.contains("0421"), "{text}");
}
