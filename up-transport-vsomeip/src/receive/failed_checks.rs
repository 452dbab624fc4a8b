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

//! Recognises and logs messages whose E2E check in vsomeip has failed.

use std::collections::hash_map::Entry;
use std::time::Duration;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::time::Instant;
use up_rust::UStatus;
use vsomeip_sys::{CheckResult, Header, MessageType, ReturnCode};

use crate::mapping::uri::service_of;
use crate::metrics::Counter;
use crate::uprotocol::code;

/// The shortest time between two warnings about the same method or event.
const SILENCE: Duration = Duration::from_secs(10);

/// Whether the check of a message has failed. Errors without a payload are exempt: they cannot be protected,
/// so vsomeip's check always fails, and trusting their return code is safe.
pub(super) fn has_failed(header: &Header, payload: &[u8]) -> bool {
    header.check_result() != CheckResult::Ok && !(payload.is_empty() && is_error(header))
}

/// The status of a request whose response has failed its check.
pub(super) fn status() -> UStatus {
    UStatus::fail_with_code(code::DATA_LOSS, "the E2E check of the response has failed")
}

fn is_error(header: &Header) -> bool {
    let is_response = matches!(header.message_type(), MessageType::Response | MessageType::Error);
    is_response && header.return_code() != ReturnCode::Ok
}

/// Logs failed checks at a limited rate, since every message may fail.
#[derive(Default)]
pub(super) struct FailedChecks {
    /// Few: only configured methods and events are checked.
    warnings: Mutex<FxHashMap<Checked, LastWarning>>,
}

/// The service, instance, method or event, and message type.
type Checked = (u16, u16, u16, u8);

/// The time of the last warning, and the number of failures since.
struct LastWarning {
    at: Instant,
    suppressed: u64,
}

impl FailedChecks {
    /// Counts a message whose check has failed, and logs it.
    pub(super) fn note(&self, header: &Header, counter: &Counter) {
        counter.increment();
        if let Some(suppressed) = self.suppressed(header) {
            let service = service_of(header);
            log::warn!(service:% = service, method:% = header.method(); "{}", text(header, suppressed));
        }
    }

    /// The number of failures since the last warning; `None` if it is too early for the next.
    fn suppressed(&self, header: &Header) -> Option<u64> {
        let Header { service, instance, method, message_type, .. } = *header;
        let now = Instant::now();
        match self.warnings.lock().entry((service, instance, method, message_type)) {
            Entry::Vacant(entry) => {
                entry.insert(LastWarning { at: now, suppressed: 0 });
                Some(0)
            }
            Entry::Occupied(mut entry) => {
                let last = entry.get_mut();
                if now.duration_since(last.at) < SILENCE {
                    last.suppressed += 1;
                    return None;
                }
                last.at = now;
                Some(std::mem::take(&mut last.suppressed))
            }
        }
    }
}

fn text(header: &Header, suppressed: u64) -> String {
    let (what, outcome) = match header.message_type() {
        MessageType::Request => ("a request to method", "it is rejected"),
        MessageType::RequestNoReturn => ("a request without return to method", "it is dropped"),
        MessageType::Response | MessageType::Error => {
            ("a response of method", "the request fails with DATA_LOSS")
        }
        MessageType::Notification | MessageType::Unknown(_) => ("an event", "it is dropped"),
    };
    let reason = match header.check_result() {
        CheckResult::WrongChecksum => "its checksum is wrong",
        _ => "its length, data id or counter is wrong, or it is too short",
    };
    let more = match suppressed {
        0 => String::new(),
        suppressed => format!("; {suppressed} more since the last warning"),
    };
    format!(
        "the E2E check of {what} {} of service {} has failed, as {reason}: {outcome}{more}; set the same \
         profile and parameters in `e2e.protected` on both hosts",
        header.method(),
        service_of(header),
    )
}

#[cfg(test)]
mod tests {
    use vsomeip_sys::{InstanceId, MajorVersion, MethodId, ServiceId};

    use super::*;

    fn failed(message_type: MessageType, method: u16) -> Header {
        let (service, instance) = (ServiceId(0x5310), InstanceId(1));
        let (method, version) = (MethodId(method), MajorVersion(3));
        let header = Header::request(message_type, service, instance, method, version, false);
        Header { check_result: CheckResult::WrongChecksum.into(), ..header }
    }

    #[test]
    fn error_without_payload_is_exempt() {
        let error = Header {
            return_code: ReturnCode::NotReady.into(),
            ..failed(MessageType::Error, 0x421)
        };
        assert!(!has_failed(&error, b""));
        assert!(has_failed(&error, b"x"));
        let no_error = Header { return_code: ReturnCode::Ok.into(), ..error };
        assert!(has_failed(&no_error, b""));
        // A request is never an error.
        let request = Header { message_type: MessageType::Request.into(), ..error };
        assert!(has_failed(&request, b""));
    }

    #[tokio::test(start_paused = true)]
    async fn warnings_are_rate_limited() {
        let checks = FailedChecks::default();
        let event = failed(MessageType::Notification, 0x8001);
        assert_eq!(checks.suppressed(&event), Some(0));
        for _ in 0..3 {
            assert_eq!(checks.suppressed(&event), None);
        }
        let others = [
            failed(MessageType::Notification, 0x8002),
            Header { service: 0x5311, ..event },
            Header { instance: 2, ..event },
            failed(MessageType::Request, 0x8001),
        ];
        for other in others {
            assert_eq!(checks.suppressed(&other), Some(0), "{other:?}");
        }
        tokio::time::advance(SILENCE).await;
        assert_eq!(checks.suppressed(&event), Some(3));
        assert_eq!(checks.suppressed(&event), None);
    }

    #[test]
    fn warning_names_message_and_reason() {
        let event = text(&failed(MessageType::Notification, 0x8001), 0);
        assert!(event.contains("an event 8001 of service 5310.0001"), "{event}");
        assert!(event.contains("checksum is wrong: it is dropped;"), "{event}");
        let response = Header {
            check_result: CheckResult::Failed.into(),
            ..failed(MessageType::Response, 0x0421)
        };
        let response = text(&response, 7);
        assert!(response.contains("a response of method 0421 of service 5310.0001"), "{response}");
        assert!(response.contains("counter is wrong"), "{response}");
        assert!(response.contains("DATA_LOSS; 7 more since the last warning"), "{response}");
    }
}
