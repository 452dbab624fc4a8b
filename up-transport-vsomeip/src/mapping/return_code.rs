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

//! `UCode` ↔ SOME/IP return code: the error code table of the SOME/IP binding. Pure.

use up_rust::UCode;
use vsomeip_sys::ReturnCode;

use crate::uprotocol::code;

/// Status to return code; `E_NOT_OK` if not listed. The rows of the binding's table come first. Where
/// it allows two return codes, this is the one that other stacks are more likely to know.
// [impl->dsn~someip-return-code-out~1]
const OUTBOUND: [(UCode, ReturnCode); 10] = [
    (code::OK, ReturnCode::Ok),
    (code::INVALID_ARGUMENT, ReturnCode::WrongMessageType),
    (code::DEADLINE_EXCEEDED, ReturnCode::Timeout),
    (code::NOT_FOUND, ReturnCode::UnknownService),
    (code::UNAVAILABLE, ReturnCode::NotReady),
    (code::DATA_LOSS, ReturnCode::MalformedMessage),
    (code::INTERNAL, ReturnCode::NotReachable),
    (code::UNKNOWN, ReturnCode::NotOk),
    (code::FAILED_PRECONDITION, ReturnCode::WrongInterfaceVersion),
    (code::UNIMPLEMENTED, ReturnCode::UnknownMethod),
];

/// Return code to status; `UNKNOWN` if not listed, as are the service-specific codes from 0x20 on.
// [impl->dsn~someip-return-code-in~1]
const INBOUND: [(ReturnCode, UCode); 16] = [
    (ReturnCode::Ok, code::OK),
    (ReturnCode::NotOk, code::UNKNOWN),
    (ReturnCode::UnknownService, code::NOT_FOUND),
    (ReturnCode::UnknownMethod, code::INVALID_ARGUMENT),
    (ReturnCode::NotReady, code::UNAVAILABLE),
    (ReturnCode::NotReachable, code::INTERNAL),
    (ReturnCode::Timeout, code::DEADLINE_EXCEEDED),
    (ReturnCode::WrongProtocolVersion, code::FAILED_PRECONDITION),
    (ReturnCode::WrongInterfaceVersion, code::FAILED_PRECONDITION),
    (ReturnCode::MalformedMessage, code::DATA_LOSS),
    (ReturnCode::E2eRepeated, code::DATA_LOSS),
    (ReturnCode::E2eWrongSequence, code::DATA_LOSS),
    (ReturnCode::E2e, code::DATA_LOSS),
    (ReturnCode::E2eNotAvailable, code::DATA_LOSS),
    (ReturnCode::E2eNoNewData, code::DATA_LOSS),
    (ReturnCode::WrongMessageType, code::INVALID_ARGUMENT),
];

pub(crate) fn return_code_of(status: UCode) -> ReturnCode {
    OUTBOUND
        .iter()
        .find(|(candidate, _)| *candidate == status)
        .map_or(ReturnCode::NotOk, |(_, return_code)| *return_code)
}

pub(crate) fn status_of(return_code: ReturnCode) -> UCode {
    INBOUND
        .iter()
        .find(|(candidate, _)| *candidate == return_code)
        .map_or(code::UNKNOWN, |(_, status)| *status)
}

#[cfg(test)]
mod tests {
    use protobuf::Enum;

    use super::*;

    // [utest->dsn~someip-return-code-out~1]
    // [utest->dsn~someip-return-code-in~1]
    #[test]
    fn status_of_table_survives_round_trip() {
        for status in [
            UCode::OK,
            UCode::INVALID_ARGUMENT,
            UCode::DEADLINE_EXCEEDED,
            UCode::NOT_FOUND,
            UCode::UNAVAILABLE,
            UCode::DATA_LOSS,
            UCode::INTERNAL,
            UCode::UNKNOWN,
            UCode::FAILED_PRECONDITION,
        ] {
            assert_eq!(status_of(return_code_of(status)), status);
        }
    }

    // [utest->dsn~someip-return-code-out~1]
    #[test]
    fn only_ok_is_sent_as_ok() {
        for &status in UCode::VALUES {
            assert_eq!(return_code_of(status) == ReturnCode::Ok, status == UCode::OK);
        }
        assert_eq!(return_code_of(UCode::PERMISSION_DENIED), ReturnCode::NotOk);
    }

    // [utest->dsn~someip-return-code-in~1]
    #[test]
    fn every_return_code_has_status() {
        for code in 0..=u8::MAX {
            let return_code = ReturnCode::from(code);
            assert_eq!(status_of(return_code) == UCode::OK, code == 0);
        }
        assert_eq!(status_of(ReturnCode::Unknown(0x20)), UCode::UNKNOWN);
        assert_eq!(status_of(ReturnCode::UnspecifiedError), UCode::UNKNOWN);
    }

    /// `WrongMessageType` → `E_WRONG_MESSAGE_TYPE`
    fn name_of(return_code: ReturnCode) -> String {
        format!("{return_code:?}").chars().fold("E".to_owned(), |name, letter| {
            let separator = if letter.is_uppercase() { "_" } else { "" };
            name + separator + &letter.to_ascii_uppercase().to_string()
        })
    }

    fn name_of_status(status: UCode) -> String {
        format!("{status:?}")
    }

    #[test]
    fn tables_match_design_document() {
        let design = include_str!("../../../DESIGN.md");
        let begin = design.find("| UCode, sent |").unwrap();
        let rows: Vec<Vec<&str>> = design[begin..]
            .lines()
            .skip(2)
            .take_while(|line| !line.is_empty())
            .map(|line| line.split('|').map(str::trim).collect())
            .collect();
        let sent: Vec<_> = rows.iter().map(|row| (row[1].to_owned(), row[2].to_owned())).collect();
        let received: Vec<_> = rows
            .iter()
            .flat_map(|row| row[4].split(", ").map(|code| (code.to_owned(), row[5].to_owned())))
            .collect();
        let mut outbound =
            OUTBOUND.map(|(status, code)| (name_of_status(status), name_of(code))).to_vec();
        outbound.push(("every other".to_owned(), "E_NOT_OK".to_owned()));
        assert_eq!(sent, outbound);
        let mut inbound =
            INBOUND.map(|(code, status)| (name_of(code), name_of_status(status))).to_vec();
        inbound.push(("every other".to_owned(), "UNKNOWN".to_owned()));
        assert_eq!(received, inbound);
    }
}
