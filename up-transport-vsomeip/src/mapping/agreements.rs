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
use vsomeip_sys::ServiceId;

use crate::mapping::uri::ServiceInstance;
use crate::options::Options;

/// What is agreed upon for the messages of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// All payloads have this format; UNSPECIFIED if none is agreed upon.
    Format(UPayloadFormat),
}

/// The agreements for all services.
#[derive(Clone, Debug)]
pub(crate) struct Agreements {
    services: FxHashMap<ServiceId, Agreement>,
    others: Agreement,
}

impl Agreements {
    pub(crate) fn of_options(options: &Options) -> Self {
        let formats = options.service_formats.iter();
        let services =
            formats.map(|(service, format)| (ServiceId(*service), Agreement::Format(*format)));
        Self { services: services.collect(), others: Agreement::Format(options.payload_format) }
    }

    /// The agreement for a service. Each message asks.
    pub(crate) fn of(&self, service: ServiceInstance) -> Agreement {
        if self.services.is_empty() {
            return self.others;
        }
        self.services.get(&service.service).copied().unwrap_or(self.others)
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
}
