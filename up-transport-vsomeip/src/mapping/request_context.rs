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

//! What the response to a request takes from the request. No I/O.

use std::sync::Arc;

use parking_lot::Mutex;
use up_rust::{UAttributes, UPriority, UUri, UUID};
use vsomeip_sys::Header;

use crate::mapping::uri::{service_of, ServiceInstance};
use crate::uprotocol::{RequestParts, UriParts};

/// The attributes of a request that its response repeats.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RequestContext {
    /// The id of the request message.
    pub(crate) id: UUID,
    pub(crate) addresses: Arc<Addresses>,
    pub(crate) priority: Option<UPriority>,
    pub(crate) ttl: Option<u32>,
}

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Addresses {
    /// The caller.
    pub(crate) source: UUri,
    /// The method.
    pub(crate) sink: UUri,
}

/// The addresses of the last request, which are usually those of the next. Sharing them saves each
/// pending request an allocation that another thread would have to free.
#[derive(Default)]
pub(crate) struct LastAddresses(Mutex<Arc<Addresses>>);

impl RequestContext {
    pub(crate) fn of(attributes: UAttributes, last: &LastAddresses) -> Self {
        let RequestParts { id, source, sink, priority, ttl } = RequestParts::of(attributes);
        Self { id, addresses: last.shared(source, sink), priority, ttl }
    }

    /// The service that was called.
    pub(crate) fn service(&self) -> ServiceInstance {
        ServiceInstance::of(&self.addresses.sink)
    }

    /// Whether a response comes from the called method.
    // [impl->dsn~someip-request-id~1]
    pub(crate) fn is_answered_by(&self, response: &Header) -> bool {
        let called = &self.addresses.sink;
        ServiceInstance::of(called) == service_of(response)
            && called.resource() == u32::from(response.method)
    }
}

impl LastAddresses {
    fn shared(&self, source: UUri, sink: UUri) -> Arc<Addresses> {
        let mut last = self.0.lock();
        if source != last.source || sink != last.sink {
            *last = Arc::new(Addresses { source, sink });
        }
        last.clone()
    }
}

#[cfg(test)]
mod tests {
    use up_rust::UMessageBuilder;
    use vsomeip_sys::{InstanceId, MajorVersion, MessageType, MethodId, ServiceId};

    use super::*;
    use crate::testing::uri;

    #[test]
    fn equal_addresses_are_shared() {
        let last = LastAddresses::default();
        let context = |sink, source| {
            let request = UMessageBuilder::request(uri(sink), uri(source), 1).build().unwrap();
            RequestContext::of(request.attributes.unwrap(), &last)
        };
        let one = context("//s/1/1/1", "//c/9/1/0");
        assert!(Arc::ptr_eq(&one.addresses, &context("//s/1/1/1", "//c/9/1/0").addresses));
        for (sink, source) in [("//s/1/1/2", "//c/9/1/0"), ("//s/1/1/2", "//d/9/1/0")] {
            let Addresses { source: shown, sink: called } = &*context(sink, source).addresses;
            assert_eq!((called, shown), (&uri(sink), &uri(source)));
        }
        assert_eq!(one.addresses.sink, uri("//s/1/1/1"));
    }

    // [utest->dsn~someip-request-id~1]
    #[test]
    fn only_called_method_answers() {
        let answers = |called, service, instance, method| {
            let request = UMessageBuilder::request(uri(called), uri("//c/9/1/0"), 1).build();
            let attributes = request.unwrap().attributes.unwrap();
            let response = Header::request(
                MessageType::Response,
                ServiceId(service),
                InstanceId(instance),
                MethodId(method),
                MajorVersion(3),
                false,
            );
            RequestContext::of(attributes, &LastAddresses::default()).is_answered_by(&response)
        };
        // The default instance may be omitted.
        assert!(answers("//s/1234/3/421", 0x1234, 1, 0x421));
        assert!(answers("//s/11234/3/421", 0x1234, 1, 0x421));
        assert!(answers("//s/21234/3/421", 0x1234, 2, 0x421));
        assert!(!answers("//s/1234/3/421", 0x1235, 1, 0x421));
        assert!(!answers("//s/1234/3/421", 0x1234, 2, 0x421));
        assert!(!answers("//s/1234/3/421", 0x1234, 1, 0x422));
    }
}
