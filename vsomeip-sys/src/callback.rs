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

//! What vsomeip calls: the handlers of the message pool, which are plain functions, and the boxed
//! callbacks for everything that is rare. None of them lets a panic out.

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

/// The number of panics that [`guard`] has stopped since the process started.
pub fn panics() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

/// Runs `callback` and stops a panic in it, so that it does not unwind into C++. The panic is
/// counted, logged as an error with `what`, and answered with `otherwise`.
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

/// A callback of this thread, which another one may be within.
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

/// For what follows a panic and runs code of others once more, a logger or a destructor, also that of
/// what was thrown: when that panics too, nobody is told.
pub fn quietly(action: impl FnOnce()) {
    let second = catch_unwind(AssertUnwindSafe(action));
    let third = catch_unwind(AssertUnwindSafe(|| drop(second)));
    // What was thrown may throw when it is dropped, and so on without end.
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
/// The first argument is the generation that was given to
/// [`register_message_handler`](crate::Application::register_message_handler): vsomeip may call a
/// handler after it was unregistered, and this tells a late call from one of the next owner.
// The derive macro refuses a type that is not transparent: C++ calls what is inside.
#[derive(Clone, Copy, Debug, TransparentWrapper)]
#[repr(transparent)]
pub struct MessageHandlerFn(pub extern "C" fn(generation: u64, message: &Message));

// A C++ function pointer and ours are the same thing, and a reference to a message is the address
// of its std::shared_ptr; the C++ type is declared in cpp/include/vsomeip_glue/bridge.h.
const _: () = assert!(size_of::<MessageHandlerFn>() == size_of::<*const ()>());

// SAFETY: MessageHandlerFn is a transparent wrapper of a function pointer with the C ABI, whose
// arguments are those of the C++ alias of that name: an std::uint64_t, and a reference to an
// std::shared_ptr, which `Message` wraps transparently. A function pointer is trivial in C++.
unsafe impl ExternType for MessageHandlerFn {
    type Id = type_id!("vsomeip_glue::MessageHandlerFn");
    type Kind = cxx::kind::Trivial;
}

/// A closure that C++ owns, and drops on a thread of its choice. A panic in the destructor of what
/// the closure has captured ends here, too.
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

/// Is told whether the application is registered at the routing manager. While it is not, vsomeip
/// repeats `false` at every attempt to reach the routing manager.
pub struct StateCallback(Boxed<dyn Fn(bool) + Send + Sync>);

/// The function inside an [`AvailabilityCallback`].
type AvailabilityFn = dyn Fn(ServiceId, InstanceId, Option<MajorVersion>) + Send + Sync;

/// Is told in which version a service instance is available; `None` if it is not, which is usually
/// the first call.
pub struct AvailabilityCallback(Boxed<AvailabilityFn>);

/// The function inside an [`OfferedServicesCallback`].
type OfferedServicesFn = dyn Fn(&[OfferedService]) + Send + Sync;

/// Is told which service instances are offered by the applications of the routing manager's host.
pub struct OfferedServicesCallback(Boxed<OfferedServicesFn>);

/// Is asked whether a client's subscription (`true`) is accepted, and told of its end (`false`).
/// Runs on vsomeip's I/O thread: it must return at once.
pub struct SubscriptionCallback(Boxed<dyn Fn(ClientId, bool) -> bool + Send + Sync>);

/// The function inside a [`SubscriptionStatusCallback`].
type SubscriptionStatusFn = dyn Fn(ServiceId, InstanceId, EventgroupId, EventId, u16) + Send + Sync;

/// Is told the fate of an own subscription: status 0 is accepted, anything else is refused.
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

    /// Calls the function as vsomeip would, for example from a mock of it. A function that panics
    /// accepts nobody.
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
