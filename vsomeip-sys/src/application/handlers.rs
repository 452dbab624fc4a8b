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

//! Registering and unregistering the callbacks of an application.

use crate::callback::{
    AvailabilityCallback, MessageHandlerFn, OfferedServicesCallback, StateCallback,
    SubscriptionCallback, SubscriptionStatusCallback,
};
use crate::{
    bridge, Application, Error, EventId, EventgroupId, InstanceId, MajorVersion, MethodId,
    ServiceId,
};

impl Application {
    /// Registers the handler for a service, instance and method, each of which may be a wildcard.
    ///
    /// vsomeip calls only the most specific handler that matches a message, and keeps one handler
    /// per triple: a second one replaces the first. Each call gets `generation`.
    pub fn register_message_handler(
        &self,
        service: ServiceId,
        instance: InstanceId,
        method: MethodId,
        handler: MessageHandlerFn,
        generation: u64,
    ) -> Result<(), Error> {
        bridge::register_message_handler(
            &*self.handle.enter()?,
            service.0,
            instance.0,
            method.0,
            handler,
            generation,
        )
        .map_err(Error::thrown("register_message_handler"))
    }

    /// Unregisters a handler. Queued messages still reach it.
    pub fn unregister_message_handler(
        &self,
        service: ServiceId,
        instance: InstanceId,
        method: MethodId,
    ) -> Result<(), Error> {
        call!(self.unregister_message_handler(service.0, instance.0, method.0))
    }

    /// Registers the callback for the application's state; a second one replaces the first.
    pub fn register_state_handler(&self, callback: StateCallback) -> Result<(), Error> {
        bridge::register_state_handler(&*self.handle.enter()?, Box::new(callback))
            .map_err(Error::thrown("register_state_handler"))
    }

    /// Unregisters the callback for the application's state.
    pub fn unregister_state_handler(&self) -> Result<(), Error> {
        call!(self.unregister_state_handler())
    }

    /// Registers a callback for the availability of a service instance.
    pub fn register_availability_handler(
        &self,
        service: ServiceId,
        instance: InstanceId,
        major: MajorVersion,
        callback: AvailabilityCallback,
    ) -> Result<(), Error> {
        bridge::register_availability_handler(
            &*self.handle.enter()?,
            service.0,
            instance.0,
            major.0,
            Box::new(callback),
        )
        .map_err(Error::thrown("register_availability_handler"))
    }

    /// Unregisters the callback for the availability of a service instance.
    pub fn unregister_availability_handler(
        &self,
        service: ServiceId,
        instance: InstanceId,
        major: MajorVersion,
    ) -> Result<(), Error> {
        call!(self.unregister_availability_handler(service.0, instance.0, major.0))
    }

    /// Registers a callback for the subscribers of an own eventgroup.
    pub fn register_subscription_handler(
        &self,
        service: ServiceId,
        instance: InstanceId,
        eventgroup: EventgroupId,
        callback: SubscriptionCallback,
    ) -> Result<(), Error> {
        bridge::register_subscription_handler(
            &*self.handle.enter()?,
            service.0,
            instance.0,
            eventgroup.0,
            Box::new(callback),
        )
        .map_err(Error::thrown("register_subscription_handler"))
    }

    /// Unregisters the callback for the subscribers of an own eventgroup.
    pub fn unregister_subscription_handler(
        &self,
        service: ServiceId,
        instance: InstanceId,
        eventgroup: EventgroupId,
    ) -> Result<(), Error> {
        call!(self.unregister_subscription_handler(service.0, instance.0, eventgroup.0))
    }

    /// Registers a callback for the status of an own subscription.
    pub fn register_subscription_status_handler(
        &self,
        service: ServiceId,
        instance: InstanceId,
        eventgroup: EventgroupId,
        event: EventId,
        callback: SubscriptionStatusCallback,
    ) -> Result<(), Error> {
        bridge::register_subscription_status_handler(
            &*self.handle.enter()?,
            service.0,
            instance.0,
            eventgroup.0,
            event.0,
            Box::new(callback),
        )
        .map_err(Error::thrown("register_subscription_status_handler"))
    }

    /// Unregisters the callback for the status of an own subscription.
    pub fn unregister_subscription_status_handler(
        &self,
        service: ServiceId,
        instance: InstanceId,
        eventgroup: EventgroupId,
        event: EventId,
    ) -> Result<(), Error> {
        call!(self.unregister_subscription_status_handler(
            service.0,
            instance.0,
            eventgroup.0,
            event.0
        ))
    }

    /// Asks the routing manager for the service instances that applications on its host offer. A
    /// second call before the answer replaces the first callback.
    pub fn ask_for_offered_services(&self, callback: OfferedServicesCallback) -> Result<(), Error> {
        bridge::ask_for_offered_services(&*self.handle.enter()?, Box::new(callback))
            .map_err(Error::thrown("ask_for_offered_services"))
    }

    /// Unregisters all handlers and callbacks, and drops queued calls.
    pub fn clear_all_handlers(&self) -> Result<(), Error> {
        call!(self.clear_all_handlers())
    }
}
