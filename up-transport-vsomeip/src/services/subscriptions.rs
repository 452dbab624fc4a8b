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

//! The subscriptions to events of a service, and their status.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use vsomeip_sys::callback::SubscriptionStatusCallback;
use vsomeip_sys::{Error, EventId, EventgroupId, MajorVersion};

use crate::events::EventOptions;
use crate::mapping::uri::ServiceInstance;
use crate::services::needed_versions::NeededVersions;
use crate::services::requested::RequestedEvents;
use crate::services::values::LastValues;
use crate::services::Environment;

pub(super) struct Subscriptions {
    service: ServiceInstance,
    environment: Arc<Environment>,
    values: Arc<LastValues>,
    by_event: FxHashMap<EventId, NeededVersions>,
    requested: RequestedEvents,
}

/// The provider of a service's events.
#[derive(Clone, Copy)]
pub(super) enum Provider {
    /// Another application, as far as is known.
    Other,
    /// This transport, with the version of its offer, if any. vsomeip must not subscribe to such events: it
    /// would lose the subscriptions of others, or its routing manager would send each event twice.
    Own(Option<MajorVersion>),
}

/// A subscription in vsomeip.
pub(crate) struct Wanted {
    service: ServiceInstance,
    version: Option<MajorVersion>,
    event: EventId,
    options: EventOptions,
}

impl Subscriptions {
    pub(super) fn new(
        service: ServiceInstance,
        environment: Arc<Environment>,
        values: Arc<LastValues>,
    ) -> Self {
        let requested = RequestedEvents::new(service, environment.clone());
        Self { service, environment, values, by_event: FxHashMap::default(), requested }
    }

    /// Adds a needed version of an event, and subscribes to the event if necessary.
    pub(super) fn need(
        &mut self,
        version: MajorVersion,
        event: EventId,
        provider: Provider,
    ) -> Result<(), Error> {
        self.by_event.entry(event).or_default().add(version);
        let result = self.update_one(event, provider);
        if result.is_err() {
            // Undone; a second error would not add anything.
            let _ = self.no_longer_need(version, event, provider);
        }
        result
    }

    pub(super) fn no_longer_need(
        &mut self,
        version: MajorVersion,
        event: EventId,
        provider: Provider,
    ) -> Result<(), Error> {
        let Some(versions) = self.by_event.get_mut(&event) else { return Ok(()) };
        versions.remove(version);
        let is_needed = versions.is_needed();
        let result = self.update_one(event, provider);
        if !is_needed {
            self.by_event.remove(&event);
            self.environment.monitor.remove_subscription(self.service, event);
        }
        result
    }

    /// Updates all subscriptions to the available version and the provider.
    pub(super) fn update(&mut self, provider: Provider) {
        let events: Vec<_> = self.by_event.keys().copied().collect();
        for event in events {
            if let Err(error) = self.update_one(event, provider) {
                let service = self.service;
                log::warn!(
                    service:% = service, event:% = event;
                    "event {event} of service {service} cannot be subscribed to: {error}"
                );
            }
        }
    }

    /// Subscribes to the wanted version of an event, if any. The events of this transport reach its
    /// listeners without a subscription.
    fn update_one(&mut self, event: EventId, provider: Provider) -> Result<(), Error> {
        let Some(versions) = self.by_event.get(&event) else { return Ok(()) };
        let offered = match provider {
            Provider::Other => {
                let wanted = versions.wanted(self.environment.monitor.version_of(self.service));
                return self.subscribe_in(wanted, event);
            }
            Provider::Own(version) => version,
        };
        let is_needed = versions.is_needed();
        let is_served = offered.is_some_and(|version| versions.is_needed_in(version));
        self.subscribe_in(None, event)?;
        let monitor = &self.environment.monitor;
        if is_served {
            monitor.add_own_subscription(self.service, event);
        } else if is_needed {
            monitor.add_subscription(self.service, event);
        }
        Ok(())
    }

    /// Changes the version of vsomeip's subscription, or ends it.
    fn subscribe_in(&mut self, wanted: Option<MajorVersion>, event: EventId) -> Result<(), Error> {
        let Some(versions) = self.by_event.get_mut(&event) else { return Ok(()) };
        if wanted == versions.subscribed {
            return Ok(());
        }
        let options = self.environment.events.options_of(self.service, event);
        if versions.subscribed.take().is_some() {
            self.end(event, &options)?;
        }
        if let Some(version) = wanted {
            self.begin(version, event, &options).inspect_err(|_| self.values.forget(event))?;
        } else {
            self.values.forget(event);
        }
        if let Some(versions) = self.by_event.get_mut(&event) {
            versions.subscribed = wanted;
        }
        Ok(())
    }

    fn begin(
        &mut self,
        version: MajorVersion,
        event: EventId,
        options: &EventOptions,
    ) -> Result<(), Error> {
        let service = self.service;
        let Environment { application, monitor, .. } = &*self.environment;
        if options.is_field {
            self.values.track_in(version, event);
        }
        monitor.add_subscription(service, event);
        let wanted = Wanted { service, version: Some(version), event, options: options.clone() };
        if monitor.static_routes().contains(service) {
            self.refuse(&wanted);
        }
        self.requested.request(event)?;
        let callback = self.watch(wanted);
        application.subscribe(service, version, event, options, callback).inspect_err(|_| {
            let _ = self.requested.release(event);
        })
    }

    fn end(&mut self, event: EventId, options: &EventOptions) -> Result<(), Error> {
        let Environment { application, monitor, .. } = &*self.environment;
        monitor.remove_subscription(self.service, event);
        let result = application.unsubscribe(self.service, event, options);
        result.and(self.requested.release(event))
    }

    /// Marks a subscription as refused, since vsomeip subscribes to other hosts only by service discovery,
    /// and does not report that.
    fn refuse(&self, wanted: &Wanted) {
        let Environment { monitor, counters, .. } = &*self.environment;
        monitor.set_subscribed(
            wanted.service,
            wanted.event,
            false,
            &counters.subscriptions_refused,
        );
        log::warn!(
            service:% = wanted.service, event:% = wanted.event;
            "event {} of service {} cannot be subscribed to: the service is on another host, and service \
             discovery is disabled. Enable `service-discovery` in vsomeip's configuration, or have the \
             service send notifications as requests without return",
            wanted.event,
            wanted.service
        );
    }

    fn watch(&self, wanted: Wanted) -> SubscriptionStatusCallback {
        let Environment { monitor, counters, .. } = &*self.environment;
        let (monitor, counters) = (monitor.clone(), counters.clone());
        SubscriptionStatusCallback::new(move |_, _, _, _, status| {
            let refusals = &counters.subscriptions_refused;
            if monitor.set_subscribed(wanted.service, wanted.event, status == 0, refusals) {
                log::warn!(service:% = wanted.service, event:% = wanted.event; "the service has refused {wanted}");
            }
        })
    }

    /// The subscription to an event, if there is one.
    pub(super) fn wanted(&self, event: EventId) -> Option<Wanted> {
        let version = self.by_event.get(&event)?.subscribed;
        let options = self.environment.events.options_of(self.service, event);
        Some(Wanted { service: self.service, version, event, options })
    }
}

impl std::fmt::Display for Wanted {
    /// Describes the subscription, and what to check if it fails.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { service, version, event, options } = self;
        let group: EventgroupId = options.subscribed_group(*event);
        write!(formatter, "the subscription to event {event} of eventgroup {group} of {service}")?;
        if let Some(version) = version {
            write!(formatter, " in version {}", version.0)?;
        }
        let protocol = match options.is_reliable {
            Some(true) => "TCP",
            Some(false) => "UDP",
            None => "UDP or TCP, whichever the service has",
        };
        write!(
            formatter,
            " over {protocol}; check that the service has the event in this eventgroup (`eventgroups` \
             in its configuration and in that of this application), in this version and over this \
             protocol (`is_reliable` and its ports), and that any policies in `security` allow it"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::service;

    #[test]
    fn description_names_what_to_check() {
        let options = EventOptions::in_groups(&[5, 6]).over_tcp(Some(true));
        let (service, event) = (service(0x5310, 1), EventId(0x8001));
        let wanted = Wanted { service, version: Some(MajorVersion(3)), event, options };
        let text = wanted.to_string();
        for part in [
            "event 8001",
            "eventgroup 0005",
            "5310",
            "version 3",
            "TCP",
            "`eventgroups`",
            "`security`",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let options = EventOptions::in_groups(&[5]);
        let text = Wanted { version: None, options, ..wanted }.to_string();
        assert!(text.contains("UDP or TCP") && !text.contains("version 3"), "{text}");
    }
}
