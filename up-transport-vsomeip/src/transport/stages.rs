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

//! The stages of a message, put together: each knows what it passes messages on to.

use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;
use tokio::runtime::{Handle, Runtime};
use tokio::time::timeout;
use up_rust::{UStatus, UUri};
use vsomeip_sys::{MajorVersion, ServiceId};

use crate::delivery::executor::Executor;
use crate::delivery::mailbox::Mailbox;
use crate::diagnosis::Expected;
use crate::error::has_ended;
use crate::events::Events;
use crate::mapping::agreements::Agreements;
use crate::mapping::authorities::Authorities;
use crate::mapping::inbound::Inbound;
use crate::mapping::local_entity::Local;
use crate::mapping::uri::ServiceInstance;
use crate::metrics::{Counters, Waiting};
use crate::network::announcements::Announcements;
use crate::network::own_client::OwnClient;
use crate::network::state::Monitor;
use crate::network::static_routes::StaticRoutes;
use crate::options::Options;
use crate::receive::{self, Receiver};
use crate::registration::answers::Answers;
use crate::registration::filter::Offers;
use crate::registration::registry::{self, Registry};
use crate::registration::routes::Routes;
use crate::rpc::incoming::IncomingRequests;
use crate::rpc::outgoing::OutgoingRequests;
use crate::send::payload_limits::PayloadLimits;
use crate::send::protocols::Rules;
use crate::send::{self, Sender};
use crate::services::{Environment, InterfaceVersions, Lease, Need, Services};
use crate::stack::DiscoveryGroup;
use crate::vsomeip::application::SomeIp;

/// What a transport is made of, but for its application.
pub(crate) struct Description {
    pub(crate) local: Local,
    pub(crate) authorities: Authorities,
    /// The services that the configuration lists on this host.
    pub(crate) configured: Vec<ServiceInstance>,
    /// Those that it lists on whatever host.
    pub(crate) listed: Vec<ServiceInstance>,
    pub(crate) events: Events,
    /// The versions of own services, where they are not that of the local entity.
    pub(crate) versions: FxHashMap<ServiceId, MajorVersion>,
    pub(crate) limits: PayloadLimits,
    /// Which protocols requests take.
    pub(crate) rules: Rules,
    /// Where services on other hosts are announced, if they are found.
    pub(crate) discovery: Option<DiscoveryGroup>,
    /// The services on other hosts that are found without.
    pub(crate) static_routes: StaticRoutes,
    /// Whether vsomeip has one dispatcher thread, whatever happens.
    pub(crate) one_dispatcher: bool,
    /// What the configuration expects of the system.
    pub(crate) expected: Expected,
    /// The topics to be offered from the start.
    pub(crate) offered: Vec<UUri>,
    pub(crate) options: Options,
}

/// All stages. Nothing of them is reachable any more when the transport has ended.
pub(crate) struct Stages {
    pub(super) registry: Registry,
    pub(super) sender: Arc<Sender>,
    pub(super) services: Arc<Services>,
    pub(super) outgoing: Arc<OutgoingRequests>,
    pub(super) incoming: Arc<IncomingRequests>,
    pub(super) answers: Arc<Answers>,
    pub(super) monitor: Arc<Monitor>,
    pub(super) announcements: Arc<Announcements>,
    pub(super) own_client: Arc<OwnClient>,
    pub(super) counters: Arc<Counters>,
}

/// For how long the listeners may take at the end to learn of the requests that have failed.
const LAST_CALLS_TIMEOUT: Duration = Duration::from_secs(1);

impl Stages {
    /// Listeners run on `listeners`, everything else on the runtime of the `control` thread.
    pub(crate) fn assemble(
        description: Description,
        application: Arc<dyn SomeIp>,
        listeners: Executor,
        control: Handle,
    ) -> Self {
        let Description {
            local,
            authorities,
            configured,
            listed,
            versions,
            limits,
            rules,
            discovery,
            options,
            ..
        } = description;
        let own = local.uri;
        let events = Arc::new(description.events);
        let monitor = Arc::new(Monitor::new(description.static_routes));
        let announcements = Arc::<Announcements>::default();
        let counters = Arc::<Counters>::default();
        let routes = Arc::<Routes>::default();
        let outgoing = OutgoingRequests::new(application.clone(), options.max_outgoing_requests);
        let outgoing = Arc::new(outgoing);
        let incoming = IncomingRequests::new(application.clone(), options.max_incoming_requests);
        let incoming = Arc::new(incoming);
        let answers = Arc::new(Answers::new(routes.clone(), counters.clone()));
        let own_client = Arc::new(OwnClient::new(monitor.clone()));
        let receiver = Receiver::new(receive::Parts {
            own: own.clone(),
            inbound: Inbound::new(
                authorities,
                Agreements::of_options(&options),
                limits.protection(),
                options.request_ttl,
            ),
            routes: routes.clone(),
            outgoing: outgoing.clone(),
            incoming: incoming.clone(),
            announcements: announcements.clone(),
            counters: counters.clone(),
            own_client: own_client.clone(),
            request_ttl: options.request_ttl,
            one_dispatcher: description.one_dispatcher,
        });
        let services = Arc::new(Services::new(Environment {
            application: application.clone(),
            monitor: monitor.clone(),
            counters: counters.clone(),
            events: events.clone(),
            versions: InterfaceVersions::new(local.version, versions),
            receive: Arc::new(receiver),
        }));
        let parts = send::Parts {
            application,
            services: services.clone(),
            outgoing: outgoing.clone(),
            incoming: incoming.clone(),
            answers: answers.clone(),
            routes: routes.clone(),
            events: events.clone(),
            monitor: monitor.clone(),
            counters: counters.clone(),
            limits,
            announcements: announcements.clone(),
            rules,
            discovery,
            control: control.clone(),
        };
        let sender = Arc::new(Sender::new(parts, own.clone(), &options));
        let registry = Registry::new(registry::Parts {
            own,
            offers: Offers { configured, listed, events },
            options,
            services: services.clone(),
            monitor: monitor.clone(),
            routes,
            executor: listeners,
            counters: counters.clone(),
        });
        Self {
            registry,
            sender,
            services,
            outgoing,
            incoming,
            answers,
            monitor,
            announcements,
            own_client,
            counters,
        }
    }

    /// Requests what has to be requested before the application runs, for as long as the lease lives.
    ///
    /// # Errors
    ///
    /// `INTERNAL` if vsomeip fails.
    pub(super) fn request_first(&self) -> Result<Lease, UStatus> {
        let first = self.monitor.static_routes().requested_first();
        self.services.acquire(first.map(Need::Request).collect())
    }

    /// What waits now.
    pub(super) fn waiting(&self) -> Waiting {
        Waiting {
            for_listeners: self.registry.queued(),
            for_services: self.sender.waiting(),
            for_subscribers: self.sender.held(),
            for_responses: self.outgoing.len(),
            for_answers: self.incoming.len(),
        }
    }

    /// Withdraws everything, and answers what is in flight: remote callers with E_NOT_READY, the
    /// local senders of requests with UNAVAILABLE. `control` is the runtime of this thread.
    pub(super) fn close(&self, control: &Runtime) {
        let mailboxes = self.registry.close();
        self.sender.publish_held();
        // As long as the services are offered.
        self.incoming.close();
        // From now on nothing arrives.
        self.services.close();
        let waited_for = self.fail_requests(&mailboxes);
        self.monitor.end();
        let last_calls = async {
            for mailbox in &waited_for {
                mailbox.idle().await;
            }
        };
        if control.block_on(async { timeout(LAST_CALLS_TIMEOUT, last_calls).await }).is_err() {
            log::debug!("a listener was too slow for the responses of its last requests");
        }
        mailboxes.iter().for_each(|mailbox| mailbox.close());
        self.registry.end_all();
    }

    /// Returns the mailboxes of those who are told.
    fn fail_requests(&self, mailboxes: &[Arc<Mailbox>]) -> Vec<Arc<Mailbox>> {
        mailboxes.iter().for_each(|mailbox| mailbox.clear());
        let (idle, busy): (Vec<_>, Vec<_>) =
            mailboxes.iter().partition(|mailbox| mailbox.is_idle());
        self.sender.close();
        for context in self.outgoing.close() {
            self.answers.fail(context, &has_ended());
        }
        let told = busy.into_iter().filter(|mailbox| mailbox.queued() > 0);
        idle.into_iter().filter(|mailbox| !mailbox.is_idle()).chain(told).cloned().collect()
    }
}
