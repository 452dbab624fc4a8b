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

//! Executes the commands on the transport.

use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use protobuf::Enum;
use tokio::sync::watch;
use up_rust::{UCode, UPayloadFormat, UStatus, UTransport, UUri};
use up_transport_vsomeip::stack::{LogLevel, StackConfig};
use up_transport_vsomeip::{
    NotificationMode, Overflow, Problem, Protocol, RuntimeConfig, ServiceInstance, State,
    TransportBuilder, UPTransportVsomeip, VsomeipLog,
};

use crate::attributes::{self, Shown};
use crate::blockers::Told;
use crate::calls::{Calls, Echo, Route};
use crate::cycles::{self, End};
use crate::events::{churn, publish, Action, Events, PROBE};
use crate::gates::Gates;
use crate::l2::{self, Services};
use crate::plain::Plain;
use crate::refuser;
use crate::sizes::{self, Sizes};
use crate::streamer::{client_id, Streamer};
use crate::subscriber::{self, register_for_notifications, Subscriptions};
use crate::usubscription::Wishes;
use crate::{Limits, Log, Options};

/// The authority of the SOME/IP network.
pub(crate) const REMOTE: &str = "remote";

/// Where listeners find the transport; nobody else keeps it.
pub(crate) type Transport = Arc<RwLock<Option<Arc<UPTransportVsomeip>>>>;

pub(crate) struct Entity {
    pub(crate) local: UUri,
    pub(crate) builder: TransportBuilder,
    /// What it gives to its constructor, if this is a uStreamer.
    streamer: Option<Streamer>,
    pub(crate) transport: Transport,
    /// The transport, kept by nobody.
    started: Mutex<Weak<UPTransportVsomeip>>,
    pub(crate) calls: Arc<Calls>,
    pub(crate) events: Arc<Events>,
    /// More of these, by name.
    pub(crate) listeners: Mutex<HashMap<String, Arc<Events>>>,
    /// The listeners that show all of what they get, by name.
    pub(crate) shown: Mutex<HashMap<String, Arc<Shown>>>,
    pub(crate) gates: Gates,
    pub(crate) told: Arc<Told>,
    services: Services,
    wishes: Arc<Wishes>,
    subscriptions: Subscriptions,
    sizes: Arc<Sizes>,
    route: Arc<Route>,
    pub(crate) config: Option<PathBuf>,
    /// The application beside the transport.
    pub(crate) plain: Mutex<Option<Plain>>,
    /// The transport beside the peer's.
    pub(crate) beside: Mutex<Option<UPTransportVsomeip>>,
}

impl Entity {
    pub(crate) fn new(options: &Options) -> Result<Self, UStatus> {
        let transport = Transport::default();
        let entity = Self {
            local: options.local.clone(),
            builder: builder(options),
            streamer: options.streamer.then(|| Streamer::of(options)),
            events: Arc::new(Events::new(transport.clone())),
            route: Arc::new(Route {
                echo: Echo { transport: transport.clone(), status: None },
                responses: watch::Sender::new(0),
            }),
            transport,
            calls: Arc::default(),
            config: options.config.clone(),
            plain: Mutex::default(),
            beside: Mutex::default(),
            started: Mutex::default(),
            listeners: Mutex::default(),
            shown: Mutex::default(),
            gates: Gates::default(),
            told: Arc::default(),
            services: Services::default(),
            wishes: Arc::default(),
            subscriptions: Subscriptions::default(),
            sizes: Arc::default(),
        };
        entity.start()?;
        Ok(entity)
    }

    pub(crate) fn start(&self) -> Result<(), UStatus> {
        let transport = match &self.streamer {
            None => self.builder.clone().build()?,
            Some(streamer) => streamer.start(self.local.clone())?,
        };
        let transport = Arc::new(transport);
        *self.started.lock() = Arc::downgrade(&transport);
        *self.transport.write() = Some(transport);
        Ok(())
    }

    /// Shuts the transport down and drops it.
    pub(crate) async fn end(&self) {
        self.shutdown().await;
        *self.transport.write() = None;
    }

    /// Whether nobody has the transport any more.
    pub(crate) fn is_gone(&self) -> bool {
        self.started.lock().strong_count() == 0
    }

    pub(crate) fn transport(&self) -> Result<Arc<UPTransportVsomeip>, Box<dyn Error>> {
        Ok(self.transport.read().clone().ok_or("there is no transport")?)
    }

    pub(crate) async fn obey(&self, line: &str) -> Result<String, Box<dyn Error>> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let done = "ok".to_owned();
        match words[..] {
            ["serve", method] => self.serve(method, None).await.map(|()| done),
            ["churn-requests", method, count] => {
                let (anybody, method) = (UUri::any_with_resource_id(0), method.parse()?);
                Ok(churn(&*self.transport()?, anybody, Some(method), count.parse()?).await?)
            }
            ["refuse", method, status] => {
                let status = UCode::from_str(status).ok_or("no such status")?;
                self.serve(method, Some(status)).await.map(|()| done)
            }
            ["call", method, count, window, ttl] => {
                let transport = self.transport()?;
                let method: UUri = method.parse()?;
                let (count, window, ttl) = (count.parse()?, window.parse()?, ttl.parse()?);
                let own = &self.local;
                Ok(self.calls.clone().run(&*transport, method, own, count, window, ttl).await?)
            }
            ["call-sized", method, size, ttl] => {
                let (method, size, ttl) = (method.parse()?, size.parse()?, ttl.parse()?);
                sizes::call(&*self.transport()?, method, &self.local, size, ttl).await
            }
            ["publish-sized", topic, size] => {
                sizes::publish(&*self.transport()?, topic.parse()?, size.parse()?).await?;
                Ok(done)
            }
            ["subscribe-sized", topic] => {
                let topic: UUri = topic.parse()?;
                self.transport()?.register_listener(&topic, None, self.sizes.clone()).await?;
                Ok(done)
            }
            ["sized"] => Ok(self.sizes.next().await.ok_or("no events any more")?),
            ["subscribe", topic] => {
                let topic: UUri = topic.parse()?;
                self.transport()?.register_listener(&topic, None, self.events.clone()).await?;
                Ok(done)
            }
            ["unsubscribe", topic] => {
                let topic: UUri = topic.parse()?;
                self.transport()?.unregister_listener(&topic, None, self.events.clone()).await?;
                Ok(done)
            }
            ["publish", topic, first, count] => {
                let topic: UUri = topic.parse()?;
                publish(&*self.transport()?, topic, first.parse()?, count.parse()?).await?;
                Ok(done)
            }
            ["probe", topic] => {
                publish(&*self.transport()?, topic.parse()?, PROBE, 1).await?;
                Ok(done)
            }
            ["connected", topic] => {
                self.events.connected(&topic.parse()?).await;
                Ok(done)
            }
            ["received", count] => Ok(self.events.received(count.parse()?).await),
            ["churn", topic, count] => {
                Ok(churn(&*self.transport()?, topic.parse()?, None, count.parse()?).await?)
            }
            ["at-next", action] => {
                self.events.at_next(match action {
                    "panic" => Action::Panic,
                    "drop" => Action::DropTransport,
                    "shutdown" => Action::Shutdown,
                    "use-socket" => Action::UseSocket,
                    _ => return Err("no such action".into()),
                });
                Ok(done)
            }
            ["serve-l2", method] => {
                self.services.serve(self.transport()?, &method.parse()?).await?;
                Ok(done)
            }
            ["call-l2", method, text] => {
                Ok(l2::call(self.transport()?, method.parse()?, text.trim_matches('"')).await?)
            }
            ["listen", topic] => {
                l2::listen(self.transport()?, &topic.parse()?, self.events.clone()).await?;
                Ok(done)
            }
            ["notify", resource, sink, number] => {
                let (resource, sink) = (u16::from_str_radix(resource, 16)?, sink.parse()?);
                l2::notify(self.transport()?, resource, &sink, number.parse()?).await?;
                Ok(done)
            }
            ["serve-usubscription"] => {
                self.services.keep(self.wishes.clone().serve(self.transport()?).await?);
                Ok(done)
            }
            ["wishes"] => Ok(self.wishes.counts()),
            ["tell", topic, state] => {
                self.wishes.tell(self.transport()?, &topic.parse()?, state).await?;
                Ok(done)
            }
            ["subscribe-l2", topic] => {
                self.subscriptions.subscribe(self.transport()?, &topic.parse()?).await?;
                Ok(done)
            }
            ["unsubscribe-l2", topic] => {
                self.subscriptions.unsubscribe(&topic.parse()?).await?;
                Ok(done)
            }
            ["register-l2", topic] => {
                register_for_notifications(self.transport()?, topic.parse()?).await?;
                Ok(done)
            }
            ["publish-l2", resource, text] => {
                let resource = u16::from_str_radix(resource, 16)?;
                subscriber::publish(self.transport()?, resource, text).await?;
                Ok(done)
            }
            ["heard"] => Ok(self.subscriptions.heard().await),
            ["heard-so-far"] => Ok(self.subscriptions.heard_so_far().await),
            ["changed"] => Ok(self.subscriptions.change().await),
            ["route", from, to] => {
                let (from, to): (UUri, UUri) = (from.parse()?, to.parse()?);
                self.transport()?.register_listener(&from, Some(&to), self.route.clone()).await?;
                Ok(done)
            }
            ["unroute", from, to] => {
                let (from, to): (UUri, UUri) = (from.parse()?, to.parse()?);
                let transport = self.transport()?;
                transport.unregister_listener(&from, Some(&to), self.route.clone()).await?;
                Ok(done)
            }
            ["routed", count] => {
                let count: u64 = count.parse()?;
                let mut responses = self.route.responses.subscribe();
                let _ = responses.wait_for(|responses| *responses >= count).await;
                Ok(done)
            }
            ["refuse-subscribers", topic] => {
                let config = self.config.as_deref().ok_or("no configuration file")?;
                *self.plain.lock() = Some(refuser::start(config, &topic.parse()?)?);
                Ok(done)
            }
            ["registered", registered] => {
                let registered: bool = registered.parse()?;
                let is_wanted = |state: &State| state.registered == registered;
                self.transport()?.state().wait_for(is_wanted).await?;
                Ok(done)
            }
            ["await", service] => {
                self.transport()?.wait_for_service(&service.parse()?).await?;
                Ok(done)
            }
            ["away", service] => {
                let service = ServiceInstance::of(&service.parse()?);
                let is_away = |state: &State| !state.services.contains_key(&service);
                self.transport()?.state().wait_for(is_away).await?;
                Ok(done)
            }
            ["subscription", topic, status] => {
                let topic: UUri = topic.parse()?;
                let key = (ServiceInstance::of(&topic), u16::try_from(topic.resource_id)?);
                let is_wanted = |state: &State| {
                    let now = state.subscriptions.get(&key);
                    now.is_some_and(|now| format!("{now:?}") == status)
                };
                self.transport()?.state().wait_for(is_wanted).await?;
                Ok(done)
            }
            ["problem", name, is_there] => {
                let is_there: bool = is_there.parse()?;
                let is_it = |problem: &Problem| format!("{problem:?}").starts_with(name);
                let is_wanted = |state: &State| state.problems.iter().any(is_it) == is_there;
                self.transport()?.state().wait_for(is_wanted).await?;
                Ok(done)
            }
            ["problems"] => Ok(format!("{:?}", self.transport()?.state().borrow().problems)),
            ["metrics"] => Ok(format!("{:?}", self.transport()?.metrics())),
            ["restart"] => {
                self.end().await;
                self.start()?;
                Ok(done)
            }
            ["second", name] => {
                let config = StackConfig::for_application(name, 0xfffe);
                drop(self.builder.clone().stack(config).build()?);
                Ok(done)
            }
            ["shutdown"] => {
                self.shutdown().await;
                Ok(done)
            }
            ["discard", place] => self.discard(place).map(|()| done),
            ["cycle", end, count, method] => {
                let end = End::of(end).ok_or("no such end")?;
                let (count, method) = (count.parse()?, method.parse()?);
                self.end().await;
                cycles::cycle(&self.builder, end, count, &method, &self.local).await?;
                self.start()?;
                Ok(done)
            }
            ["register", count] => {
                cycles::register(&*self.transport()?, &self.local, count.parse()?).await?;
                Ok(done)
            }
            ["beside", config, local] => {
                let (config, local) = (Path::new(config), local.parse()?);
                cycles::beside(&*self.transport()?, &self.local, config, local).await
            }
            ["memory"] => cycles::memory(),
            ["resources"] => resources(),
            _ => self.strain(&words).await,
        }
    }

    /// Drops the transport.
    fn discard(&self, place: &str) -> Result<(), Box<dyn Error>> {
        let transport = self.transport.write().take();
        match place {
            "here" => drop(transport),
            "outside" => {
                std::thread::spawn(|| drop(transport)).join().map_err(|_| "the drop panicked")?;
            }
            _ => return Err("no such place".into()),
        }
        Ok(())
    }

    async fn serve(&self, method: &str, status: Option<UCode>) -> Result<(), Box<dyn Error>> {
        let echo = Arc::new(Echo { transport: self.transport.clone(), status });
        let anybody = UUri::any_with_resource_id(0);
        Ok(self.transport()?.register_listener(&anybody, Some(&method.parse()?), echo).await?)
    }

    pub(crate) async fn shutdown(&self) {
        let transport = self.transport.read().clone();
        if let Some(transport) = transport {
            transport.shutdown().await;
        }
    }
}

fn builder(options: &Options) -> TransportBuilder {
    let mut builder = UPTransportVsomeip::builder(options.local.clone(), REMOTE)
        .strict_configuration(options.strict)
        .reliable(options.reliable);
    if let Some(path) = &options.config {
        builder = builder.config_file(path);
    }
    if let Some(name) = &options.application_name {
        builder = builder.application_name(name);
    }
    if let Some(name) = &options.application {
        builder = builder.stack(in_memory(name, options));
    }
    if options.wrapped_payloads {
        builder = builder.payload_format(UPayloadFormat::UPAYLOAD_FORMAT_PROTOBUF_WRAPPED_IN_ANY);
    }
    for topic in &options.offer {
        builder = builder.offer(topic.clone());
    }
    if options.notify_by_event {
        builder = builder.notifications(NotificationMode::Event);
    }
    if let Some(threads) = options.threads {
        builder = builder.runtime(RuntimeConfig::new(threads));
    }
    if options.no_inline {
        builder = builder.in_place(false);
    }
    if let Some(ttl) = options.request_ttl {
        builder = builder.request_ttl(Duration::from_millis(ttl));
    }
    if let Some(time) = options.hold_first_messages {
        builder = builder.hold_first_messages(Duration::from_millis(time));
    }
    if options.drop_oldest {
        builder = builder.when_queue_is_full(Overflow::DropOldest);
    }
    if let Some(format) = &options.payload_format {
        builder = builder.payload_format(attributes::format(format));
    }
    for agreed in &options.service_format {
        let (service, format) = agreed.split_once('=').expect("SERVICE=FORMAT");
        builder = builder.service_payload_format(id(service), attributes::format(format));
    }
    for service in &options.carry {
        builder = builder.carry_attributes(id(service), None);
    }
    for authority in &options.authority {
        let (service, name) = authority.split_once('=').expect("SERVICE=NAME");
        builder = builder.authority(id(service), None, name);
    }
    for protocol in &options.protocol {
        builder = with_protocol(builder, protocol);
    }
    builder = with_limits(builder, &options.limits);
    match options.vsomeip_log {
        None => builder,
        Some(Log::Console) => builder.vsomeip_log(VsomeipLog::Console),
        Some(Log::Bridged) => builder.vsomeip_log(VsomeipLog::Bridged),
        Some(Log::Silent) => builder.vsomeip_log(VsomeipLog::Silent),
    }
}

fn with_protocol(builder: TransportBuilder, protocol: &str) -> TransportBuilder {
    let (whose, name) = protocol.split_once('=').expect("SERVICE=PROTOCOL");
    let protocol = match name {
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        _ => panic!("no protocol is named {name}"),
    };
    match whose.split_once('.') {
        None => builder.protocol(id(whose), None, protocol),
        Some((service, method)) => builder.method_protocol(id(service), None, id(method), protocol),
    }
}

fn id(text: &str) -> u16 {
    u16::from_str_radix(text, 16).expect("an id")
}

fn with_limits(mut builder: TransportBuilder, limits: &Limits) -> TransportBuilder {
    type Limit = fn(TransportBuilder, usize) -> TransportBuilder;
    let limits: [(_, Limit); 7] = [
        (limits.max_listeners, TransportBuilder::max_listeners),
        (limits.max_listeners_per_filter, TransportBuilder::max_listeners_per_filter),
        (limits.listener_queue, TransportBuilder::listener_queue),
        (limits.max_outgoing_requests, TransportBuilder::max_outgoing_requests),
        (limits.max_incoming_requests, TransportBuilder::max_incoming_requests),
        (limits.max_published_topics, TransportBuilder::max_published_topics),
        (limits.hold_first_messages_bytes, TransportBuilder::hold_first_messages_bytes),
    ];
    for (count, set) in limits {
        if let Some(count) = count {
            builder = set(builder, count);
        }
    }
    builder
}

fn in_memory(name: &str, options: &Options) -> StackConfig {
    StackConfig::for_application(name, client_id(&options.local))
        .with_network(&options.network)
        .with_routing(&options.routing)
        .with_log_level(LogLevel::Warning)
        .without_service_discovery()
}

fn resources() -> Result<String, Box<dyn Error>> {
    let mut names = Vec::new();
    for task in std::fs::read_dir("/proc/self/task")? {
        let name = std::fs::read_to_string(task?.path().join("comm"))?;
        // vsomeip begins the names of its threads with the client id, which may change.
        let name = name.trim().trim_start_matches(|c: char| c.is_ascii_hexdigit());
        names.push(name.to_owned());
    }
    names.retain(|name| name != "tokio-rt-worker");
    names.sort();
    let descriptors = std::fs::read_dir("/proc/self/fd")?.count();
    Ok(format!("{} descriptors {descriptors}", names.join(" ")))
}
