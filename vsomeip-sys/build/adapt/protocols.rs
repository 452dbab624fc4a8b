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

//! Corrections of events of services with both a UDP and a TCP port.
//!
//! Text inserted into vsomeip's files is under their licence, the MPL-2.0.

use super::{Correction, Edit, V3_4_10, V3_7_4};

const ROUTING_MANAGER: &str = "implementation/routing/src/routing_manager_impl.cpp";
const EVENTGROUP_HEADER: &str = "implementation/routing/include/eventgroupinfo.hpp";
const EVENTGROUP: &str = "implementation/routing/src/eventgroupinfo.cpp";
const DISCOVERY: &str = "implementation/service_discovery/src/service_discovery_impl.cpp";
const CONFIGURATION: &str = "implementation/configuration/src/configuration_impl.cpp";

pub(super) const PROTOCOLS: &[Correction] = &[
    Correction {
        why: "A service with both ports refuses subscriptions over UDP alone or TCP alone, which only an \
              event over the other protocol requires.",
        edits: &[
            Edit {
                versions: &[V3_4_10],
                file: DISCOVERY,
                before: "                if (_first_port == ILLEGAL_PORT || _second_port == ILLEGAL_PORT) {
                    reliablility_nack = true;
                }
                if (_is_first_reliable == _is_second_reliable) {
",
                after: "                if (!_info->is_receivable(
                        (first_port_set && _is_first_reliable)
                            || (second_port_set && _is_second_reliable),
                        (first_port_set && !_is_first_reliable)
                            || (second_port_set && !_is_second_reliable))) {
",
            },
            Edit {
                versions: &[V3_7_4],
                file: DISCOVERY,
                before: "            if (_first_port == ILLEGAL_PORT || _second_port == ILLEGAL_PORT) {
                reliablility_nack = true;
            }
            if (_is_first_reliable == _is_second_reliable) {
                reliablility_nack = true;
            }
            break;
        default:
            VSOMEIP_WARNING_P << \"EventGroup has",
                after: "            if (!_info->is_receivable((first_port_set && _is_first_reliable) || (second_port_set && _is_second_reliable),
                                      (first_port_set && !_is_first_reliable) || (second_port_set && !_is_second_reliable))) {
                reliablility_nack = true;
            }
            break;
        default:
            VSOMEIP_WARNING_P << \"EventGroup has",
            },
            Edit {
                versions: &[V3_4_10, V3_7_4],
                file: EVENTGROUP_HEADER,
                before: "    VSOMEIP_EXPORT reliability_type_e get_reliability() const;
",
                after: "    VSOMEIP_EXPORT reliability_type_e get_reliability() const;
    VSOMEIP_EXPORT bool is_receivable(bool _over_tcp, bool _over_udp) const;
",
            },
            Edit {
                versions: &[V3_4_10, V3_7_4],
                file: EVENTGROUP,
                before: "reliability_type_e eventgroupinfo::get_reliability() const {
",
                after: "bool eventgroupinfo::is_receivable(bool _over_tcp, bool _over_udp) const {
    std::lock_guard<std::mutex> its_lock(events_mutex_);
    for (const auto &its_event : events_) {
        const auto its_reliability = its_event->get_reliability();
        if ((its_reliability == reliability_type_e::RT_RELIABLE && !_over_tcp)
                || (its_reliability == reliability_type_e::RT_UNRELIABLE && !_over_udp)) {
            return false;
        }
    }
    return _over_tcp || _over_udp;
}

reliability_type_e eventgroupinfo::get_reliability() const {
",
            },
        ],
    },
    Correction {
        why: "An event without `is_reliable` uses UDP if the service has a UDP port, decided before all \
              keys are read, and an event listed only in an eventgroup always does. With both ports, own \
              events use both; those of other hosts stay with UDP, as not every stack accepts a \
              subscription over both.",
        edits: &[
            Edit {
                versions: &[V3_4_10, V3_7_4],
                file: CONFIGURATION,
                before: "                    if (_service->unreliable_ != ILLEGAL_PORT) {
                        its_reliability = reliability_type_e::RT_UNRELIABLE;
                    } else if (_service->reliable_ != ILLEGAL_PORT) {
                        its_reliability = reliability_type_e::RT_RELIABLE;
                    }
",
                after: "                    // get_event_reliability decides.
",
            },
            Edit {
                versions: &[V3_4_10],
                file: CONFIGURATION,
                before: "                                            false, reliability_type_e::RT_UNRELIABLE,
",
                after: "                                            false, reliability_type_e::RT_UNKNOWN,
",
            },
            Edit {
                versions: &[V3_7_4],
                file: CONFIGURATION,
                before: "std::make_shared<event>(its_event_id, false, reliability_type_e::RT_UNRELIABLE,
",
                after: "std::make_shared<event>(its_event_id, false, reliability_type_e::RT_UNKNOWN,
",
            },
            Edit {
                versions: &[V3_4_10, V3_7_4],
                file: CONFIGURATION,
                before: "            its_reliability = its_event->second->reliability_;
",
                after: "            its_reliability = its_event->second->reliability_;
            if (its_reliability == reliability_type_e::RT_UNKNOWN) {
                const bool has_tcp(its_service->reliable_ != ILLEGAL_PORT);
                const bool has_udp(its_service->unreliable_ != ILLEGAL_PORT);
                if (has_tcp && has_udp && !is_remote(its_service)) {
                    its_reliability = reliability_type_e::RT_BOTH;
                } else if (has_udp) {
                    its_reliability = reliability_type_e::RT_UNRELIABLE;
                } else if (has_tcp) {
                    its_reliability = reliability_type_e::RT_RELIABLE;
                }
            }
",
            },
        ],
    },
    Correction {
        why: "Events of a service that is listed without ports use UDP, even if another host sends them \
              over TCP.",
        edits: &[
            Edit {
                versions: &[V3_4_10, V3_7_4],
                file: CONFIGURATION,
                before: "        } else {
            its_reliability = reliability_type_e::RT_UNRELIABLE;
        }
",
                after: "        } else if (its_service->unreliable_ != ILLEGAL_PORT) {
            its_reliability = reliability_type_e::RT_UNRELIABLE;
        }
",
            },
        ],
    },
    Correction {
        why: "A subscriber over both ports gets an event that uses both twice, instead of once over TCP.",
        edits: &[
            Edit {
                versions: &[V3_4_10, V3_7_4],
                file: EVENTGROUP_HEADER,
                before: "get_unicast_targets() const;",
                after: "get_unicast_targets(bool _is_one_enough = false) const;",
            },
            Edit {
                versions: &[V3_4_10, V3_7_4],
                file: EVENTGROUP,
                before: "eventgroupinfo::get_unicast_targets() const {",
                after: "eventgroupinfo::get_unicast_targets(bool _is_one_enough) const {",
            },
            Edit {
                versions: &[V3_4_10, V3_7_4],
                file: EVENTGROUP,
                before: "        if (its_unreliable)
            its_targets.insert(its_unreliable);
",
                after: "        if (its_unreliable && !(_is_one_enough && its_reliable))
            its_targets.insert(its_unreliable);
",
            },
            Edit {
                versions: &[V3_4_10],
                file: ROUTING_MANAGER,
                before: "(const auto &its_remote : its_eventgroup->get_unicast_targets()) {",
                after: "(const auto &its_remote : its_eventgroup->get_unicast_targets(
                                                    its_reliability == reliability_type_e::RT_BOTH)) {",
            },
            Edit {
                versions: &[V3_7_4],
                file: ROUTING_MANAGER,
                before: "its_eventgroup->get_unicast_targets()) {",
                after: "its_eventgroup->get_unicast_targets(
                                                 its_reliability == reliability_type_e::RT_BOTH)) {",
            },
            Edit {
                versions: &[V3_4_10, V3_7_4],
                file: EVENTGROUP,
                before: "                case reliability_type_e::RT_BOTH:
                    its_reliable_events.insert(its_event);
                    its_unreliable_events.insert(its_event);
",
                after: "                case reliability_type_e::RT_BOTH:
                    if (_reliable)
                        its_reliable_events.insert(its_event);
                    else
                        its_unreliable_events.insert(its_event);
",
            },
        ],
    },
];
