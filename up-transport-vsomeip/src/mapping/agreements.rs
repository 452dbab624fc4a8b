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

//! What both ends of a service have agreed upon, since SOME/IP does not carry it. Pure.

use rustc_hash::FxHashMap;
use up_rust::UPayloadFormat;
use vsomeip_sys::{InstanceId, ServiceId};

use crate::mapping::uri::ServiceInstance;
use crate::options::Options;

/// What is agreed upon for the messages of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// All payloads have this format; UNSPECIFIED if none is agreed upon.
    Format(UPayloadFormat),
    /// Each message carries its attributes, the format among them, behind its payload.
    Attributes,
}

/// The agreements for all services.
#[derive(Clone, Debug)]
pub(crate) struct Agreements {
    instances: FxHashMap<ServiceInstance, Agreement>,
    services: FxHashMap<ServiceId, Agreement>,
    others: Agreement,
}

impl Agreements {
    pub(crate) fn of_options(options: &Options) -> Self {
        let Options { payload_format, service_formats, carried, .. } = options;
        if carried.all {
            return Self::general(Agreement::Attributes);
        }
        let mut agreements = Self::general(Agreement::Format(*payload_format));
        for (service, format) in service_formats {
            agreements.services.insert(ServiceId(*service), Agreement::Format(*format));
        }
        for (service, instance) in &carried.services {
            let service = ServiceId(*service);
            match instance.map(InstanceId) {
                None => drop(agreements.services.insert(service, Agreement::Attributes)),
                Some(instance) => {
                    let instance = ServiceInstance { service, instance };
                    agreements.instances.insert(instance, Agreement::Attributes);
                }
            }
        }
        agreements
    }

    fn general(others: Agreement) -> Self {
        Self { instances: FxHashMap::default(), services: FxHashMap::default(), others }
    }

    /// The agreement for a service. Each message asks.
    pub(crate) fn of(&self, service: ServiceInstance) -> Agreement {
        if self.services.is_empty() && self.instances.is_empty() {
            return self.others;
        }
        let of_instance = self.instances.get(&service);
        *of_instance.or_else(|| self.services.get(&service.service)).unwrap_or(&self.others)
    }
}

#[cfg(test)]
mod tests {
    use up_rust::UPayloadFormat::{UPAYLOAD_FORMAT_JSON, UPAYLOAD_FORMAT_PROTOBUF};

    use super::*;
    use crate::testing::service;

    // [utest->dsn~someip-payload-format~1]
    #[test]
    fn format_of_service_precedes_that_of_transport() {
        let mut options =
            Options { payload_format: UPAYLOAD_FORMAT_PROTOBUF, ..Options::default() };
        let general = Agreement::Format(UPAYLOAD_FORMAT_PROTOBUF);
        assert_eq!(Agreements::of_options(&options).of(service(0x1234, 1)), general);
        options.service_formats.insert(0x1234, UPAYLOAD_FORMAT_JSON);
        let agreements = Agreements::of_options(&options);
        for instance in [1, 2] {
            let of_service = agreements.of(service(0x1234, instance));
            assert_eq!(of_service, Agreement::Format(UPAYLOAD_FORMAT_JSON));
        }
        assert_eq!(agreements.of(service(0x1235, 1)), general);
    }

    // [utest->dsn~someip-carried-attributes~1]
    #[test]
    fn attributes_are_carried_where_told() {
        let mut options =
            Options { payload_format: UPAYLOAD_FORMAT_PROTOBUF, ..Options::default() };
        options.service_formats.insert(0x1234, UPAYLOAD_FORMAT_JSON);
        options.carried.services.extend([(0x1234, None), (0x5678, Some(2))]);
        let carried = |options: &Options, number, instance| {
            Agreements::of_options(options).of(service(number, instance)) == Agreement::Attributes
        };
        for (number, instance, is_carried) in [
            (0x1234, 1, true),
            (0x1234, 2, true),
            (0x5678, 1, false),
            (0x5678, 2, true),
            (0x9abc, 1, false),
        ] {
            assert_eq!(carried(&options, number, instance), is_carried, "{number:x}.{instance}");
        }
        options.carried.all = true;
        assert!(carried(&options, 0x9abc, 1));
        assert!(!carried(&Options::default(), 0x1234, 1));
    }
}
