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

//! How the payloads of a service are encoded, as agreed between its two ends: SOME/IP does not say. Pure.

use up_rust::UPayloadFormat;
use vsomeip_sys::{InstanceId, ServiceId};

use crate::mapping::per_service::PerService;
use crate::mapping::uri::ServiceInstance;
use crate::options::Options;

/// The agreement for the messages of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// All payloads have this format. UNSPECIFIED means that no format is agreed on.
    Format(UPayloadFormat),
    /// Each message carries its attributes, including the payload format, after its payload.
    Attributes,
}

/// The agreements for all services.
#[derive(Clone, Debug)]
pub(crate) struct Agreements {
    services: PerService<Agreement>,
    others: Agreement,
}

impl Agreements {
    pub(crate) fn of_options(options: &Options) -> Self {
        let Options { payload_format, service_formats, carried, .. } = options;
        let mut services = PerService::default();
        if carried.all {
            return Self { services, others: Agreement::Attributes };
        }
        for (service, format) in service_formats {
            services.insert(ServiceId(*service), None, Agreement::Format(*format));
        }
        for (service, instance) in &carried.services {
            services.insert(ServiceId(*service), instance.map(InstanceId), Agreement::Attributes);
        }
        Self { services, others: Agreement::Format(*payload_format) }
    }

    /// The agreement for a service. Called for every message.
    pub(crate) fn of(&self, service: ServiceInstance) -> Agreement {
        if self.services.is_empty() {
            return self.others;
        }
        *self.services.get(service).unwrap_or(&self.others)
    }
}

#[cfg(test)]
mod tests {
    use up_rust::UPayloadFormat::{UPAYLOAD_FORMAT_JSON, UPAYLOAD_FORMAT_PROTOBUF};

    use super::*;
    use crate::testing::service;

    // [utest->dsn~someip-payload-format~1]
    #[test]
    fn service_format_overrides_transport_format() {
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
    fn only_configured_services_carry_attributes() {
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
