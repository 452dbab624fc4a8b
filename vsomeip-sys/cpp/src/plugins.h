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

#include <string>

namespace vsomeip_glue {

// Loads the libraries that vsomeip opens at run time, from vsomeip's folder or the loader's search
// path. Throws if one is missing, where vsomeip would end the process.
void load_plugins();

// Loads another one in the same way.
void load_plugin(const std::string &library);

}  // namespace vsomeip_glue
