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

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{mpsc, Arc};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle};
use tokio::sync::{oneshot, watch};
use up_rust::{
    LocalUriProvider, StaticUriProvider, UCode, UListener, UMessage, UStatus, UTransport, UUri,
};
use vsomeip_sys::callback::StateCallback;
use vsomeip_sys::{Application, ExitHold};

use crate::builder::{Options, TransportBuilder};
use crate::config::{RuntimeConfig, VsomeipApplicationConfig};
use crate::delivery::inline::is_elsewhere;
use crate::error::{internal, invalid_argument, unavailable};
use crate::events::Events;
use crate::mapping::authorities::Authorities;
use crate::mapping::local_entity::Local;
use crate::mapping::request_context::LastAddresses;
use crate::mapping::uri::ServiceInstance;
use crate::metrics::{Counters, Metrics, Waiting};
use crate::network::discovery::Discovery;
use crate::network::follow::follow_network;
use crate::network::state::{Monitor, State};
use crate::receive::{watch_deadlines, InvalidKinds, Receiver};
use crate::registration::filter::{Filter, Offers};
use crate::registration::ledger::Ledger;
use crate::registration::registry::Registry;
use crate::registration::routes::Listeners;
use crate::rpc::incoming::IncomingRequests;
use crate::rpc::outgoing::OutgoingRequests;
use crate::send::leases::Used;
use crate::send::payload_limits::PayloadLimits;
use crate::send::pending::Backlog;
use crate::send::Sender;
use crate::vsomeip::application::{ApplicationThread, SomeIp};
use crate::AuthorityName;

/// How long `drop` waits for the application to be gone before it leaves that to a thread.
const DROP_PATIENCE: Duration = Duration::from_secs(1);

const RUNTIME_THREAD_NAME: &str = "up-vsomeip";

/// A uProtocol transport over SOME/IP, on one vsomeip application.
///
/// <div class="warning">
///
/// Listeners run on threads of the transport's own, or of vsomeip's (see
/// [`TransportBuilder::in_place`]), whatever runtime the transport was created in (it needs none).
/// Each listener gets its messages one after the other. A listener may send, register, unregister
/// and drop the transport; it should not block its thread for long.
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
/// | `RESOURCE_EXHAUSTED` | too many requests are waiting, or all handlers of the pool are in use |
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
    registry: Arc<Registry>,
    sender: Arc<Sender>,
    monitor: Arc<Monitor>,
    counters: Arc<Counters>,
    /// Whether the end has begun. Each message asks, so it is not behind the lock of `stop`.
    ended: AtomicBool,
    /// Ends what runs; gone once that has begun.
    stop: Mutex<Option<Stop>>,
}

fn no_thread(error: std::io::Error) -> UStatus {
    UStatus::fail_with_code(UCode::INTERNAL, format!("no thread can be started: {error}"))
}

/// Stops the application and the runtime, which may take a while.
type Stop = Box<dyn FnOnce() + Send>;

impl UPTransportVsomeip {
    /// Starts to describe a transport. `local` is the entity that uses it: authority, entity id and
    /// version, with resource id 0. `remote_authority` is the authority of the SOME/IP network.
    pub fn builder(local: UUri, remote_authority: impl Into<String>) -> TransportBuilder {
        TransportBuilder::new(local, remote_authority)
    }

    /// Creates a transport from a vsomeip configuration file, with defaults for everything else. See
    /// [`TransportBuilder`], and [`TransportBuilder::build`] for the errors.
    ///
    /// vsomeip prefers the variables `VSOMEIP_CONFIGURATION…` and a `vsomeip.json` in the working
    /// directory to the file, and 3.4.10 reads one configuration per process.
    ///
    /// A uStreamer sends what others have sent through a transport that it creates this way, so
    /// foreign sources are allowed (see [`TransportBuilder::forward_foreign_sources`]).
    pub fn new_with_config(
        uri: UUri,
        remote_authority_name: &AuthorityName,
        config_path: &Path,
        runtime_config: Option<RuntimeConfig>,
    ) -> Result<Self, UStatus> {
        Self::builder(uri, remote_authority_name)
            .config_file(config_path)
            .forward_foreign_sources(true)
            .runtime(runtime_config.unwrap_or_default())
            .build()
    }

    /// Creates a transport with a vsomeip application of the given name and client id, and vsomeip's
    /// defaults for everything else, unless the variables `VSOMEIP_CONFIGURATION…` or a
    /// `vsomeip.json` in the working directory say something else. See [`TransportBuilder`], and
    /// [`TransportBuilder::build`] for the errors. Foreign sources are allowed as with
    /// [`new_with_config`](Self::new_with_config).
    pub fn new(
        vsomeip_application_config: VsomeipApplicationConfig,
        uri: UUri,
        remote_authority_name: &AuthorityName,
        runtime_config: Option<RuntimeConfig>,
    ) -> Result<Self, UStatus> {
        Self::builder(uri, remote_authority_name)
            .application(vsomeip_application_config)
            .forward_foreign_sources(true)
            .runtime(runtime_config.unwrap_or_default())
            .build()
    }

    pub(crate) fn start(
        description: Description,
        application: Application,
        runtime_config: RuntimeConfig,
    ) -> Result<Self, UStatus> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(runtime_config.num_threads())
            .thread_name(RUNTIME_THREAD_NAME)
            // A listener may use all that tokio was built with.
            .enable_all()
            .build()
            .map_err(no_thread)?;
        match Self::start_on(runtime.handle(), description, application) {
            Ok((mut transport, thread)) => {
                *transport.stop.get_mut() = Some(Box::new(move || {
                    thread.stop();
                    runtime.shutdown_timeout(DROP_PATIENCE);
                }));
                Ok(transport)
            }
            Err(status) => {
                // The caller may be inside of a runtime, in which no other one may be dropped.
                runtime.shutdown_background();
                Err(status)
            }
        }
    }

    fn start_on(
        runtime: &Handle,
        description: Description,
        application: Application,
    ) -> Result<(Self, ApplicationThread), UStatus> {
        let application = Arc::new(application);
        let offered = description.offered.clone();
        let locates = description.discovers;
        let transport = Self::assemble(description, application.clone(), runtime.clone());
        let monitor = transport.monitor.clone();
        let callback = StateCallback::new(move |registered| monitor.set_registered(registered));
        application.register_state_handler(callback).map_err(internal)?;
        transport.sender.offer_topics(&offered)?;
        runtime.spawn(watch_deadlines(transport.sender.receiver.clone()));
        runtime.spawn(follow_network(
            Discovery::new(application.clone(), transport.monitor.clone()),
            locates,
            transport.monitor.clone(),
            transport.counters.clone(),
            Arc::downgrade(&transport.registry),
        ));
        let thread = ApplicationThread::start(application).map_err(no_thread)?;
        Ok((transport, thread))
    }

    /// Puts the stages together, each with what it passes on to.
    fn assemble(description: Description, application: Arc<dyn SomeIp>, runtime: Handle) -> Self {
        let Description { local, authorities, configured, listed, events, limits, options, .. } =
            description;
        let one_dispatcher = description.one_dispatcher;
        let counters = Arc::new(Counters::default());
        let listeners = Arc::new(Listeners::new(one_dispatcher));
        let monitor = Arc::new(Monitor::default());
        let max_outgoing = options.max_outgoing_requests;
        let receiver = Arc::new(Receiver {
            application: application.clone(),
            authorities,
            own: local.uri.get_source_uri(),
            listeners: listeners.clone(),
            outgoing: Arc::new(OutgoingRequests::new(application.clone(), max_outgoing)),
            incoming: Arc::new(IncomingRequests::new(options.max_incoming_requests)),
            counters: counters.clone(),
            payload_format: options.payload_format,
            request_ttl: options.request_ttl,
            invalid: InvalidKinds::default(),
        });
        let sink = receiver.clone();
        let ledger = Arc::new(Ledger::new(
            application.clone(),
            monitor.clone(),
            counters.clone(),
            sink,
            events.clone(),
        ));
        let sender = Arc::new(Sender {
            application,
            ledger: ledger.clone(),
            receiver,
            runtime: runtime.clone(),
            used: Used::default(),
            last_addresses: LastAddresses::default(),
            backlog: Backlog::new(monitor.clone(), max_outgoing),
            monitor: monitor.clone(),
            limits,
            payload_format: options.payload_format,
            notifications: options.notifications,
            reliable: options.reliable,
            foreign_sources: options.foreign_sources,
        });
        let registry = Arc::new(Registry {
            offers: Offers { configured, listed, own_version: local.version, events },
            options,
            ledger,
            listeners,
            runtime,
            counters: counters.clone(),
            entries: Mutex::default(),
            monitor: monitor.clone(),
        });
        Self {
            local: local.uri,
            registry,
            sender,
            monitor,
            counters,
            ended: AtomicBool::default(),
            stop: Mutex::default(),
        }
    }

    /// The transport's counters, and what waits in it now.
    pub fn metrics(&self) -> Metrics {
        self.counters.snapshot(Waiting {
            for_listeners: self.registry.queued(),
            for_services: self.sender.backlog.len(),
            for_responses: self.sender.receiver.outgoing.len(),
            for_answers: self.sender.receiver.incoming.len(),
        })
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
        self.ensure_running()?;
        let service = ServiceInstance::of(uri);
        if !service.is_concrete() {
            return Err(invalid_argument("only a single service can be waited for"));
        }
        self.sender.use_service(service)?;
        self.monitor.wait_for(service).await;
        self.ensure_running()
    }

    /// Ends the transport: withdraws everything, deregisters the application, ends its threads; a
    /// listener that blocks its thread is waited for a second. Whatever is called afterwards fails
    /// with `UNAVAILABLE`; a second call does nothing.
    ///
    /// Takes as long as the routing manager needs to confirm, up to vsomeip's `shutdown_timeout`
    /// (5 s) if it does not. Returns at once in a listener, whose thread ends with the transport. The
    /// name of the application is free for another transport when the last owner of this one is gone.
    pub async fn shutdown(&self) {
        let (done, is_done) = oneshot::channel();
        let begins = self.end(move || {
            // Nobody may be waiting any more.
            let _ = done.send(());
        });
        if begins && !is_on_own_thread() {
            // An error would mean that the thread is gone, which is as well.
            let _ = is_done.await;
        }
    }

    /// Withdraws everything and lets a thread do what may take time; `done` runs at its end.
    /// Returns whether there was anything to end.
    fn end(&self, done: impl FnOnce() + Send + 'static) -> bool {
        self.ended.store(true, Ordering::Release);
        let Some(stop) = self.stop.lock().take() else { return false };
        self.registry.close();
        self.sender.used.clear();
        self.monitor.end();
        let hold = ExitHold::new();
        let ending = thread::Builder::new().name("vsomeip-end".to_owned()).spawn(move || {
            stop();
            done();
            drop(hold);
        });
        if let Err(error) = ending {
            log::error!("the vsomeip application cannot be stopped: {error}");
        }
        true
    }

    fn ensure_running(&self) -> Result<(), UStatus> {
        if self.ended.load(Ordering::Acquire) {
            return Err(unavailable("the transport was shut down"));
        }
        Ok(())
    }
}

/// Whether this is a listener: it runs on a thread that ends with the transport, for which it must not
/// wait.
fn is_on_own_thread() -> bool {
    !is_elsewhere() || thread::current().name() == Some(RUNTIME_THREAD_NAME)
}

impl Drop for UPTransportVsomeip {
    fn drop(&mut self) {
        let (done, is_done) = mpsc::channel();
        let ends = self.end(move || {
            // Nobody may be waiting any more.
            let _ = done.send(());
        });
        if ends && !is_on_own_thread() && is_done.recv_timeout(DROP_PATIENCE).is_err() {
            log::warn!("the vsomeip application still waits for its routing manager to confirm");
        }
    }
}

// Messages are pushed: `receive` is the trait's own, which fails with UNIMPLEMENTED.
// [impl->dsn~utransport-receive-error-unimplemented~1]
#[async_trait]
impl UTransport for UPTransportVsomeip {
    async fn send(&self, message: UMessage) -> Result<(), UStatus> {
        self.ensure_running()?;
        let result = self.sender.send(message);
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
        self.registry.register(Filter::new(source_filter, sink_filter)?, listener)
    }

    async fn unregister_listener(
        &self,
        source_filter: &UUri,
        sink_filter: Option<&UUri>,
        listener: Arc<dyn UListener>,
    ) -> Result<(), UStatus> {
        let filter = Filter::new(source_filter, sink_filter)?;
        self.registry.unregister(filter, &listener)?.settle().await;
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

/// What a transport is made of, but for its application.
pub(crate) struct Description {
    pub(crate) local: Local,
    pub(crate) authorities: Authorities,
    /// The services that the configuration lists on this host.
    pub(crate) configured: Vec<ServiceInstance>,
    /// Those that it lists on whatever host.
    pub(crate) listed: Vec<ServiceInstance>,
    pub(crate) events: Events,
    pub(crate) limits: PayloadLimits,
    /// Whether services on other hosts are found.
    pub(crate) discovers: bool,
    /// Whether vsomeip has one dispatcher thread, whatever happens.
    pub(crate) one_dispatcher: bool,
    /// The topics to be offered from the start.
    pub(crate) offered: Vec<UUri>,
    pub(crate) options: Options,
}

#[cfg(test)]
mod tests;
