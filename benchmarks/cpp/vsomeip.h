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

// The headers of vsomeip, without their warnings. -isystem is no alternative: with a folder that
// the compiler searches anyway, such as /usr/include, it would not find the standard library.
#pragma GCC system_header

#include <vsomeip/vsomeip.hpp>
