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

#include "plugins.h"

#include <dlfcn.h>

#include <stdexcept>
#include <string>

#include "library.h"

namespace vsomeip_glue {
namespace {

// The folder of the loaded libvsomeip3 with a trailing slash; empty if unknown.
std::string vsomeip_folder() {
    const auto file = library_file();
    return file.substr(0, file.rfind('/') + 1);
}

// The handle is never closed, so that vsomeip finds the library loaded.
void load(const std::string &folder, const std::string &library) {
    if (dlopen((folder + library).c_str(), RTLD_LAZY | RTLD_GLOBAL) != nullptr ||
        dlopen(library.c_str(), RTLD_LAZY | RTLD_GLOBAL) != nullptr) {
        return;
    }
    const char *reason = dlerror();
    throw std::runtime_error(std::string{"cannot load vsomeip's plugin: "} +
                             (reason != nullptr ? reason : library.c_str()));
}

}  // namespace

void load_plugins() {
    const auto folder = vsomeip_folder();
    load(folder, "libvsomeip3-cfg.so.3");
    load(folder, "libvsomeip3-sd.so.3");
}

void load_plugin(const std::string &library) { load(vsomeip_folder(), library); }

}  // namespace vsomeip_glue
