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

#pragma once

#include <cstddef>
#include <cstdint>

#include "rust/cxx.h"
#include "vsomeip_glue/bridge.h"

// Fault injection and inspection for tests; compiled for the feature `fault-injection`.
namespace vsomeip_glue {

// The next call from this thread into vsomeip throws an std::runtime_error with this text instead.
void arm_error(rust::Str text);
// The same with an exception that is not derived from std::exception.
void arm_other();
// Whether a fault is armed on this thread and has not been thrown yet.
bool is_armed() noexcept;

// A message with these fields. vsomeip has no setter for the protocol version.
MessagePtr make_message(const Header &header, rust::Slice<const std::uint8_t> payload);
// The address of the message's payload in vsomeip.
std::size_t payload_address(const vsomeip_v3::message &message) noexcept;

// Redirects std::cout to memory; `collected` returns the text and clears it.
void collect_console();
rust::Vec<std::uint8_t> collected();
// Writes to std::cout, each time with one `<<`.
void print(rust::Slice<const std::uint8_t> text);
void flush_console();

}  // namespace vsomeip_glue
