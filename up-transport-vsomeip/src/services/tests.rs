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

use std::future::Future;
use std::sync::mpsc::{channel, sync_channel};
use std::task::{Context, Wake, Waker};
use std::thread;

use parking_lot::RwLockReadGuard;
use up_rust::UCode;
use vsomeip_sys::{EventId, EventgroupId, MajorVersion, MethodId, ServiceId};

use super::*;
use crate::events::EventOptions;
use crate::mapping::authorities::Source;
use crate::network::state::Subscription;
use crate::testing::{
    accept_event_requests, environment, published, service, unfinished, Call, Vsomeip, POOL,
};
use crate::vsomeip::application::MockSomeIp;
use crate::vsomeip::handler_pool::{MessageSink, SlotLease};

mod handlers;
mod leases;
mod offers;
mod own_services;
mod requests;
mod subscriptions;
mod threads;
mod values;

const EVENT: EventId = EventId(0x8001);
const GROUP: EventgroupId = EventgroupId(0x8001);
const VERSION: MajorVersion = MajorVersion(3);
const OTHER_VERSION: MajorVersion = MajorVersion(4);
/// The version of local services without a configured one.
const OWN_VERSION: MajorVersion = MajorVersion(1);

fn this() -> ServiceInstance {
    service(0x1234, 2)
}

fn other() -> ServiceInstance {
    service(0x1234, 3)
}

fn any_instance() -> ServiceInstance {
    service(0x1234, 0xffff)
}

fn register(service: ServiceInstance) -> Call {
    Call::RegisterHandler(service, MethodId::ANY)
}

fn unregister(service: ServiceInstance) -> Call {
    Call::UnregisterHandler(service, MethodId::ANY)
}

struct Fixture {
    vsomeip: Arc<Vsomeip>,
    monitor: Arc<Monitor>,
    receive: Arc<dyn Receive>,
    services: Arc<Services>,
    _pool: RwLockReadGuard<'static, ()>,
}

impl Fixture {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Environment)) -> Self {
        let pool = POOL.read();
        let vsomeip = Arc::new(Vsomeip::default());
        let mut environment = environment(vsomeip.mock());
        change(&mut environment);
        let (monitor, receive) = (environment.monitor.clone(), environment.receive.clone());
        let services = Arc::new(Services::new(environment));
        Self { vsomeip, monitor, receive, services, _pool: pool }
    }

    fn acquire(&self, needs: &[Need]) -> Result<Lease, UCode> {
        self.services.acquire(needs.to_vec()).map_err(|status| status.get_code())
    }

    fn appear(&self, service: ServiceInstance) {
        self.vsomeip.report(service, Some(VERSION));
    }

    /// A lease that requests an available service.
    fn available(&self, service: ServiceInstance) -> Lease {
        let lease = self.acquire(&[Need::Request(service)]).unwrap();
        self.appear(service);
        lease
    }

    /// The number of services. Each holds the receiver, as do the environment and this fixture.
    fn living(&self) -> usize {
        Arc::strong_count(&self.receive) - 2
    }
}

/// A need of each kind, and the calls that acquire and release it.
fn one_of_each() -> [(Need, Call, Call); 5] {
    [
        (Need::Handler(this()), register(this()), unregister(this())),
        (
            Need::Offer(this(), VERSION),
            Call::OfferService(this(), VERSION),
            Call::StopOfferService(this(), VERSION),
        ),
        (
            Need::OfferEvent(this(), EVENT),
            Call::OfferEvent(this(), EVENT),
            Call::StopOfferEvent(this(), EVENT),
        ),
        (Need::Request(other()), Call::RequestService(other()), Call::ReleaseService(other())),
        (
            Need::Subscription(other(), VERSION, EVENT),
            Call::Subscribe(other(), VERSION, EVENT),
            Call::Unsubscribe(other(), EVENT),
        ),
    ]
}

fn needs() -> Vec<Need> {
    one_of_each().into_iter().map(|(need, _, _)| need).collect()
}

fn acquired() -> Vec<Call> {
    one_of_each().into_iter().map(|(_, acquire, _)| acquire).collect()
}

/// The calls that release the first `count` needs.
fn released(count: usize) -> Vec<Call> {
    one_of_each().into_iter().take(count).rev().map(|(_, _, release)| release).collect()
}

/// Events with a field of all instances.
fn field() -> Arc<Events> {
    let mut events = Events::default();
    events.insert(this(), EVENT, EventOptions::in_groups(&[5]).field());
    Arc::new(events)
}
