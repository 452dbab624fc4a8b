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

//! `UPTransportVsomeip`: starts the threads and stages, passes calls to the stages, and shuts them
//! down. Uses every other module except for the builder.

mod housekeeping;
mod stages;

use std::sync::{mpsc, Arc};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::{oneshot, watch};
use up_rust::{
    LocalUriProvider, StaticUriProvider, UListener, UMessage, UStatus, UTransport, UUri,
};
use vsomeip_sys::callback::{guard, StateCallback};
use vsomeip_sys::{Application, ExitHold};

use crate::config::RuntimeConfig;
use crate::control::Control;
use crate::delivery::executor::Executor;
use crate::delivery::place::is_own_thread;
use crate::diagnosis::Diagnosis;
use crate::error::{has_ended, internal, invalid_argument};
use crate::mapping::uri::ServiceInstance;
use crate::metrics::{Counters, Metrics, Waiting};
use crate::network::discovery::Discovery;
use crate::network::state::{Monitor, State};
use crate::services::Lease;
use crate::startup::ending::Ending;
use crate::uprotocol::code;
use crate::vsomeip::application::ApplicationThread;
use crate::vsomeip::handler_pool::late_calls;

pub(crate) use stages::{Description, Stages};

/// How long `drop` waits for the shutdown before it leaves that to the control thread, and how long
/// the control thread waits for listeners that block their threads.
const DROP_TIMEOUT: Duration = Duration::from_secs(1);

/// A uProtocol transport over SOME/IP, running as one vsomeip application.
///
/// Create it with [`builder`](Self::builder), use it through `UTransport`, and end it with
/// [`shutdown`](Self::shutdown). Dropping it also shuts it down, but waits at most a second for the
/// routing manager to confirm. It needs no tokio runtime.
///
/// `send` hands the message to vsomeip, or queues it for a service that is not available yet, and
/// returns. The outcome of a request arrives as its response: `UNAVAILABLE` or `DEADLINE_EXCEEDED`,
/// for example, if the service does not answer.
///
/// # Listeners
///
/// Listeners run on the transport's own threads, or on vsomeip's dispatcher thread (see
/// [`TransportBuilder::in_place`](crate::TransportBuilder::in_place)). Each listener gets its messages
/// one at a time and in order. A listener may send, register, unregister and drop the transport, but
/// should not block its thread for long.
///
/// # Errors
///
/// All operations fail with `UNAVAILABLE` after the transport was shut down, and with `INTERNAL` if
/// vsomeip fails. `send` also fails with
///
/// | code | reason |
/// |---|---|
/// | `INVALID_ARGUMENT` | the message is not valid, or SOME/IP cannot express its addresses; its payload is too large or not in the agreed format; the service is already offered in another version |
/// | `PERMISSION_DENIED` | the source has another authority than the transport |
/// | `DEADLINE_EXCEEDED` | its time to live has expired |
/// | `NOT_FOUND` | no pending request matches this response |
/// | `UNAVAILABLE` | the service is found by static routing, and this version of vsomeip does not send to it from here |
/// | `RESOURCE_EXHAUSTED` | too many requests are pending, too many topics or services are in use, or no handler slot is free |
/// | `UNIMPLEMENTED` | a notification, with [`NotificationMode::Reject`](crate::NotificationMode::Reject) |
///
/// `register_listener` and `unregister_listener` also fail with
///
/// | code | reason |
/// |---|---|
/// | `INVALID_ARGUMENT` | the specification does not define such a filter; or it offers a service that is already offered in another version |
/// | `RESOURCE_EXHAUSTED` | too many listeners are registered, or no handler slot is free |
/// | `NOT_FOUND` | the listener is not registered with this filter |
pub struct UPTransportVsomeip {
    local: StaticUriProvider,
    /// `None` once the shutdown has begun.
    stages: ArcSwapOption<Stages>,
    /// `None` once the shutdown has begun.
    running: Mutex<Option<Running>>,
    monitor: Arc<Monitor>,
    counters: Arc<Counters>,
}

/// The threads of a transport.
struct Running {
    application: Option<ApplicationThread>,
    /// The services that must be requested before the application runs.
    first_requests: Option<Lease>,
    listeners: Executor,
    control: Control,
}

fn no_thread(error: std::io::Error) -> UStatus {
    UStatus::fail_with_code(code::INTERNAL, format!("cannot start a thread: {error}"))
}

impl UPTransportVsomeip {
    /// # Errors
    ///
    /// `INTERNAL` if no thread can be started or vsomeip fails; those of offering a topic.
    pub(crate) fn start(
        description: Description,
        application: Application,
        runtime: &RuntimeConfig,
    ) -> Result<Self, UStatus> {
        let control = Control::start().map_err(no_thread)?;
        let listeners = Executor::start(runtime.num_threads()).map_err(no_thread)?;
        let mut running = Running { application: None, first_requests: None, listeners, control };
        let local = description.local.provider();
        match running.start(description, application) {
            Ok(stages) => Ok(Self::of(local, stages, running)),
            Err(status) => {
                running.listeners.end_in_background();
                Err(status)
            }
        }
    }

    fn of(local: StaticUriProvider, stages: Arc<Stages>, running: Running) -> Self {
        let (monitor, counters) = (stages.monitor.clone(), stages.counters.clone());
        let (stages, running) = (ArcSwapOption::new(Some(stages)), Mutex::new(Some(running)));
        Self { local, stages, running, monitor, counters }
    }

    /// The stages, unless the transport was shut down.
    fn stages(&self) -> Result<Arc<Stages>, UStatus> {
        self.stages.load_full().ok_or_else(has_ended)
    }

    /// Returns a snapshot of the transport's counters and queue lengths. Costs some 20 atomic loads and
    /// a few short locks.
    pub fn metrics(&self) -> Metrics {
        let waiting = self.stages().map_or_else(|_| Waiting::default(), |it| it.waiting());
        self.counters.snapshot(waiting, late_calls())
    }

    /// Returns a receiver for the state of the network as the transport sees it: whether it is
    /// registered, which services are available, which subscriptions were accepted, and what keeps it
    /// from working.
    ///
    /// ```no_run
    /// # async fn example(transport: up_transport_vsomeip::UPTransportVsomeip) {
    /// let mut state = transport.state();
    /// if state.wait_for(|state| state.registered).await.is_ok() {
    ///     println!("{:?}", state.borrow().services);
    /// }
    /// # }
    /// ```
    pub fn state(&self) -> watch::Receiver<State> {
        self.monitor.watch()
    }

    /// Has [`State::offered`] follow the offers of this host until the transport ends. The transport asks
    /// the routing manager every second.
    pub fn follow_offers(&self) {
        self.monitor.follow_offers();
    }

    /// Waits until the service of a URI can be called. Requests it first if needed, so that
    /// [`state`](Self::state) lists it from then on. Waits without a limit: wrap it in
    /// `tokio::time::timeout` to set one.
    ///
    /// ```no_run
    /// # async fn example(
    /// #     transport: up_transport_vsomeip::UPTransportVsomeip,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use up_rust::UUri;
    ///
    /// let method: UUri = "//ecu.example/7000/1/1".parse()?;
    /// tokio::time::timeout(Duration::from_secs(5), transport.wait_for_service(&method)).await??;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// * `INVALID_ARGUMENT`: the service or instance of the URI is a wildcard.
    /// * `RESOURCE_EXHAUSTED`: too many services are in use, see
    ///   [`max_sender_services`](crate::TransportBuilder::max_sender_services).
    /// * `UNAVAILABLE`: the transport was or is shut down.
    pub async fn wait_for_service(&self, uri: &UUri) -> Result<(), UStatus> {
        let service = ServiceInstance::of(uri);
        if !service.is_concrete() {
            return Err(invalid_argument("only a single service can be waited for"));
        }
        self.stages()?.sender.use_service(service)?;
        self.monitor.wait_for(service).await;
        self.stages().map(drop)
    }

    /// Shuts the transport down: withdraws all offers and subscriptions, completes requests in flight
    /// with `UNAVAILABLE`, deregisters the application, and ends all threads. Later calls of any
    /// operation fail with `UNAVAILABLE`; a second `shutdown` does nothing. Afterwards, another
    /// transport can use the application's name.
    ///
    /// Listeners get up to a second to receive the last responses, and one that blocks its thread
    /// another second. Then this takes as long as the routing manager needs to confirm, or vsomeip's
    /// `shutdown_timeout` (5 s) if it does not. In a listener, this returns at once, since its thread
    /// ends with the transport.
    pub async fn shutdown(&self) {
        let (done, is_done) = oneshot::channel();
        let begins = self.end(move || {
            // The caller may have stopped waiting.
            let _ = done.send(());
        });
        if begins && !is_own_thread() {
            // An error means that the control thread has ended.
            let _ = is_done.await;
        }
    }

    /// Starts the shutdown on the control thread, which calls `done` at the end. Returns false if it
    /// has begun before.
    fn end(&self, done: impl FnOnce() + Send + 'static) -> bool {
        let Some(running) = self.running.lock().take() else { return false };
        let Some(stages) = self.stages.swap(None) else { return false };
        running.end(stages, done);
        true
    }
}

/// Takes vsomeip's reports about the registration.
fn registration_callback(stages: &Stages, application: &Arc<Application>) -> StateCallback {
    let (monitor, own_client) = (stages.monitor.clone(), stages.own_client.clone());
    let application = Arc::downgrade(application);
    StateCallback::new(move |registered| {
        if let Some(application) = application.upgrade().filter(|_| registered) {
            own_client.set(application.client());
        }
        monitor.set_registered(registered);
    })
}

impl Running {
    /// Starts all threads of the transport.
    fn start(
        &mut self,
        description: Description,
        application: Application,
    ) -> Result<Arc<Stages>, UStatus> {
        let application = Arc::new(application);
        let (offered, group) = (description.offered.clone(), description.discovery);
        let diagnosis = Diagnosis::new(description.expected.clone());
        let control = self.control.runtime().clone();
        let listeners = self.listeners.clone();
        let stages = Stages::assemble(description, application.clone(), listeners, control.clone());
        let stages = Arc::new(stages);
        let callback = registration_callback(&stages, &application);
        application.register_state_handler(callback).map_err(internal)?;
        stages.sender.offer_topics(&offered)?;
        self.first_requests = Some(stages.request_first()?);
        let discovery = Discovery::new(application.clone(), stages.monitor.clone());
        if let Some(group) = group {
            // Before vsomeip requests anything, so that no announcement is missed.
            let (announcements, socket) =
                (stages.announcements.clone(), stages.announcements.open(&group));
            control.spawn(async move { announcements.listen(group, socket).await });
        }
        self.application = Some(ApplicationThread::start(application).map_err(no_thread)?);
        housekeeping::start(&control, &stages, discovery, group.is_some());
        housekeeping::provide_threads(&control, &self.listeners);
        housekeeping::diagnose(&control, &stages, diagnosis);
        Ok(stages)
    }

    /// Ends all threads of the transport, from the control thread.
    fn end(self, stages: Arc<Stages>, done: impl FnOnce() + Send + 'static) {
        let Self { application, listeners, control, .. } = self;
        let (ending, hold) = (Ending::begin(), ExitHold::new());
        control.end(move |control| {
            stages.close(&control);
            if let Some(application) = application {
                application.stop();
            }
            listeners.end(DROP_TIMEOUT);
            drop(control);
            // This may drop listeners, which may panic.
            guard("drop of a listener", (), || drop(stages));
            drop(ending);
            done();
            drop(hold);
        });
    }
}

impl Drop for UPTransportVsomeip {
    fn drop(&mut self) {
        let (done, is_done) = mpsc::channel();
        let ends = self.end(move || {
            // `drop` may have stopped waiting.
            let _ = done.send(());
        });
        if ends && !is_own_thread() && is_done.recv_timeout(DROP_TIMEOUT).is_err() {
            log::warn!(
                "the vsomeip application is still waiting for the routing manager to confirm"
            );
        }
    }
}

// Messages are pushed to listeners. The trait's default `receive` fails with UNIMPLEMENTED.
// [impl->dsn~utransport-receive-error-unimplemented~1]
#[async_trait]
impl UTransport for UPTransportVsomeip {
    async fn send(&self, message: UMessage) -> Result<(), UStatus> {
        let stages = self.stages.load();
        let Some(stages) = stages.as_ref() else { return Err(has_ended()) };
        let result = stages.sender.send(message);
        if result.is_err() {
            self.counters.rejected.increment();
        }
        result
    }

    async fn register_listener(
        &self,
        source_filter: &UUri,
        sink_filter: Option<&UUri>,
        listener: Arc<dyn UListener>,
    ) -> Result<(), UStatus> {
        let registry = &self.stages()?.registry;
        registry.register(registry.filter(source_filter, sink_filter)?, listener)
    }

    async fn unregister_listener(
        &self,
        source_filter: &UUri,
        sink_filter: Option<&UUri>,
        listener: Arc<dyn UListener>,
    ) -> Result<(), UStatus> {
        let mailbox = {
            let registry = &self.stages()?.registry;
            registry.unregister(registry.filter(source_filter, sink_filter)?, &listener)?
        };
        mailbox.settle().await;
        Ok(())
    }
}

// [impl->dsn~localuriprovider-getauthority~1]
// [impl->dsn~localuriprovider-getsource-uri-segments~1]
// [impl->dsn~localuriprovider-getresource~1]
impl LocalUriProvider for UPTransportVsomeip {
    fn get_authority(&self) -> String {
        self.local.get_authority()
    }

    fn get_resource_uri(&self, resource_id: u16) -> UUri {
        self.local.get_resource_uri(resource_id)
    }

    fn get_source_uri(&self) -> UUri {
        self.local.get_source_uri()
    }
}

#[cfg(test)]
mod tests;
