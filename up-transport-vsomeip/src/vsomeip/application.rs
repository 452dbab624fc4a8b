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

//! The vsomeip application: the trait that the transport calls, which tests mock, and the thread that
//! runs it.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use vsomeip_sys::callback::{
    AvailabilityCallback, MessageHandlerFn, OfferedServicesCallback, SubscriptionCallback,
    SubscriptionStatusCallback,
};
use vsomeip_sys::{
    Application, Error, EventId, EventType, EventgroupId, Header, MajorVersion, Message, MethodId,
    MinorVersion, Reliability, RequestId,
};

use crate::events::EventOptions;
use crate::mapping::outbound::ResponseKind;
use crate::mapping::uri::ServiceInstance;

const OFFERED_MINOR: MinorVersion = MinorVersion(0);

/// The calls that the transport makes to a vsomeip application.
#[cfg_attr(test, mockall::automock)]
pub(crate) trait SomeIp: Send + Sync {
    fn offer_service(&self, service: ServiceInstance, version: MajorVersion) -> Result<(), Error>;
    fn stop_offer_service(
        &self,
        service: ServiceInstance,
        version: MajorVersion,
    ) -> Result<(), Error>;

    /// Asks which services applications on the routing manager's host offer.
    fn ask_for_offered_services(&self, callback: OfferedServicesCallback) -> Result<(), Error>;

    /// Requests a service in any version; `callback` gets its availability. The instance may be a
    /// wildcard.
    fn request_service(
        &self,
        service: ServiceInstance,
        callback: AvailabilityCallback,
    ) -> Result<(), Error>;
    fn release_service(&self, service: ServiceInstance) -> Result<(), Error>;

    fn offer_event(
        &self,
        service: ServiceInstance,
        event: EventId,
        options: &EventOptions,
    ) -> Result<(), Error>;
    fn stop_offer_event(&self, service: ServiceInstance, event: EventId) -> Result<(), Error>;

    /// Registers `callback`, which decides whether a subscription to an own eventgroup is accepted.
    fn watch_subscribers(
        &self,
        service: ServiceInstance,
        group: EventgroupId,
        callback: SubscriptionCallback,
    ) -> Result<(), Error>;
    fn ignore_subscribers(
        &self,
        service: ServiceInstance,
        group: EventgroupId,
    ) -> Result<(), Error>;

    /// Requests an event, which vsomeip requires before it delivers it. Must not be repeated before
    /// [`release_event`](Self::release_event).
    fn request_event(
        &self,
        service: ServiceInstance,
        event: EventId,
        eventgroups: &[EventgroupId],
        event_type: EventType,
    ) -> Result<(), Error>;
    fn release_event(&self, service: ServiceInstance, event: EventId) -> Result<(), Error>;

    /// Subscribes to a requested event.
    fn subscribe(
        &self,
        service: ServiceInstance,
        version: MajorVersion,
        event: EventId,
        options: &EventOptions,
        callback: SubscriptionStatusCallback,
    ) -> Result<(), Error>;
    fn unsubscribe(
        &self,
        service: ServiceInstance,
        event: EventId,
        options: &EventOptions,
    ) -> Result<(), Error>;

    fn register_handler(
        &self,
        service: ServiceInstance,
        method: MethodId,
        handler: MessageHandlerFn,
        generation: u64,
    ) -> Result<(), Error>;
    fn unregister_handler(&self, service: ServiceInstance, method: MethodId) -> Result<(), Error>;

    fn send_request(&self, header: &Header, payload: &[u8]) -> Result<RequestId, Error>;
    fn send_response(
        &self,
        request: &Message,
        kind: ResponseKind,
        payload: &[u8],
    ) -> Result<(), Error>;
    fn notify(&self, service: ServiceInstance, event: EventId, payload: &[u8])
        -> Result<(), Error>;
}

impl SomeIp for Application {
    fn offer_service(&self, service: ServiceInstance, version: MajorVersion) -> Result<(), Error> {
        self.offer_service(service.service, service.instance, version, OFFERED_MINOR)
    }

    fn stop_offer_service(
        &self,
        service: ServiceInstance,
        version: MajorVersion,
    ) -> Result<(), Error> {
        self.stop_offer_service(service.service, service.instance, version, OFFERED_MINOR)
    }

    fn ask_for_offered_services(&self, callback: OfferedServicesCallback) -> Result<(), Error> {
        self.ask_for_offered_services(callback)
    }

    fn request_service(
        &self,
        service: ServiceInstance,
        callback: AvailabilityCallback,
    ) -> Result<(), Error> {
        let ServiceInstance { service, instance } = service;
        self.register_availability_handler(service, instance, MajorVersion::ANY, callback)?;
        self.request_service(service, instance, MajorVersion::ANY, MinorVersion::ANY)
    }

    fn release_service(&self, service: ServiceInstance) -> Result<(), Error> {
        let ServiceInstance { service, instance } = service;
        self.release_service(service, instance)?;
        self.unregister_availability_handler(service, instance, MajorVersion::ANY)
    }

    fn offer_event(
        &self,
        service: ServiceInstance,
        event: EventId,
        options: &EventOptions,
    ) -> Result<(), Error> {
        self.offer_event(
            service.service,
            service.instance,
            event,
            &options.eventgroups,
            options.event_type(),
            Reliability::Unspecified,
        )
    }

    fn stop_offer_event(&self, service: ServiceInstance, event: EventId) -> Result<(), Error> {
        self.stop_offer_event(service.service, service.instance, event)
    }

    fn watch_subscribers(
        &self,
        service: ServiceInstance,
        group: EventgroupId,
        callback: SubscriptionCallback,
    ) -> Result<(), Error> {
        self.register_subscription_handler(service.service, service.instance, group, callback)
    }

    fn ignore_subscribers(
        &self,
        service: ServiceInstance,
        group: EventgroupId,
    ) -> Result<(), Error> {
        self.unregister_subscription_handler(service.service, service.instance, group)
    }

    fn request_event(
        &self,
        service: ServiceInstance,
        event: EventId,
        eventgroups: &[EventgroupId],
        event_type: EventType,
    ) -> Result<(), Error> {
        let ServiceInstance { service, instance } = service;
        let reliability = Reliability::Unspecified;
        self.request_event(service, instance, event, eventgroups, event_type, reliability)
    }

    fn release_event(&self, service: ServiceInstance, event: EventId) -> Result<(), Error> {
        self.release_event(service.service, service.instance, event)
    }

    fn subscribe(
        &self,
        service: ServiceInstance,
        version: MajorVersion,
        event: EventId,
        options: &EventOptions,
        callback: SubscriptionStatusCallback,
    ) -> Result<(), Error> {
        let ServiceInstance { service, instance } = service;
        let group = options.subscribed_group(event);
        self.register_subscription_status_handler(service, instance, group, event, callback)?;
        self.subscribe(service, instance, group, version, event)
    }

    fn unsubscribe(
        &self,
        service: ServiceInstance,
        event: EventId,
        options: &EventOptions,
    ) -> Result<(), Error> {
        let ServiceInstance { service, instance } = service;
        let group = options.subscribed_group(event);
        self.unsubscribe(service, instance, group, event)?;
        self.unregister_subscription_status_handler(service, instance, group, event)
    }

    fn register_handler(
        &self,
        service: ServiceInstance,
        method: MethodId,
        handler: MessageHandlerFn,
        generation: u64,
    ) -> Result<(), Error> {
        let ServiceInstance { service, instance } = service;
        self.register_message_handler(service, instance, method, handler, generation)
    }

    fn unregister_handler(&self, service: ServiceInstance, method: MethodId) -> Result<(), Error> {
        self.unregister_message_handler(service.service, service.instance, method)
    }

    fn send_request(&self, header: &Header, payload: &[u8]) -> Result<RequestId, Error> {
        self.send_request(header, payload)
    }

    fn send_response(
        &self,
        request: &Message,
        kind: ResponseKind,
        payload: &[u8],
    ) -> Result<(), Error> {
        self.send_response(request, kind.message_type, kind.return_code, payload)
    }

    fn notify(
        &self,
        service: ServiceInstance,
        event: EventId,
        payload: &[u8],
    ) -> Result<(), Error> {
        self.notify(service.service, service.instance, event, payload, true)
    }
}

/// The thread that runs an application. Must be ended with [`stop`](Self::stop).
pub(crate) struct ApplicationThread {
    application: Arc<Application>,
    thread: JoinHandle<()>,
}

impl ApplicationThread {
    /// Runs `application` on a new thread.
    ///
    /// # Errors
    ///
    /// Fails if no thread can be started.
    pub(crate) fn start(application: Arc<Application>) -> std::io::Result<Self> {
        let running = application.clone();
        let thread = thread::Builder::new().name("vsomeip-io".to_owned()).spawn(move || {
            if let Err(error) = running.run() {
                log::error!("the vsomeip application ended: {error}");
            }
        })?;
        Ok(Self { application, thread })
    }

    /// Deregisters the application and joins its threads. Takes as long as the routing manager
    /// needs to confirm, up to vsomeip's `shutdown_timeout` (5 s) if it does not.
    pub(crate) fn stop(self) {
        if let Err(error) = self.application.clear_all_handlers() {
            log::warn!("cannot clear the handlers of the vsomeip application: {error}");
        }
        if let Err(error) = self.application.stop() {
            log::warn!("cannot stop the vsomeip application: {error}");
        }
        if self.thread.join().is_err() {
            log::warn!("the thread of the vsomeip application panicked");
        }
        // Passes on vsomeip's last log lines.
        vsomeip_sys::logging::flush();
    }
}
