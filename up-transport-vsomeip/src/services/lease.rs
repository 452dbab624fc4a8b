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

//! Needs of a service, and the leases that hold them.

use std::sync::Arc;

use vsomeip_sys::{EventId, EventgroupId, MajorVersion};

use crate::mapping::uri::ServiceInstance;
use crate::services::Services;

/// Something to acquire in vsomeip, so that messages arrive or can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Need {
    /// A request of the service, which reports its availability. The instance may be a wildcard.
    Request(ServiceInstance),
    /// A handler for the messages of the service.
    Handler(ServiceInstance),
    /// A subscription to an event of a requested service.
    Subscription(ServiceInstance, MajorVersion, EventId),
    /// An offer of the service in a version; the wildcard stands for any version.
    Offer(ServiceInstance, MajorVersion),
    /// An offer in this version, unless another version is needed. Another application may offer the
    /// service, too.
    WeakOffer(ServiceInstance, MajorVersion),
    /// Like `Offer`, but for a configured service that only matches a wildcard: another application may
    /// offer it, too.
    OfferListed(ServiceInstance, MajorVersion),
    /// An offer of the event.
    OfferEvent(ServiceInstance, EventId),
    /// A count of the subscriptions to the eventgroup.
    Subscribers(ServiceInstance, EventgroupId),
}

impl Need {
    /// Whether it is an offer of the service.
    pub(super) fn is_offer(self) -> bool {
        matches!(self, Self::Offer(..) | Self::WeakOffer(..) | Self::OfferListed(..))
    }

    /// The version that it requires of the offer, if any.
    pub(super) fn offered_version(self) -> Option<MajorVersion> {
        match self {
            Self::Offer(_, version) | Self::OfferListed(_, version) => {
                Some(version).filter(|version| *version != MajorVersion::ANY)
            }
            _ => None,
        }
    }

    /// Whether it makes the service this transport's own.
    pub(super) fn is_own(self) -> bool {
        matches!(self, Self::Offer(..) | Self::OfferEvent(..))
    }

    pub(crate) fn service(self) -> ServiceInstance {
        match self {
            Self::Request(service)
            | Self::Handler(service)
            | Self::Subscription(service, ..)
            | Self::Offer(service, _)
            | Self::WeakOffer(service, _)
            | Self::OfferListed(service, _)
            | Self::OfferEvent(service, _)
            | Self::Subscribers(service, _) => service,
        }
    }
}

/// The needs for offering a service. The handler rejects requests to unknown methods.
// [impl->dsn~someip-request-in~1]
pub(crate) fn offer_needs(service: ServiceInstance, version: MajorVersion) -> [Need; 2] {
    [Need::Handler(service), Need::Offer(service, version)]
}

/// Holds acquired needs. Releases them in reverse order when dropped.
#[must_use]
pub(crate) struct Lease {
    services: Arc<Services>,
    needs: Vec<Need>,
}

impl Lease {
    pub(super) fn empty(services: Arc<Services>, capacity: usize) -> Self {
        Self { services, needs: Vec::with_capacity(capacity) }
    }

    pub(super) fn push(&mut self, need: Need) {
        self.needs.push(need);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        while let Some(need) = self.needs.pop() {
            self.services.remove_user(need);
        }
    }
}
