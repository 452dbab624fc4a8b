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

//! What vsomeip's E2E protection requires of a message. vsomeip sends unprotected what it cannot protect,
//! and the receiver drops it. Pure.

use rustc_hash::FxHashMap;
use up_rust::UStatus;
use vsomeip_sys::ServiceId;

use crate::error::invalid_argument;
use crate::mapping::trailer;
use crate::mapping::uri::ServiceInstance;

/// The messages that an E2E profile can protect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// The minimum size of the payload, into which the profile writes, in bytes.
    pub(crate) least: usize,
    /// The maximum size of the payload and the attributes after it, in bytes.
    pub(crate) most: usize,
    /// The highest instance id.
    pub(crate) last_instance: u16,
}

/// The methods and events whose outgoing messages are protected.
#[derive(Debug, Default)]
pub(crate) struct Protection {
    by_id: FxHashMap<(ServiceId, u16), Bounds>,
}

impl Protection {
    pub(crate) fn new(bounds: impl Iterator<Item = ((ServiceId, u16), Bounds)>) -> Self {
        Self { by_id: bounds.collect() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The number of bytes that the profile writes at the beginning of a payload of this method or event.
    pub(crate) fn room(&self, service: ServiceId, id: u16) -> usize {
        self.by_id.get(&(service, id)).map_or(0, |bounds| bounds.least)
    }

    /// Checks a message of a method or event to other hosts.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if vsomeip would send it unprotected.
    pub(crate) fn check(
        &self,
        service: ServiceInstance,
        id: u16,
        bytes: &[u8],
    ) -> Result<(), UStatus> {
        let Some(bounds) = self.by_id.get(&(service.service, id)) else { return Ok(()) };
        let problem = bounds.problem(service, bytes);
        problem.map_or(Ok(()), |problem| {
            Err(invalid_argument(format!(
                "the E2E protection of {id:04x} of service {service} {problem}; see `e2e.protected` in \
                 vsomeip's configuration"
            )))
        })
    }
}

impl Bounds {
    fn problem(&self, service: ServiceInstance, bytes: &[u8]) -> Option<String> {
        let Self { least, most, last_instance } = *self;
        let payload = trailer::payload_size(bytes);
        let size = bytes.len();
        if payload < least {
            Some(format!(
                "takes payloads of {least} bytes at least, but this one has {payload}: leave room for \
                 the bytes that vsomeip writes"
            ))
        } else if size > most {
            Some(format!("takes {most} bytes at most, but these are {size}"))
        } else if service.instance.0 > last_instance {
            Some(format!("takes instances up to {last_instance:04x}"))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use up_rust::UAttributes;

    use super::*;
    use crate::testing::service;

    const EVENT: u16 = 0x8001;

    fn protection() -> Protection {
        let bounds = Bounds { least: 6, most: 50, last_instance: 0xff };
        Protection::new([((ServiceId(0x1234), EVENT), bounds)].into_iter())
    }

    #[track_caller]
    fn assert_refused(instance: u16, bytes: &[u8], text: &str) {
        let error = protection().check(service(0x1234, instance), EVENT, bytes).unwrap_err();
        let message = error.get_message();
        assert!(message.contains("8001 of service 1234"), "{message}");
        assert!(message.contains(text), "{message}");
    }

    #[test]
    fn bytes_must_be_protectable() {
        assert_refused(1, &[0; 5], "takes payloads of 6 bytes at least, but this one has 5");
        assert_refused(1, &[0; 51], "takes 50 bytes at most, but these are 51");
        assert_refused(0x100, &[0; 6], "takes instances up to 00ff");
        for size in [6, 50] {
            protection().check(service(0x1234, 0xff), EVENT, &vec![0; size]).unwrap();
        }
    }

    #[test]
    fn other_ids_are_not_protected() {
        for (service, id) in [(service(0x1234, 1), EVENT + 1), (service(0x1235, 1), EVENT)] {
            protection().check(service, id, &[]).unwrap();
            assert_eq!(protection().room(service.service, id), 0);
        }
        assert_eq!(protection().room(ServiceId(0x1234), EVENT), 6);
    }

    #[test]
    fn attributes_leave_no_room_for_protection() {
        let with_attributes =
            |payload: &[u8]| trailer::append(Some(payload), &UAttributes::default(), "").unwrap();
        assert_refused(1, &with_attributes(&[0; 5]), "but this one has 5");
        assert_refused(1, &with_attributes(&[0; 32]), "takes 50 bytes at most");
        protection().check(service(0x1234, 1), EVENT, &with_attributes(&[0; 6])).unwrap();
    }
}
