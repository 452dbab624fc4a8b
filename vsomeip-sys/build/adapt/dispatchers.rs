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

//! A default for the number of dispatcher threads of an application.
//!
//! Text inserted into vsomeip's files is under their licence, the MPL-2.0.

use super::{Correction, Edit, V3_4_10};

const CONFIGURATION: &str = "implementation/configuration/src/configuration_impl.cpp";
const RUNTIME: &str = "implementation/runtime/src/runtime_impl.cpp";

pub(super) const DISPATCHERS: &[Correction] = &[
    Correction {
        why: "The default of `max_dispatchers` is the same for all applications. The property \
              `max_dispatchers_<name>` sets it for one. The property `max_dispatchers`, the default of \
              all others, shows that this is supported.",
        edits: &[
            Edit {
                versions: &[V3_4_10],
                file: RUNTIME,
                before: "std::map<std::string, std::string> runtime_impl::properties_;\n",
                after: "std::map<std::string, std::string> runtime_impl::properties_ {
    { \"max_dispatchers\", std::to_string(VSOMEIP_MAX_DISPATCHERS) }
};

static std::mutex properties_mutex__;
",
            },
            Edit {
                versions: &[V3_4_10],
                file: RUNTIME,
                before: "    auto found_property = properties_.find(_name);\n",
                after: "    std::lock_guard<std::mutex> its_lock(properties_mutex__);
    auto found_property = properties_.find(_name);
",
            },
            Edit {
                versions: &[V3_4_10],
                file: RUNTIME,
                before: "    properties_[_name] = _value;\n",
                after: "    std::lock_guard<std::mutex> its_lock(properties_mutex__);
    properties_[_name] = _value;
",
            },
            Edit {
                versions: &[V3_4_10],
                file: RUNTIME,
                before: "#include <vsomeip/defines.hpp>\n",
                after: "#include <mutex>\n\n#include <vsomeip/defines.hpp>\n",
            },
            Edit {
                versions: &[V3_4_10],
                file: CONFIGURATION,
                before: "#include <vsomeip/constants.hpp>\n",
                after: "#include <vsomeip/constants.hpp>\n#include <vsomeip/runtime.hpp>\n",
            },
            Edit {
                versions: &[V3_4_10],
                file: CONFIGURATION,
                before: "    std::size_t its_max_dispatchers(VSOMEIP_MAX_DISPATCHERS);
    std::size_t its_max_dispatch_time(",
                after: "    std::size_t its_max_dispatchers((std::numeric_limits<std::size_t>::max)());
    std::size_t its_max_dispatch_time(",
            },
            Edit {
                versions: &[V3_4_10],
                file: CONFIGURATION,
                before: "    std::size_t its_max_dispatchers(VSOMEIP_MAX_DISPATCHERS);

    auto found_application = applications_.find(_name);
    if (found_application != applications_.end()) {
        its_max_dispatchers = found_application->second.max_dispatchers_;
    }

    return its_max_dispatchers;
",
                after: "    auto found_application = applications_.find(_name);
    if (found_application != applications_.end()
            && found_application->second.max_dispatchers_
                != (std::numeric_limits<std::size_t>::max)()) {
        return found_application->second.max_dispatchers_;
    }

    std::size_t its_max_dispatchers(VSOMEIP_MAX_DISPATCHERS);
    std::stringstream its_converter(runtime::get_property(\"max_dispatchers_\" + _name));
    its_converter >> its_max_dispatchers;
    return its_max_dispatchers;
",
            },
        ],
    },
];
