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

//! The events of a service that are requested in vsomeip: those that are subscribed to, and the fields
//! that arrive with them. vsomeip keeps the values of requested events only, and an ECU sends those of
//! all fields of an eventgroup once, with the first subscription to it.

use rustc_hash::FxHashMap;
use vsomeip_sys::{Error, EventId};

use crate::events::EventOptions;
use crate::mapping::uri::ServiceInstance;
use crate::services::Environment;

/// For how many subscriptions each event is requested.
#[derive(Default)]
pub(super) struct RequestedEvents(FxHashMap<EventId, usize>);

/// An event that is subscribed to, and the fields that arrive with it.
fn arriving(
    service: ServiceInstance,
    event: EventId,
    options: &EventOptions,
    environment: &Environment,
) -> Vec<EventId> {
    let group = options.subscribed_group(event);
    let fields = environment.events.fields_of(service, group).filter(|field| *field != event);
    std::iter::once(event).chain(fields).collect()
}

impl RequestedEvents {
    /// Requests what arrives with an event.
    pub(super) fn request(
        &mut self,
        service: ServiceInstance,
        event: EventId,
        options: &EventOptions,
        environment: &Environment,
    ) -> Result<(), Error> {
        let Environment { application, events, monitor, .. } = environment;
        for event in arriving(service, event, options, environment) {
            let count = self.0.entry(event).or_default();
            *count += 1;
            if *count == 1 {
                let options = events.options_of(service, event);
                let event_type = options.requested_type(monitor.is_available(service));
                application.request_event(service, event, &options.eventgroups, event_type)?;
            }
        }
        Ok(())
    }

    /// Releases what nobody needs any more.
    pub(super) fn release(
        &mut self,
        service: ServiceInstance,
        event: EventId,
        options: &EventOptions,
        environment: &Environment,
    ) -> Result<(), Error> {
        let mut result = Ok(());
        for event in arriving(service, event, options, environment) {
            let Some(count) = self.0.get_mut(&event) else { continue };
            *count -= 1;
            if *count == 0 {
                self.0.remove(&event);
                result = result.and(environment.application.release_event(service, event));
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vsomeip_sys::EventType;

    use super::*;
    use crate::events::Events;
    use crate::testing::{environment, service};
    use crate::vsomeip::application::MockSomeIp;

    const FIELDS: [EventId; 2] = [EventId(0x8001), EventId(0x8002)];
    const EVENT: EventId = EventId(0x8003);

    /// Group 5 has two fields and an event.
    fn events() -> Events {
        let mut events = Events::default();
        for event in FIELDS {
            events.insert(service(1, 1), event, EventOptions::in_groups(&[5]).field());
        }
        events.insert(service(1, 1), EVENT, EventOptions::in_groups(&[5]));
        events
    }

    #[test]
    fn fields_of_group_are_requested_while_one_event_is() {
        let mut application = MockSomeIp::new();
        for event in FIELDS {
            let is_it = move |asked: &EventId, event_type: EventType| {
                *asked == event && event_type == EventType::Field
            };
            let request = application.expect_request_event().once();
            request.withf(move |_, asked, _, event_type| is_it(asked, *event_type));
            request.returning(|_, _, _, _| Ok(()));
            let release = application.expect_release_event().once();
            release.withf(move |_, asked| *asked == event).returning(|_, _| Ok(()));
        }
        application.expect_request_event().once().returning(|_, event, _, event_type| {
            assert_eq!((event, event_type), (EVENT, EventType::Unspecified));
            Ok(())
        });
        application.expect_release_event().once().returning(|_, event| {
            assert_eq!(event, EVENT);
            Ok(())
        });
        let mut environment = environment(application);
        environment.events = Arc::new(events());
        let (mut requested, service) = (RequestedEvents::default(), service(1, 1));
        let options = |event| environment.events.options_of(service, event);
        for event in [EVENT, FIELDS[0], FIELDS[1]] {
            requested.request(service, event, &options(event), &environment).unwrap();
        }
        for event in [FIELDS[0], EVENT, FIELDS[1]] {
            requested.release(service, event, &options(event), &environment).unwrap();
        }
        assert!(requested.0.is_empty());
    }
}
