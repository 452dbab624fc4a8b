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

//! The functions that vsomeip calls: message handlers, which are plain functions, and boxed callbacks
//! for rare events. All of them catch panics.

use std::any::Any;
use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};

use bytemuck::TransparentWrapper;
use cxx::{type_id, ExternType};

use crate::bridge::OfferedService;
use crate::exit;
use crate::{ClientId, EventId, EventgroupId, InstanceId, MajorVersion, Message, ServiceId};

static PANICS: AtomicU64 = AtomicU64::new(0);

/// The number of panics that [`guard`] has caught since the process started.
pub fn panics() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

/// Runs `callback` and catches a panic, so that it does not unwind into C++. The panic is counted and
/// logged as an error with `what`, and `otherwise` is returned.
pub fn guard<R>(what: &str, otherwise: R, callback: impl FnOnce() -> R) -> R {
    let _running = Running::begin();
    match catch_unwind(AssertUnwindSafe(callback)) {
        Ok(result) => result,
        Err(panic) => {
            PANICS.fetch_add(1, Ordering::Relaxed);
            quietly(|| log::error!(what; "a callback panicked: {}", text_of(panic.as_ref())));
            quietly(|| drop(panic));
            otherwise
        }
    }
}

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Whether this thread is in a callback.
pub(crate) fn is_running() -> bool {
    DEPTH.get() > 0
}

/// Marks a running callback on this thread. Callbacks can nest.
struct Running;

impl Running {
    fn begin() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// Runs `action` and ignores a panic. For foreign code that runs after a panic: a logger, or a
/// destructor, including that of the panic's payload.
pub fn quietly(action: impl FnOnce()) {
    let second = catch_unwind(AssertUnwindSafe(action));
    let third = catch_unwind(AssertUnwindSafe(|| drop(second)));
    // Dropping a payload may panic with another payload, and so on.
    std::mem::forget(third);
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}

/// A function that vsomeip calls with a received message.
///
/// The first argument is the generation given to
/// [`register_message_handler`](crate::Application::register_message_handler). vsomeip may call a
/// handler after it was unregistered; the generation identifies such a late call.
// The derive macro requires a transparent type: C++ calls the inner function.
#[derive(Clone, Copy, Debug, TransparentWrapper)]
#[repr(transparent)]
pub struct MessageHandlerFn(pub extern "C" fn(generation: u64, message: &Message));

// C++ and Rust function pointers are the same, and a reference to a message is the address of its
// std::shared_ptr. The C++ type is declared in cpp/include/vsomeip_glue/bridge.h.
const _: () = assert!(size_of::<MessageHandlerFn>() == size_of::<*const ()>());

// SAFETY: MessageHandlerFn is a transparent wrapper of a function pointer with the C ABI, whose
// arguments are those of the C++ alias of that name: an std::uint64_t, and a reference to an
// std::shared_ptr, which `Message` wraps transparently. A function pointer is trivial in C++.
unsafe impl ExternType for MessageHandlerFn {
    type Id = type_id!("vsomeip_glue::MessageHandlerFn");
    type Kind = cxx::kind::Trivial;
}

/// A closure that C++ owns and may drop on any thread. Catches panics in the destructors of its
/// captures.
struct Boxed<F: ?Sized>(ManuallyDrop<Box<F>>);

impl<F: ?Sized> Boxed<F> {
    fn new(function: Box<F>) -> Self {
        Self(ManuallyDrop::new(function))
    }
}

impl<F: ?Sized> Drop for Boxed<F> {
    fn drop(&mut self) {
        // SAFETY: this is the only place that takes it, and nothing reads it afterwards.
        let function = unsafe { ManuallyDrop::take(&mut self.0) };
        guard("drop of a callback", (), || drop(function));
    }
}

/// Called with whether the application is registered with the routing manager. While it is not,
/// vsomeip repeats `false` with every attempt to connect.
pub struct StateCallback(Boxed<dyn Fn(bool) + Send + Sync>);

/// The function inside an [`AvailabilityCallback`].
type AvailabilityFn = dyn Fn(ServiceId, InstanceId, Option<MajorVersion>) + Send + Sync;

/// Called with the version in which a service instance is available; `None` if it is not, which is
/// usually the first call.
pub struct AvailabilityCallback(Boxed<AvailabilityFn>);

/// The function inside an [`OfferedServicesCallback`].
type OfferedServicesFn = dyn Fn(&[OfferedService]) + Send + Sync;

/// Called with the service instances that applications on the routing manager's host offer.
pub struct OfferedServicesCallback(Boxed<OfferedServicesFn>);

/// Called when a client subscribes (`true`), to accept or refuse it, and when it unsubscribes
/// (`false`). Runs on vsomeip's I/O thread, which it must not block.
pub struct SubscriptionCallback(Boxed<dyn Fn(ClientId, bool) -> bool + Send + Sync>);

/// The function inside a [`SubscriptionStatusCallback`].
type SubscriptionStatusFn = dyn Fn(ServiceId, InstanceId, EventgroupId, EventId, u16) + Send + Sync;

/// Called with the status of an own subscription: 0 is accepted, anything else is refused.
pub struct SubscriptionStatusCallback(Boxed<SubscriptionStatusFn>);

impl StateCallback {
    /// Wraps a function.
    pub fn new(function: impl Fn(bool) + Send + Sync + 'static) -> Self {
        Self(Boxed::new(Box::new(function)))
    }

    pub(crate) fn call(&self, registered: bool) {
        exit::register();
        guard("state", (), || (self.0 .0)(registered));
    }
}

impl AvailabilityCallback {
    /// Wraps a function.
    pub fn new(
        function: impl Fn(ServiceId, InstanceId, Option<MajorVersion>) + Send + Sync + 'static,
    ) -> Self {
        Self(Boxed::new(Box::new(function)))
    }

    pub(crate) fn call(&self, service: u16, instance: u16, available: bool, major: u8) {
        let version = available.then_some(MajorVersion(major));
        self.report(ServiceId(service), InstanceId(instance), version);
    }

    /// Calls the function as vsomeip would, for example from a mock of it.
    pub fn report(&self, service: ServiceId, instance: InstanceId, version: Option<MajorVersion>) {
        guard("availability", (), || (self.0 .0)(service, instance, version));
    }
}

impl OfferedServicesCallback {
    /// Wraps a function.
    pub fn new(function: impl Fn(&[OfferedService]) + Send + Sync + 'static) -> Self {
        Self(Boxed::new(Box::new(function)))
    }

    pub(crate) fn call(&self, services: &[OfferedService]) {
        guard("offered services", (), || (self.0 .0)(services));
    }
}

impl SubscriptionCallback {
    /// Wraps a function.
    pub fn new(function: impl Fn(ClientId, bool) -> bool + Send + Sync + 'static) -> Self {
        Self(Boxed::new(Box::new(function)))
    }

    pub(crate) fn call(&self, client: u16, subscribed: bool) -> bool {
        self.ask(ClientId(client), subscribed)
    }

    /// Calls the function as vsomeip would, for example from a mock of it. If the function panics, the
    /// subscription is refused.
    pub fn ask(&self, client: ClientId, subscribed: bool) -> bool {
        guard("subscription", false, || (self.0 .0)(client, subscribed))
    }
}

impl SubscriptionStatusCallback {
    /// Wraps a function.
    pub fn new(
        function: impl Fn(ServiceId, InstanceId, EventgroupId, EventId, u16) + Send + Sync + 'static,
    ) -> Self {
        Self(Boxed::new(Box::new(function)))
    }

    pub(crate) fn call(
        &self,
        service: u16,
        instance: u16,
        eventgroup: u16,
        event: u16,
        status: u16,
    ) {
        self.report(
            ServiceId(service),
            InstanceId(instance),
            EventgroupId(eventgroup),
            EventId(event),
            status,
        );
    }

    /// Calls the function as vsomeip would, for example from a mock of it.
    pub fn report(
        &self,
        service: ServiceId,
        instance: InstanceId,
        eventgroup: EventgroupId,
        event: EventId,
        status: u16,
    ) {
        guard("subscription status", (), || {
            (self.0 .0)(service, instance, eventgroup, event, status);
        });
    }
}
