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

namespace vsomeip_glue {

// Puts a buffer of the glue in front of std::cout's, once per process and permanently, since it
// cannot be removed while another thread may be writing. Each complete line that looks like
// vsomeip's is offered to Rust (`take_line`, src/logging.rs). Lines that Rust does not take, and
// all other output, go to std::cout's own buffer.
void capture_console() noexcept;

// Whether std::cout still has that buffer, which other code can replace: by redirecting std::cout
// or with `std::ios::sync_with_stdio(false)`. Call this after capture_console.
bool is_console_captured() noexcept;

}  // namespace vsomeip_glue
