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

// The file of the libvsomeip3 that the loader has chosen; empty if it won't tell.
std::string library_file();

// The version at the end of that file's name, behind all links; empty if there is none.
std::string library_version();

// Throws if the glue was compiled against another version than the loaded one. All of them have one
// SONAME, so the loader takes any; but 3.7.4, for one, has a virtual function where 3.7.3 has
// another, and calls would silently reach the wrong one.
void require_compiled_version();

// Whether the glue was compiled against a version before this one; false if that is not known.
bool is_compiled_before(const std::array<int, 3> &version);

}  // namespace vsomeip_glue
