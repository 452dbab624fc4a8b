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

#include <memory>
#include <utility>

#include "vsomeip.h"
#include "vsomeip_glue/application.h"

namespace vsomeip_glue {

#ifdef VSOMEIP_GLUE_FAULT_INJECTION
// Throws what a test has armed on this thread; see testing.h.
void throw_armed_fault();
#else
inline void throw_armed_fault() noexcept {}
#endif

// The glue's access to the native object of an Application. Each method that can fail uses it.
struct Bridge final {
    static std::unique_ptr<Application> wrap(std::shared_ptr<vsomeip_v3::application> native) {
        return std::unique_ptr<Application>(new Application(std::move(native)));
    }
    static vsomeip_v3::application &native(const Application &application) {
        throw_armed_fault();
        return *application.native_;
    }
    // For callbacks, which vsomeip keeps: with a strong pointer, the application would leak.
    static std::weak_ptr<vsomeip_v3::application> weak(const Application &application) noexcept {
        return application.native_;
    }
};

}  // namespace vsomeip_glue
