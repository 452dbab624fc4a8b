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

//! The transport: registers and sends through the stages of the other modules, and ends them all.
//! Uses everything but the builder.

mod housekeeping;
mod stages;

use std::sync::{mpsc, Arc};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{oneshot, watch};
use up_rust::{
    LocalUriProvider, StaticUriProvider, UCode, UListener, UMessage, UStatus, UTransport, UUri,
};
use vsomeip_sys::callback::{guard, StateCallback};
use vsomeip_sys::{Application, ExitHold};

use crate::config::RuntimeConfig;
use crate::control::Control;
use crate::delivery::place::{become_worker, is_own_thread};
use crate::diagnosis::Diagnosis;
use crate::error::{has_ended, internal, invalid_argument};
use crate::mapping::uri::ServiceInstance;
use crate::metrics::{Counters, Metrics, Waiting};
use crate::network::discovery::Discovery;
use crate::network::state::{Monitor, State};
use crate::services::Lease;
use crate::startup::ending::Ending;
use crate::vsomeip::application::ApplicationThread;
use crate::vsomeip::handler_pool::late_calls;

pub(crate) use stages::{Description, Stages};

/// For how long `drop` waits for the application to be gone before it leaves that to the control
/// thread, and for how long that waits for listeners that block their threads.
const DROP_TIMEOUT: Duration = Duration::from_secs(1);

/// A uProtocol transport over SOME/IP, on one vsomeip application.
///
/// <div class="warning">
///
/// Listeners run on threads of the transport's own, or of vsomeip's (see
/// [`TransportBuilder::in_place`](crate::TransportBuilder::in_place)), whatever runtime the transport
/// was created in (it needs none). Each listener gets its messages one after the other. A listener
/// may send, register, unregister and drop the transport; it should not block its thread for long.
///
/// </div>
///
/// End it with [`shutdown`](Self::shutdown). Dropping it does the same, but waits at most a second
/// for the routing manager to confirm.
///
/// # Errors
///
/// All operations fail with `UNAVAILABLE` after the transport was shut down, and with `INTERNAL` if
/// vsomeip fails. What else they fail with:
///
/// | | `send` |
/// |---|---|
/// | `INVALID_ARGUMENT` | the message is not valid, or SOME/IP cannot express its addresses; its payload has another format than the transport's, or is too large; the service is offered in another version already |
/// | `PERMISSION_DENIED` | the source has another authority than the transport |
/// | `DEADLINE_EXCEEDED` | its time to live is over |
/// | `NOT_FOUND` | no request waits for this response |
/// | `UNAVAILABLE` | the service is found by static routing, and this version of vsomeip does not send to it from here |
/// | `RESOURCE_EXHAUSTED` | too many requests are waiting, too many topics are published or services in use, or all handlers of the pool are in use |
/// | `UNIMPLEMENTED` | a notification, where [they are not sent](crate::NotificationMode::Reject) |
///
/// What becomes of a request that was sent, its response tells.
///
/// | | `register_listener`, `unregister_listener` |
/// |---|---|
/// | `INVALID_ARGUMENT` | the specification knows no such filter; or it makes an offer necessary of a service that is offered in another version already |
/// | `RESOURCE_EXHAUSTED` | too many listeners are registered, or all handlers of the pool are in use |
/// | `NOT_FOUND` | the listener is not registered with this filter |
pub struct UPTransportVsomeip {
    local: StaticUriProvider,
    /// Gone once the end has begun: after that, nothing works any more.
    stages: ArcSwapOption<Stages>,
    /// What runs; gone once the end has begun.
    running: Mutex<Option<Running>>,
    monitor: Arc<Monitor>,
    counters: Arc<Counters>,
}

/// The threads of a transport.
struct Running {
    application: Option<ApplicationThread>,
    /// What had to be requested before the application runs.
    first_requests: Option<Lease>,
    listeners: Runtime,
    control: Control,
}

fn no_thread(error: std::io::Error) -> UStatus {
    UStatus::fail_with_code(UCode::INTERNAL, format!("no thread can be started: {error}"))
}

fn listener_runtime(config: &RuntimeConfig) -> std::io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(config.num_threads())
        .thread_name("up-vsomeip")
        .on_thread_start(become_worker)
        // A listener may use all that tokio was built with.
        .enable_all()
        .build()
}

impl UPTransportVsomeip {
    /// # Errors
    ///
    /// `INTERNAL` if the system starts no thread, or vsomeip fails; those of offering a topic.
    pub(crate) fn start(
        description: Description,
        application: Application,
        runtime: &RuntimeConfig,
    ) -> Result<Self, UStatus> {
        let control = Control::start().map_err(no_thread)?;
        let listeners = listener_runtime(runtime).map_err(no_thread)?;
        let mut running = Running { application: None, first_requests: None, listeners, control };
        let local = description.local.provider();
        match running.start(description, application) {
            Ok(stages) => Ok(Self::of(local, stages, running)),
            Err(status) => {
                // The caller may be inside of a runtime, in which no other one may be dropped.
                running.listeners.shutdown_background();
                Err(status)
            }
        }
    }

    fn of(local: StaticUriProvider, stages: Arc<Stages>, running: Running) -> Self {
        let (monitor, counters) = (stages.monitor.clone(), stages.counters.clone());
        let (stages, running) = (ArcSwapOption::new(Some(stages)), Mutex::new(Some(running)));
        Self { local, stages, running, monitor, counters }
    }

    /// The stages, as long as the transport has not ended.
    fn stages(&self) -> Result<Arc<Stages>, UStatus> {
        self.stages.load_full().ok_or_else(has_ended)
    }

    /// The transport's counters, and what waits in it now.
    pub fn metrics(&self) -> Metrics {
        let waiting = self.stages().map_or_else(|_| Waiting::default(), |it| it.waiting());
        self.counters.snapshot(waiting, late_calls())
    }

    /// What the transport knows of the network, to be looked at or watched: whether it is registered,
    /// which services are available, which subscriptions were accepted.
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

    /// Waits until the service of a URI is available: until it can be called. Asks for it if nobody
    /// has done so yet; [`state`](Self::state) tells of it from then on.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if the URI's service or instance is a wildcard, `UNAVAILABLE` if the
    /// transport was shut down, before or meanwhile.
    pub async fn wait_for_service(&self, uri: &UUri) -> Result<(), UStatus> {
        let service = ServiceInstance::of(uri);
        if !service.is_concrete() {
            return Err(invalid_argument("only a single service can be waited for"));
        }
        self.stages()?.sender.use_service(service)?;
        self.monitor.wait_for(service).await;
        self.stages().map(drop)
    }

    /// Ends the transport: withdraws everything, answers what is in flight, deregisters the
    /// application, ends its threads. Requests that were not answered end with `UNAVAILABLE`, which
    /// listeners have a second to take notice of; one that blocks its thread is waited for another
    /// second. Whatever is called afterwards fails with `UNAVAILABLE`; a second call does nothing.
    /// The name of the application is free for another transport then.
    ///
    /// Takes as long as the routing manager needs to confirm, up to vsomeip's `shutdown_timeout`
    /// (5 s) if it does not. Returns at once in a listener, whose thread ends with the transport.
    pub async fn shutdown(&self) {
        let (done, is_done) = oneshot::channel();
        let begins = self.end(move || {
            // Nobody may be waiting any more.
            let _ = done.send(());
        });
        if begins && !is_own_thread() {
            // An error would mean that the thread is gone, which is as well.
            let _ = is_done.await;
        }
    }

    /// Has the control thread end everything; `done` runs when it has. Returns whether there was
    /// anything to end.
    fn end(&self, done: impl FnOnce() + Send + 'static) -> bool {
        let Some(running) = self.running.lock().take() else { return false };
        let Some(stages) = self.stages.swap(None) else { return false };
        running.end(stages, done);
        true
    }
}

/// What vsomeip tells of the registration.
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
        let listeners = self.listeners.handle().clone();
        let stages = Stages::assemble(description, application.clone(), listeners, control.clone());
        let stages = Arc::new(stages);
        let callback = registration_callback(&stages, &application);
        application.register_state_handler(callback).map_err(internal)?;
        stages.sender.offer_topics(&offered)?;
        self.first_requests = Some(stages.request_first()?);
        let discovery = Discovery::new(application.clone(), stages.monitor.clone());
        if let Some(group) = group {
            // Before vsomeip asks anybody for anything.
            let (announcements, socket) =
                (stages.announcements.clone(), stages.announcements.open(&group));
            control.spawn(async move { announcements.listen(group, socket).await });
        }
        self.application = Some(ApplicationThread::start(application).map_err(no_thread)?);
        housekeeping::start(&control, &stages, discovery, group.is_some());
        housekeeping::diagnose(&control, &stages, diagnosis);
        Ok(stages)
    }

    /// Ends all threads of the transport, on the control thread.
    fn end(self, stages: Arc<Stages>, done: impl FnOnce() + Send + 'static) {
        let Self { application, listeners, control, .. } = self;
        let (ending, hold) = (Ending::begin(), ExitHold::new());
        control.end(move |control| {
            stages.close(&control);
            if let Some(application) = application {
                application.stop();
            }
            listeners.shutdown_timeout(DROP_TIMEOUT);
            drop(control);
            // A listener may go with them, and panic as it does.
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
            // Nobody may be waiting any more.
            let _ = done.send(());
        });
        if ends && !is_own_thread() && is_done.recv_timeout(DROP_TIMEOUT).is_err() {
            log::warn!("the vsomeip application still waits for its routing manager to confirm");
        }
    }
}

// Messages are pushed: `receive` is the trait's own, which fails with UNIMPLEMENTED.
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
