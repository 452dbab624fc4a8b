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

//! What is needed of a service, and for how long.

use std::sync::Arc;

use vsomeip_sys::{EventId, EventgroupId, MajorVersion};

use crate::mapping::uri::ServiceInstance;
use crate::services::Services;

/// What vsomeip must be asked for so that messages arrive or can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Need {
    /// The service is requested, so that its availability is known. The instance may be a wildcard.
    Request(ServiceInstance),
    /// The messages of the service are handled.
    Handler(ServiceInstance),
    /// The event of a requested service is subscribed to.
    Subscription(ServiceInstance, MajorVersion, EventId),
    /// The service is offered, in a version; with the wildcard, in whichever.
    Offer(ServiceInstance, MajorVersion),
    /// The service is offered, in this version unless another one is needed. It may be somebody
    /// else's: only what was reported so far is known.
    WeakOffer(ServiceInstance, MajorVersion),
    /// Like `Offer`, for a service that is not named, but only matches: it may be somebody else's.
    OfferListed(ServiceInstance, MajorVersion),
    /// The event is offered.
    OfferEvent(ServiceInstance, EventId),
    /// Those who subscribe to the eventgroup are counted.
    Subscribers(ServiceInstance, EventgroupId),
}

impl Need {
    /// Whether the service is offered for it.
    pub(super) fn is_offer(self) -> bool {
        matches!(self, Self::Offer(..) | Self::WeakOffer(..) | Self::OfferListed(..))
    }

    /// The version in which the service must be offered for it, if it matters.
    pub(super) fn offered_version(self) -> Option<MajorVersion> {
        match self {
            Self::Offer(_, version) | Self::OfferListed(_, version) => {
                Some(version).filter(|version| *version != MajorVersion::ANY)
            }
            _ => None,
        }
    }

    /// Whether the service is this transport's own by it.
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

/// The offer of a service, and a handler for all of its methods: unknown ones get an error.
// [impl->dsn~someip-request-in~1]
pub(crate) fn offer_needs(service: ServiceInstance, version: MajorVersion) -> [Need; 2] {
    [Need::Handler(service), Need::Offer(service, version)]
}

/// Keeps what was acquired; releases it, in reverse order, when dropped.
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
