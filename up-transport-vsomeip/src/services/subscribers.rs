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
//! Counts the subscriptions to watched eventgroups of local services.

use rustc_hash::FxHashMap;
use tokio::sync::watch;
use vsomeip_sys::callback::SubscriptionCallback;
use vsomeip_sys::{ClientId, Error, EventgroupId};

use crate::mapping::uri::ServiceInstance;
use crate::vsomeip::application::SomeIp;

/// The client id for which vsomeip reports subscriptions of other hosts.
const OTHER_HOSTS: ClientId = ClientId(0);

/// The number of subscriptions to each eventgroup since it is watched.
#[derive(Default)]
pub(crate) struct Arrivals(FxHashMap<EventgroupId, Arrived>);

#[derive(Clone, Copy, Default)]
struct Arrived {
    all: usize,
    /// Those from other hosts.
    remote: usize,
}

impl Arrivals {
    /// The number of subscriptions to `groups`, or only of those from other hosts.
    pub(crate) fn of(&self, groups: &[EventgroupId], only_remote: bool) -> usize {
        let arrived = groups.iter().filter_map(|group| self.0.get(group));
        arrived.map(|arrived| if only_remote { arrived.remote } else { arrived.all }).sum()
    }
}

/// Receives vsomeip's reports of subscriptions to a service.
pub(super) struct Subscribers(watch::Sender<Arrivals>);

impl Default for Subscribers {
    fn default() -> Self {
        Self(watch::Sender::new(Arrivals::default()))
    }
}

impl Subscribers {
    pub(super) fn arrivals(&self) -> watch::Receiver<Arrivals> {
        self.0.subscribe()
    }

    /// Starts counting the subscriptions to a group, which are all accepted.
    pub(super) fn watch(
        &self,
        application: &dyn SomeIp,
        service: ServiceInstance,
        group: EventgroupId,
    ) -> Result<(), Error> {
        application.watch_subscribers(service, group, self.callback(group))
    }

    pub(super) fn ignore(
        &self,
        application: &dyn SomeIp,
        service: ServiceInstance,
        group: EventgroupId,
    ) -> Result<(), Error> {
        let result = application.ignore_subscribers(service, group);
        self.0.send_modify(|Arrivals(groups)| {
            groups.remove(&group);
        });
        result
    }

    fn callback(&self, group: EventgroupId) -> SubscriptionCallback {
        let sender = self.0.clone();
        SubscriptionCallback::new(move |client, is_subscribed| {
            if is_subscribed {
                sender.send_modify(|Arrivals(groups)| {
                    let arrived = groups.entry(group).or_default();
                    arrived.all += 1;
                    arrived.remote += usize::from(client == OTHER_HOSTS);
                });
            }
            true
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::testing::{service, Vsomeip};

    const GROUP: EventgroupId = EventgroupId(5);
    const OTHER_GROUP: EventgroupId = EventgroupId(6);

    #[test]
    fn subscriptions_are_counted_by_group() {
        let (vsomeip, subscribers) = (Arc::new(Vsomeip::default()), Subscribers::default());
        let (mock, service) = (vsomeip.mock(), service(0x1234, 1));
        let arrivals = subscribers.arrivals();
        for group in [GROUP, OTHER_GROUP] {
            subscribers.watch(&mock, service, group).unwrap();
        }
        vsomeip.subscribe(ClientId(0x101), service, GROUP);
        vsomeip.subscribe(OTHER_HOSTS, service, OTHER_GROUP);
        let of = |groups: &[EventgroupId], remote| arrivals.borrow().of(groups, remote);
        assert_eq!((of(&[GROUP], false), of(&[GROUP], true)), (1, 0));
        assert_eq!((of(&[GROUP, OTHER_GROUP], false), of(&[OTHER_GROUP], true)), (2, 1));
        subscribers.ignore(&mock, service, OTHER_GROUP).unwrap();
        assert_eq!(of(&[GROUP, OTHER_GROUP], false), 1);
    }
}
