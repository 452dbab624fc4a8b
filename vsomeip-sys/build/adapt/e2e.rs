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

//! Corrections of E2E protection.
//!
//! Text inserted into vsomeip's files is under their licence, the MPL-2.0.

use super::{Correction, Edit, V3_4_10, V3_7_4};

const ROUTING_MANAGER: &str = "implementation/routing/src/routing_manager_impl.cpp";
const ROUTING_CLIENT: &str = "implementation/routing/src/routing_manager_client.cpp";
const P01: &str = "implementation/e2e_protection/src/e2e/profile/profile01/profile_01.cpp";
const P04_CHECKER: &str = "implementation/e2e_protection/src/e2e/profile/profile04/checker.cpp";
const P04_PROTECTOR: &str = "implementation/e2e_protection/src/e2e/profile/profile04/protector.cpp";
const P07_CHECKER: &str = "implementation/e2e_protection/src/e2e/profile/profile07/checker.cpp";
const P07_PROTECTOR: &str = "implementation/e2e_protection/src/e2e/profile/profile07/protector.cpp";
const P05: &str = "implementation/e2e_protection/src/e2e/profile/profile05/profile_05.cpp";
const UTILITY: &str = "implementation/utility/include/utility.hpp";

/// Requires that a message is long enough for the header of a profile behind its offset.
macro_rules! room_for_header {
    (V3_4_10, $file:ident, $length:literal, $header:literal) => {
        Edit {
            versions: &[V3_4_10],
            file: $file,
            before: concat!("    return (", $length, " >= config_.min_data_length_\n"),
            after: concat!(
                "    return (",
                $length,
                " >= config_.offset_ + ",
                $header,
                "\n            && ",
                $length,
                " >= config_.min_data_length_\n"
            ),
        }
    };
    (V3_7_4, $file:ident, $length:literal, $header:literal) => {
        Edit {
            versions: &[V3_7_4],
            file: $file,
            before: concat!("    return (", $length, " >= config_.min_data_length_ &&"),
            after: concat!(
                "    return (",
                $length,
                " >= config_.offset_ + ",
                $header,
                " && ",
                $length,
                " >= config_.min_data_length_ &&"
            ),
        }
    };
}

pub(super) const E2E: &[Correction] = &[
    Correction {
        why: "The routing manager and its clients cache a field value that failed its E2E check, and \
              pass it to later subscribers as a valid one.",
        edits: &[
            Edit {
                versions: &[V3_4_10],
                file: ROUTING_MANAGER,
                before: "        auto its_subscribers
            = its_event->update_and_get_filtered_subscribers(its_payload, _is_from_remote);
",
                after: "        auto its_subscribers = _status_check == 0
            ? its_event->update_and_get_filtered_subscribers(its_payload, _is_from_remote)
            : its_event->get_subscribers();
",
            },
            Edit {
                versions: &[V3_7_4],
                file: ROUTING_MANAGER,
                before: "        auto its_subscribers = its_event->update_and_get_filtered_subscribers(its_payload, _is_from_remote);
",
                after: "        auto its_subscribers = _status_check == 0 ? its_event->update_and_get_filtered_subscribers(its_payload, _is_from_remote)
                                                  : its_event->get_subscribers();
",
            },
            Edit {
                versions: &[V3_4_10],
                file: ROUTING_CLIENT,
                before: "        const std::shared_ptr<message> &_message) {
    const service_t its_service(_message->get_service());
",
                after: "        const std::shared_ptr<message> &_message) {
    if (!_message->is_valid_crc())
        return;
    const service_t its_service(_message->get_service());
",
            },
            Edit {
                versions: &[V3_7_4],
                file: ROUTING_CLIENT,
                before: "void routing_manager_client::cache_event_payload(const std::shared_ptr<message>& _message) {
",
                after: "void routing_manager_client::cache_event_payload(const std::shared_ptr<message>& _message) {
    if (!_message->is_valid_crc())
        return;
",
            },
        ],
    },
    Correction {
        why: "A message that is too short for its E2E profile is read and written out of bounds.",
        edits: &[
            Edit {
                versions: &[V3_4_10],
                file: P01,
                before: "            && _config.crc_offset_ <= _buffer.size()
            && _config.counter_offset_ / 8 <= _buffer.size()
            && _config.data_id_nibble_offset_ / 8 <= _buffer.size());
",
                after: "            && _config.crc_offset_ < _buffer.size()
            && _config.counter_offset_ / 8U < _buffer.size()
            && _config.data_id_nibble_offset_ / 8U < _buffer.size());
",
            },
            room_for_header!(V3_4_10, P04_CHECKER, "its_length", "12"),
            room_for_header!(V3_4_10, P04_PROTECTOR, "_buffer.size()", "12"),
            room_for_header!(V3_4_10, P07_CHECKER, "its_length", "20"),
            room_for_header!(V3_4_10, P07_PROTECTOR, "_buffer.size()", "20"),
            Edit {
                versions: &[V3_7_4],
                file: P01,
                before: "    return (((_config.data_length_ / 8) + 1U <= _buffer.size()) && _config.crc_offset_ <= _buffer.size()
            && _config.counter_offset_ / 8 <= _buffer.size() && _config.data_id_nibble_offset_ / 8 <= _buffer.size());
",
                after: "    return (((_config.data_length_ / 8) + 1U <= _buffer.size()) && _config.crc_offset_ < _buffer.size()
            && _config.counter_offset_ / 8U < _buffer.size() && _config.data_id_nibble_offset_ / 8U < _buffer.size());
",
            },
            Edit {
                versions: &[V3_7_4],
                file: P05,
                before: "    return ((_config.data_length_ / 8) + 1U <= _buffer.size());
",
                after: "    return (_config.offset_ + 3U <= _buffer.size() && (_config.data_length_ / 8) + 1U <= _buffer.size());
",
            },
            room_for_header!(V3_7_4, P04_CHECKER, "its_length", "12"),
            room_for_header!(V3_7_4, P04_PROTECTOR, "_buffer.size()", "12"),
            room_for_header!(V3_7_4, P07_CHECKER, "its_length", "20"),
            room_for_header!(V3_7_4, P07_PROTECTOR, "_buffer.size()", "20"),
        ],
    },
    Correction {
        why: "The counter is compared with the first one received, not with the last one.",
        edits: &[
            Edit {
                versions: &[V3_4_10],
                file: P04_CHECKER,
                before: "            its_delta = uint16_t(uint16_t(0xffff) - its_counter + _received_counter);
    } else {
",
                after: "            its_delta = uint16_t(uint16_t(0xffff) - its_counter + _received_counter);
        find_counter->second = _received_counter;
    } else {
",
            },
            Edit {
                versions: &[V3_4_10],
                file: P07_CHECKER,
                before: "            its_delta = uint32_t(uint32_t(0xffffffff) - its_counter + _received_counter);
    } else {
",
                after: "            its_delta = uint32_t(uint32_t(0xffffffff) - its_counter + _received_counter);
        find_counter->second = _received_counter;
    } else {
",
            },
        ],
    },
    Correction {
        why: "A response with a return code for a failed E2E check is dropped and its connection \
              closed.",
        edits: &[
            Edit {
                versions: &[V3_4_10],
                file: UTILITY,
                before: "                || _code == return_code_e::E_WRONG_MESSAGE_TYPE
",
                after: "                || _code == return_code_e::E_WRONG_MESSAGE_TYPE
                || (static_cast<std::uint8_t>(_code) >= 0x0B
                    && static_cast<std::uint8_t>(_code) <= 0x0F)
",
            },
            Edit {
                versions: &[V3_7_4],
                file: UTILITY,
                before: "|| _code == return_code_e::E_WRONG_MESSAGE_TYPE
",
                after: "|| _code == return_code_e::E_WRONG_MESSAGE_TYPE
                || (static_cast<std::uint8_t>(_code) >= 0x0B && static_cast<std::uint8_t>(_code) <= 0x0F)
",
            },
        ],
    },
    Correction {
        why: "P07 truncates the length of a message to 16 bits.",
        edits: &[
            Edit {
                versions: &[V3_4_10],
                file: P07_PROTECTOR,
                before: "        write_32(_buffer, static_cast<uint16_t>(_buffer.size()), ",
                after: "        write_32(_buffer, static_cast<uint32_t>(_buffer.size()), ",
            },
            Edit {
                versions: &[V3_7_4],
                file: P07_PROTECTOR,
                before: "static_cast<uint16_t>(_buffer.size())",
                after: "static_cast<uint32_t>(_buffer.size())",
            },
        ],
    },
];
