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

#include "library.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "vsomeip.h"

namespace vsomeip_glue {
namespace {

// Set by the build script; not a version if that is unknown.
constexpr std::string_view compiled_version{VSOMEIP_GLUE_COMPILED_AGAINST};

bool is_version(std::string_view text) {
    return std::count(text.begin(), text.end(), '.') == 2 &&
           text.find_first_not_of("0123456789.") == std::string_view::npos;
}

// libvsomeip3.so.3 is a link to libvsomeip3.so.3.4.10.
std::string without_links(const std::string &file) {
    const std::unique_ptr<char, decltype(&std::free)> real{realpath(file.c_str(), nullptr),
                                                           &std::free};
    return real ? std::string{real.get()} : file;
}

}  // namespace

std::string library_file() {
    Dl_info info{};
    const auto function = &vsomeip_v3::runtime::get;
    if (dladdr(reinterpret_cast<const void *>(function), &info) == 0 || info.dli_fname == nullptr) {
        return {};
    }
    return info.dli_fname;
}

std::string library_version() {
    const std::string suffix{".so."};
    const auto file = without_links(library_file());
    const auto position = file.rfind(suffix);
    if (position == std::string::npos) {
        return {};
    }
    auto version = file.substr(position + suffix.size());
    return is_version(version) ? version : std::string{};
}

void require_compiled_version() {
    const auto loaded = library_version();
    if (loaded.empty() || !is_version(compiled_version) || loaded == compiled_version) {
        return;
    }
    const std::string compiled{compiled_version};
    throw std::runtime_error("this program was built against vsomeip " + compiled +
                             ", but vsomeip " + loaded + " is loaded (" + library_file() +
                             "), and their interfaces differ. Let the loader find " + compiled +
                             " (see LD_LIBRARY_PATH and the program's rpath), or build the "
                             "program against " +
                             loaded);
}

bool is_compiled_before(const std::array<int, 3> &version) {
    if (!is_version(compiled_version)) {
        return false;
    }
    std::istringstream text{std::string{compiled_version}};
    std::array<int, 3> compiled{};
    for (int &number : compiled) {
        text >> number;
        text.ignore();  // the dot
    }
    return compiled < version;
}

}  // namespace vsomeip_glue
