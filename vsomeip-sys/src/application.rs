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

use std::path::Path;

use crate::bridge;
use crate::exit;
use crate::handle::Handle;
use crate::logging;
use crate::{
    ClientId, Error, EventId, EventType, EventgroupId, Header, InstanceId, MajorVersion, Message,
    MessageType, MinorVersion, Reliability, RequestId, ReturnCode, ServiceId,
};

/// A vsomeip application: a client of a routing manager.
///
/// Every method may be called from any thread and from any callback. vsomeip keeps offers, requests
/// and subscriptions that are made before the application is registered, and repeats them whenever the
/// routing manager returns. Messages of [`send_request`](Self::send_request) and
/// [`send_response`](Self::send_response) are silently lost while there is no routing manager.
///
/// Dropping it releases the handle. [`run`](Self::run) keeps vsomeip's object alive until
/// [`stop`](Self::stop).
///
/// # Errors
///
/// A method that returns a `Result` fails with [`Error::Exception`] if vsomeip throws, and with
/// [`Error::ProcessEnds`] once `exit` has been called or `main` has returned.
pub struct Application {
    handle: Handle,
}

/// Calls a method of the glue's class and turns what it returns into a result.
macro_rules! call {
    ($self:ident.$method:ident($($argument:expr),*)) => {{
        let call = $self.handle.enter()?;
        // SAFETY: the handle is never null (see `create`), and the method takes plain integers,
        // throws nothing and may run on any thread.
        let failure = unsafe { call.$method($($argument.into()),*) };
        Error::check(stringify!($method), &failure)
    }};
}

mod handlers;

impl Application {
    /// Creates and initialises an application. `configuration` is a file or a folder.
    ///
    /// vsomeip 3.4.10 reads one configuration per process, that of the first application. It replaces
    /// a configuration that it cannot read by defaults, without an error. The variables
    /// `VSOMEIP_CONFIGURATION…` take precedence over `configuration`. See
    /// [`has_one_dispatcher_by_default`](crate::has_one_dispatcher_by_default) for the number of
    /// dispatcher threads.
    ///
    /// # Errors
    ///
    /// Fails if another version of vsomeip is loaded than this crate was compiled against, the name is
    /// in use in this process, a plugin of vsomeip cannot be loaded, the path is not UTF-8, or another
    /// process hosts the routing manager that this application is configured to host.
    pub fn create(name: &str, configuration: Option<&Path>) -> Result<Self, Error> {
        let operation = "create_application";
        let _pass = exit::CREATION.enter()?;
        logging::warn_if_lost();
        if crate::loaded_version().is_none() {
            log::warn!(
                "the version of the loaded vsomeip is not known; built against {}",
                crate::VSOMEIP_VERSION
            );
        }
        let configuration = configuration.map_or(Ok(""), |path| {
            path.to_str().ok_or_else(|| Error::Exception {
                operation,
                text: format!("the path {} is not UTF-8", path.display()),
            })
        })?;
        if Self::exists(name) {
            return Err(Error::NameInUse(name.to_owned()));
        }
        let handle = bridge::create_application(name, configuration)
            // vsomeip may have logged the reason, and the process may exit with this error.
            .inspect_err(|_| logging::flush())
            .map_err(Error::thrown(operation))?;
        exit::register();
        Ok(Self { handle: Handle::new(handle) })
    }

    /// Whether this process has an application with the name.
    pub fn exists(name: &str) -> bool {
        exit::CREATION.enter().is_ok_and(|_pass| bridge::has_application(name))
    }

    /// The client id. May be unset (0xffff) before the application is registered.
    pub fn client(&self) -> ClientId {
        // SAFETY: the handle is never null, and the method may run on any thread.
        ClientId(unsafe { self.handle.native().client() }.into())
    }

    /// Whether it hosts the routing manager.
    pub fn is_routing(&self) -> bool {
        // SAFETY: the handle is never null, and the method may run on any thread.
        unsafe { self.handle.native().is_routing() }
    }

    /// Runs the application on the calling thread until [`stop`](Self::stop) is called.
    pub fn run(&self) -> Result<(), Error> {
        exit::register();
        self.handle.run()
    }

    /// Stops [`run`](Self::run) and waits until its I/O has ended. If called before `run`, it waits for
    /// that call, for a second at most (vsomeip up to 3.5.0), or not at all (3.6.3 and later).
    pub fn stop(&self) -> Result<(), Error> {
        call!(self.stop())
    }

    /// Offers a service.
    pub fn offer_service(
        &self,
        service: ServiceId,
        instance: InstanceId,
        major: MajorVersion,
        minor: MinorVersion,
    ) -> Result<(), Error> {
        call!(self.offer_service(service.0, instance.0, major.0, minor.0))
    }

    /// Withdraws an offer.
    pub fn stop_offer_service(
        &self,
        service: ServiceId,
        instance: InstanceId,
        major: MajorVersion,
        minor: MinorVersion,
    ) -> Result<(), Error> {
        call!(self.stop_offer_service(service.0, instance.0, major.0, minor.0))
    }

    /// Requests a service, so that it can be called and its availability is reported.
    pub fn request_service(
        &self,
        service: ServiceId,
        instance: InstanceId,
        major: MajorVersion,
        minor: MinorVersion,
    ) -> Result<(), Error> {
        call!(self.request_service(service.0, instance.0, major.0, minor.0))
    }

    /// Releases a requested service.
    pub fn release_service(&self, service: ServiceId, instance: InstanceId) -> Result<(), Error> {
        call!(self.release_service(service.0, instance.0))
    }

    /// Offers an event in the given groups.
    pub fn offer_event(
        &self,
        service: ServiceId,
        instance: InstanceId,
        event: EventId,
        eventgroups: &[EventgroupId],
        event_type: EventType,
        reliability: Reliability,
    ) -> Result<(), Error> {
        bridge::offer_event(
            &*self.handle.enter()?,
            service.0,
            instance.0,
            event.0,
            &numbers(eventgroups),
            event_type.into(),
            reliability.into(),
        )
        .map_err(Error::thrown("offer_event"))
    }

    /// Withdraws an event.
    pub fn stop_offer_event(
        &self,
        service: ServiceId,
        instance: InstanceId,
        event: EventId,
    ) -> Result<(), Error> {
        call!(self.stop_offer_event(service.0, instance.0, event.0))
    }

    /// Requests an event in the given groups, without which a subscription delivers nothing.
    pub fn request_event(
        &self,
        service: ServiceId,
        instance: InstanceId,
        event: EventId,
        eventgroups: &[EventgroupId],
        event_type: EventType,
        reliability: Reliability,
    ) -> Result<(), Error> {
        bridge::request_event(
            &*self.handle.enter()?,
            service.0,
            instance.0,
            event.0,
            &numbers(eventgroups),
            event_type.into(),
            reliability.into(),
        )
        .map_err(Error::thrown("request_event"))
    }

    /// Releases a requested event.
    pub fn release_event(
        &self,
        service: ServiceId,
        instance: InstanceId,
        event: EventId,
    ) -> Result<(), Error> {
        call!(self.release_event(service.0, instance.0, event.0))
    }

    /// Subscribes to an event of a group. The instance must be concrete.
    pub fn subscribe(
        &self,
        service: ServiceId,
        instance: InstanceId,
        eventgroup: EventgroupId,
        major: MajorVersion,
        event: EventId,
    ) -> Result<(), Error> {
        call!(self.subscribe(service.0, instance.0, eventgroup.0, major.0, event.0))
    }

    /// Ends a subscription.
    pub fn unsubscribe(
        &self,
        service: ServiceId,
        instance: InstanceId,
        eventgroup: EventgroupId,
        event: EventId,
    ) -> Result<(), Error> {
        call!(self.unsubscribe(service.0, instance.0, eventgroup.0, event.0))
    }

    /// Sends a request and returns the id that vsomeip assigned to it. The response may arrive before
    /// this returns.
    ///
    /// The payload is copied once. A request to a service that is not available is lost without an
    /// error.
    pub fn send_request(&self, header: &Header, payload: &[u8]) -> Result<RequestId, Error> {
        bridge::send_request(&*self.handle.enter()?, header, payload)
            .map(RequestId)
            .map_err(Error::thrown("send_request"))
    }

    /// Answers a received request. The response has the request's client and session id, service,
    /// instance, method, version and transport protocol.
    pub fn send_response(
        &self,
        request: &Message,
        message_type: MessageType,
        return_code: ReturnCode,
        payload: &[u8],
    ) -> Result<(), Error> {
        bridge::send_response(
            &*self.handle.enter()?,
            request.native(),
            message_type.into(),
            return_code.into(),
            payload,
        )
        .map_err(Error::thrown("send_response"))
    }

    /// Sends an event to its subscribers. A field is sent only if its value has changed, or with
    /// `force`.
    pub fn notify(
        &self,
        service: ServiceId,
        instance: InstanceId,
        event: EventId,
        payload: &[u8],
        force: bool,
    ) -> Result<(), Error> {
        bridge::notify(&*self.handle.enter()?, service.0, instance.0, event.0, payload, force)
            .map_err(Error::thrown("notify"))
    }
}

fn numbers(eventgroups: &[EventgroupId]) -> Vec<u16> {
    eventgroups.iter().map(|eventgroup| eventgroup.0).collect()
}
