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

//! The events of a service that somebody listens to: what vsomeip is asked for, and what becomes of it.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use vsomeip_sys::callback::SubscriptionStatusCallback;
use vsomeip_sys::{Error, EventId, EventgroupId, MajorVersion};

use crate::events::EventOptions;
use crate::mapping::uri::ServiceInstance;
use crate::services::requested::RequestedEvents;
use crate::services::subscription::Versions;
use crate::services::values::LastValues;
use crate::services::Environment;

pub(super) struct Subscriptions {
    service: ServiceInstance,
    environment: Arc<Environment>,
    values: Arc<LastValues>,
    by_event: FxHashMap<EventId, Versions>,
    requested: RequestedEvents,
}

/// Who offers the events of a service.
#[derive(Clone, Copy)]
pub(super) enum Provider {
    /// Somebody else, as far as is known.
    Other,
    /// This transport, in a version as soon as the service is offered. vsomeip is not to subscribe to
    /// its events: it loses the subscriptions of others then, or its routing manager sends each event
    /// twice.
    Own(Option<MajorVersion>),
}

/// What vsomeip is asked for.
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
        let (by_event, requested) = Default::default();
        Self { service, environment, values, by_event, requested }
    }

    /// Subscribes to an event in a version, unless that is done already.
    pub(super) fn need(
        &mut self,
        version: MajorVersion,
        event: EventId,
        provider: Provider,
    ) -> Result<(), Error> {
        self.by_event.entry(event).or_default().need(version);
        let result = self.follow_one(event, provider);
        if result.is_err() {
            // As if it had not been tried; an error of that would be the same one.
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
        versions.no_longer_need(version);
        let is_needed = versions.is_needed();
        let result = self.follow_one(event, provider);
        if !is_needed {
            self.by_event.remove(&event);
            self.environment.monitor.remove_subscription(self.service, event);
        }
        result
    }

    /// Subscribes to what is needed in several versions in the one that there is now, and to nothing
    /// that is our own.
    pub(super) fn follow(&mut self, provider: Provider) {
        let events: Vec<_> = self.by_event.keys().copied().collect();
        for event in events {
            if let Err(error) = self.follow_one(event, provider) {
                let service = self.service;
                log::warn!("event {event} of service {service} cannot be subscribed to: {error}");
            }
        }
    }

    /// Sees to it that events arrive in the version that is wanted, if any. Those that are our own reach
    /// our listeners without vsomeip.
    fn follow_one(&mut self, event: EventId, provider: Provider) -> Result<(), Error> {
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

    /// Makes vsomeip subscribe in a version, or no longer.
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
        self.requested.request(service, event, options, &self.environment)?;
        let callback = self.watch(wanted);
        application.subscribe(service, version, event, options, callback).inspect_err(|_| {
            let _ = self.requested.release(service, event, options, &self.environment);
        })
    }

    fn end(&mut self, event: EventId, options: &EventOptions) -> Result<(), Error> {
        let Environment { application, monitor, .. } = &*self.environment;
        monitor.remove_subscription(self.service, event);
        let result = application.unsubscribe(self.service, event, options);
        result.and(self.requested.release(self.service, event, options, &self.environment))
    }

    /// vsomeip subscribes on other hosts by service discovery only, and is silent about it.
    fn refuse(&self, wanted: &Wanted) {
        let Environment { monitor, counters, .. } = &*self.environment;
        monitor.set_subscribed(
            wanted.service,
            wanted.event,
            false,
            &counters.subscriptions_refused,
        );
        log::warn!(
            "event {} of service {} cannot be subscribed to: it is on another host, and service \
             discovery is off. Enable `service-discovery` in vsomeip's configuration, or have the \
             service send requests without return, which are notifications",
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
                log::warn!("the service refuses {wanted}");
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
    /// What was asked for, and what to look at if it fails.
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
             in its configuration and in ours), in this version, and over this protocol \
             (`is_reliable`, and its ports), and that the policies in `security` allow it, if there \
             are any"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::service;

    #[test]
    fn subscription_is_told_with_what_to_check() {
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
