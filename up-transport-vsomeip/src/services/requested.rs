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

//! Requests events of a service in vsomeip: those subscribed to, and the other fields of their eventgroups.
//! vsomeip keeps the values of requested fields only, and an ECU sends all fields of an eventgroup once,
//! with the first subscription.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use vsomeip_sys::{Error, EventId};

use crate::mapping::uri::ServiceInstance;
use crate::services::Environment;

pub(super) struct RequestedEvents {
    service: ServiceInstance,
    environment: Arc<Environment>,
    /// The number of subscriptions that each event is requested for.
    counts: FxHashMap<EventId, usize>,
}

impl RequestedEvents {
    pub(super) fn new(service: ServiceInstance, environment: Arc<Environment>) -> Self {
        Self { service, environment, counts: FxHashMap::default() }
    }

    /// Requests an event, and the fields that arrive with it.
    pub(super) fn request(&mut self, event: EventId) -> Result<(), Error> {
        for event in self.arriving_with(event) {
            let count = self.counts.entry(event).or_default();
            *count += 1;
            if *count == 1 {
                let (service, environment) = (self.service, &self.environment);
                let options = environment.events.options_of(service, event);
                let event_type = options.requested_type(environment.monitor.is_available(service));
                let groups = &options.eventgroups;
                environment.application.request_event(service, event, groups, event_type)?;
            }
        }
        Ok(())
    }

    /// Releases an event, and the fields that arrive with it, unless other subscriptions need them.
    pub(super) fn release(&mut self, event: EventId) -> Result<(), Error> {
        let mut result = Ok(());
        for event in self.arriving_with(event) {
            let Some(count) = self.counts.get_mut(&event) else { continue };
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&event);
                let released = self.environment.application.release_event(self.service, event);
                result = result.and(released);
            }
        }
        result
    }

    /// An event, and the fields of its eventgroup.
    fn arriving_with(&self, event: EventId) -> Vec<EventId> {
        let events = &self.environment.events;
        let group = events.options_of(self.service, event).subscribed_group(event);
        let fields = events.fields_of(self.service, group).filter(|field| *field != event);
        std::iter::once(event).chain(fields).collect()
    }
}

#[cfg(test)]
mod tests {
    use vsomeip_sys::EventType;

    use super::*;
    use crate::events::{EventOptions, Events};
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
    fn fields_are_requested_with_events_of_group() {
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
        let mut requested = RequestedEvents::new(service(1, 1), Arc::new(environment));
        for event in [EVENT, FIELDS[0], FIELDS[1]] {
            requested.request(event).unwrap();
        }
        for event in [FIELDS[0], EVENT, FIELDS[1]] {
            requested.release(event).unwrap();
        }
        assert!(requested.counts.is_empty());
    }
}
