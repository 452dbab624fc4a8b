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

//! Corrections of connections between a routing manager, its clients, and services.
//!
//! Text inserted into vsomeip's files is under their licence, the MPL-2.0.

use super::{Correction, Edit, V3_4_10, V3_7_4};

const ROUTING_MANAGER: &str = "implementation/routing/src/routing_manager_impl.cpp";
const UDP_CLIENT: &str = "implementation/endpoints/src/udp_client_endpoint_impl.cpp";
const ROUTING_CLIENT: &str = "implementation/routing/src/routing_manager_client.cpp";
const STUB: &str = "implementation/routing/src/routing_manager_stub.cpp";

pub(super) const CONNECTIONS: &[Correction] = &[
    Correction {
        why:
            "If a routing manager dies with unread messages, its applications connect to the next \
              one, but never register, since they still consider themselves registered.",
        edits: &[Edit {
            versions: &[V3_4_10],
            file: ROUTING_CLIENT,
            before: "    is_connected_ = true;\n    assign_client();\n",
            after: "    bool was_registered(false);
    {
        std::lock_guard<std::mutex> its_state_lock(state_mutex_);
        was_registered = (state_ == inner_state_type_e::ST_REGISTERED);
        state_ = inner_state_type_e::ST_DEREGISTERED;
    }
    if (was_registered)
        host_->on_state(state_type_e::ST_DEREGISTERED);
    is_connected_ = true;
    assign_client();
",
        }],
    },
    Correction {
        why: "A routing manager host that could not open its socket crashes when it stops.",
        edits: &[Edit {
            versions: &[V3_4_10],
            file: STUB,
            before: "    if (!is_socket_activated_) {\n        root_->stop();\n",
            after: "    if (root_ && !is_socket_activated_) {\n        root_->stop();\n",
        }],
    },
    Correction {
        why: "A UDP service that is no longer requested stays in the routing info, so it is not \
              reported as available when it is requested again.",
        edits: &[Edit {
            versions: &[V3_4_10],
            file: ROUTING_MANAGER,
            before: "                    availability_state_e::AS_OFFERED, _major, _minor);
        }
    }
}
",
            after: "                    availability_state_e::AS_OFFERED, _major, _minor);
            if (stub_)
                stub_->on_stop_offer_service(VSOMEIP_ROUTING_CLIENT, _service, _instance,
                        its_info->get_major(), its_info->get_minor());
        }
    }
}
",
        }],
    },
    Correction {
        why: "A service that is released before its request was sent or resent stays requested.",
        edits: &[
            Edit {
                versions: &[V3_4_10],
                file: ROUTING_CLIENT,
                before: "                pending = true;
            }
            it++;
",
                after: "                pending = true;
                break;
            }
            it++;
",
            },
            Edit {
                versions: &[V3_4_10],
                file: ROUTING_CLIENT,
                before: "        if (!pending && state_ == inner_state_type_e::ST_REGISTERED) {
            send_release_service(",
                after: "        for (const auto &its_request : requests_) {
            if (its_request.service_ == _service && its_request.instance_ == _instance)
                pending = false;
        }
        if (!pending && state_ == inner_state_type_e::ST_REGISTERED) {
            send_release_service(",
            },
        ],
    },
    Correction {
        why:
            "A UDP service whose host refuses a datagram is unavailable until it is offered again; \
              without service discovery, forever.",
        edits: &[
            Edit {
                versions: &[V3_7_4],
                file: UDP_CLIENT,
                before: "            its_ep_host->on_disconnect(shared_from_this());
",
                after: "            its_ep_host->on_disconnect(shared_from_this());
            if (!configuration_->is_sd_enabled())
                restart(false);
",
            },
            Edit {
                versions: &[V3_7_4],
                file: UDP_CLIENT,
                before: "                its_host->on_disconnect(shared_from_this());
            }
",
                after: "                its_host->on_disconnect(shared_from_this());
            }
            if (!configuration_->is_sd_enabled())
                restart(false);
",
            },
        ],
    },
];
