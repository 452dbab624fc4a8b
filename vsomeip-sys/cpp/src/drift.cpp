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

// Compile-time checks of what cxx and autocxx do not compare; see src/drift.rs.

#include <cstdint>
#include <type_traits>

#include "vsomeip-sys/src/drift.rs.h"
#include "vsomeip.h"
#include "vsomeip_glue/bridge.h"

namespace vsomeip_glue {

// Rust's handlers have the type that the glue calls.
static_assert(std::is_same_v<decltype(&message_handler), MessageHandlerFn>);

constexpr std::uint32_t number(Wildcard wildcard) { return static_cast<std::uint32_t>(wildcard); }

static_assert(vsomeip_v3::ANY_SERVICE == number(Wildcard::Service));
static_assert(vsomeip_v3::ANY_INSTANCE == number(Wildcard::Instance));
static_assert(vsomeip_v3::ANY_METHOD == number(Wildcard::Method));
static_assert(vsomeip_v3::ANY_EVENT == number(Wildcard::Event));
static_assert(vsomeip_v3::ANY_MAJOR == number(Wildcard::Major));
static_assert(vsomeip_v3::ANY_MINOR == number(Wildcard::Minor));

}  // namespace vsomeip_glue
