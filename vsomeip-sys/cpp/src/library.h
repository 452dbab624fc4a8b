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

#include <array>
#include <string>

namespace vsomeip_glue {

// The file of the loaded libvsomeip3; empty if unknown.
std::string library_file();

// The version at the end of that file's name, with links resolved; empty if there is none.
std::string library_version();

// Throws if another version is loaded than the glue was compiled against. All versions share one
// SONAME, so the loader accepts any, but their virtual functions differ, for example between 3.7.3
// and 3.7.4: calls would silently reach the wrong one.
void require_compiled_version();

// Whether the glue was compiled against an earlier version than this one; false if unknown.
bool is_compiled_before(const std::array<int, 3> &version);

}  // namespace vsomeip_glue
