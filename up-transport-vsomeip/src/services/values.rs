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

//! The last values of a service's fields, for later listeners: vsomeip delivers a value to the first
//! subscriber only, and never to the application that offers the service.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;
use up_rust::UMessage;
use vsomeip_sys::{EventId, Header, MajorVersion};

use crate::mapping::authorities::Source;
use crate::uprotocol::MessageParts;

/// The fields of a service that are subscribed to or offered.
#[derive(Default)]
pub(crate) struct LastValues {
    fields: RwLock<FxHashMap<EventId, Arc<Field>>>,
    /// Whether there are fields: a quick check for every event.
    has_fields: AtomicBool,
    /// The version of the subscription.
    version: AtomicU8,
}

/// The value of a field, if it has one. The recipients of a value are determined under the lock.
pub(crate) type Field = Mutex<Option<FieldValue>>;

/// The value of a field.
pub(crate) struct FieldValue {
    pub(crate) event: UMessage,
    pub(crate) source: Source,
    /// The number of the last registration when it arrived. Later registrations have not got it.
    pub(crate) registrations: u64,
    /// Whether this transport has published it.
    pub(crate) is_own: bool,
}

impl LastValues {
    /// Fills in the version of a value that vsomeip has kept without one, as it did not know the version of
    /// the service when the event was requested.
    pub(crate) fn with_version(&self, header: &Header) -> Header {
        match header.interface_version {
            0 => Header { interface_version: self.version.load(Ordering::Relaxed), ..*header },
            _ => *header,
        }
    }

    /// Starts keeping the value of a field that is subscribed to in a version.
    pub(super) fn track_in(&self, version: MajorVersion, event: EventId) {
        self.version.store(version.0, Ordering::Relaxed);
        self.track(event);
    }

    /// Starts keeping the value of a field.
    pub(super) fn track(&self, event: EventId) {
        self.fields.write().entry(event).or_default();
        self.has_fields.store(true, Ordering::Release);
    }

    /// Like [`track`](Self::track), but drops an earlier value.
    pub(super) fn restart(&self, event: EventId) {
        self.forget(event);
        self.track(event);
    }

    pub(super) fn forget(&self, event: EventId) {
        let mut fields = self.fields.write();
        fields.remove(&event);
        self.has_fields.store(!fields.is_empty(), Ordering::Release);
    }

    /// Drops the values of a service that has gone, except those published by this transport.
    pub(super) fn clear(&self) {
        self.fields.read().values().for_each(|field| drop(field.lock().take_if(|it| !it.is_own)));
    }

    /// Calls `repeat` for the values published by this transport, each before a newer one is published.
    pub(super) fn repeat_own(&self, repeat: impl Fn(EventId, &[u8])) {
        let fields: Vec<_> = self.fields.read().iter().map(|(id, it)| (*id, it.clone())).collect();
        for (event, field) in fields {
            let value = field.lock();
            if let Some(value) = value.as_ref().filter(|value| value.is_own) {
                repeat(event, &value.event.payload_bytes().unwrap_or_default());
            }
        }
    }

    /// The field of an event, if it is one that is subscribed to or offered.
    pub(crate) fn field(&self, event: EventId) -> Option<Arc<Field>> {
        if !self.has_fields.load(Ordering::Acquire) {
            return None;
        }
        self.fields.read().get(&event).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Field>> {
        self.fields.read().values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::published;

    const FIELD: EventId = EventId(0x8001);

    fn set(values: &LastValues, number: u32) {
        let event = published("//ecu/1234/1/8001", number);
        let value = FieldValue { event, source: Source::Known, registrations: 0, is_own: false };
        *values.field(FIELD).unwrap().lock() = Some(value);
    }

    #[test]
    fn only_tracked_fields_are_kept() {
        let values = LastValues::default();
        assert!(values.field(FIELD).is_none());
        values.track(FIELD);
        assert!(values.field(FIELD).is_some());
        assert!(values.field(EventId(0x8002)).is_none());
        values.forget(FIELD);
        assert!(values.field(FIELD).is_none());
    }

    #[test]
    fn only_own_values_are_repeated() {
        let values = LastValues::default();
        let repeated = || {
            let all = Mutex::new(Vec::new());
            values.repeat_own(|event, payload| all.lock().push((event, payload.to_vec())));
            all.into_inner()
        };
        values.track(FIELD);
        assert_eq!(repeated(), []);
        set(&values, 7);
        assert_eq!(repeated(), []);
        let field = values.field(FIELD).unwrap();
        field.lock().as_mut().unwrap().is_own = true;
        let payload = field.lock().as_ref().unwrap().event.payload.clone().unwrap();
        assert_eq!(repeated(), [(FIELD, payload.to_vec())]);
    }

    #[test]
    fn kept_value_has_version_of_subscription() {
        let values = LastValues::default();
        values.track_in(MajorVersion(3), FIELD);
        for (version, expected) in [(0, 3), (5, 5)] {
            let header = Header { interface_version: version, ..Header::default() };
            assert_eq!(values.with_version(&header).interface_version, expected);
        }
    }

    #[test]
    fn value_is_dropped_with_service_or_subscription() {
        let values = LastValues::default();
        let is_known = || values.all().iter().any(|field| field.lock().is_some());
        values.track(FIELD);
        set(&values, 1);
        // A second subscription in another version.
        values.track(FIELD);
        assert!(is_known());
        values.clear();
        assert!(!is_known());
        set(&values, 2);
        values.forget(FIELD);
        values.track(FIELD);
        assert!(!is_known());
    }
}
