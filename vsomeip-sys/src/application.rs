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

/// A vsomeip application: one participant of the routing manager's network.
///
/// Every method may be called from any thread and from any callback. What is offered, requested or
/// subscribed to before the application is registered is kept by vsomeip and announced then, and
/// again whenever the routing manager returns; only [`send_request`](Self::send_request) and
/// [`send_response`](Self::send_response) are lost without a word while there is none.
///
/// Dropping it releases the handle. A running [`run`](Self::run) keeps vsomeip's side alive until
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
    /// vsomeip 3.4.10 reads one configuration per process, the one of the first application. A
    /// configuration that it cannot read is replaced by defaults without an error, and the
    /// variables `VSOMEIP_CONFIGURATION…` take precedence over `configuration`. How many threads call
    /// back if it does not say so, [`has_one_dispatcher_by_default`](crate::has_one_dispatcher_by_default)
    /// tells.
    ///
    /// # Errors
    ///
    /// Fails if the loaded vsomeip is of another version than the one this crate was compiled
    /// against, if the name is taken in this process, if vsomeip's plugins cannot be loaded, if the
    /// path is not UTF-8, and if the application is configured as the routing manager host while
    /// another process is that host.
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
            // Why it failed may be in what vsomeip has logged: the process may end with this error.
            .inspect_err(|_| logging::flush())
            .map_err(Error::thrown(operation))?;
        exit::register();
        Ok(Self { handle: Handle::new(handle) })
    }

    /// Whether this process has an application with the name.
    pub fn exists(name: &str) -> bool {
        exit::CREATION.enter().is_ok_and(|_pass| bridge::has_application(name))
    }

    /// The client id; before the application is registered it may be unset (0xffff).
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

    /// Ends [`run`](Self::run) and waits until its I/O has ended. Before `run`, it waits until that
    /// is called (vsomeip up to 3.5.0), a second at most, or not at all (3.6.3 and later).
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

    /// Requests a service, so that its availability is reported and it can be called.
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

    /// Requests an event in the given groups; without this a subscription delivers nothing.
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

    /// Sends a request and returns the id that vsomeip has given it. The response may arrive before
    /// this returns.
    ///
    /// The payload is copied once. vsomeip reports nothing back: to a service that is not
    /// available, the request is lost.
    pub fn send_request(&self, header: &Header, payload: &[u8]) -> Result<RequestId, Error> {
        bridge::send_request(&*self.handle.enter()?, header, payload)
            .map(RequestId)
            .map_err(Error::thrown("send_request"))
    }

    /// Answers a received request: the response has its client and session id, service, instance,
    /// method, version and transport protocol.
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

    /// Sends an event to its subscribers. A field is sent only if its value changes or with `force`.
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
