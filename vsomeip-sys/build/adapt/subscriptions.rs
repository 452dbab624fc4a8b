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

//! Corrections of subscriptions.
//!
//! Text inserted into vsomeip's files is under their licence, the MPL-2.0.

use super::{Correction, Edit, V3_4_10, V3_7_4};

const ROUTING_MANAGER: &str = "implementation/routing/src/routing_manager_impl.cpp";
const ROUTING_BASE: &str = "implementation/routing/src/routing_manager_base.cpp";
const DISCOVERY: &str = "implementation/service_discovery/src/service_discovery_impl.cpp";
const SUBSCRIPTION_HEADER: &str = "implementation/service_discovery/include/subscription.hpp";

pub(super) const SUBSCRIPTIONS: &[Correction] = &[
    Correction {
        why: "When a subscription to another host ends, its acceptance is removed for the client instead \
              of the routing manager, so the next one is reported as accepted before it is sent.",
        edits: &[
            Edit {
                versions: &[V3_4_10, V3_7_4],
                file: ROUTING_MANAGER,
                before: "auto tuple = std::make_tuple(_service, _instance, _eventgroup, _client);",
                after: "auto tuple = std::make_tuple(_service, _instance, _eventgroup,
                            its_info && its_info->is_selective()
                                ? _client : client_t(VSOMEIP_ROUTING_CLIENT));",
            },
        ],
    },
    Correction {
        why: "A subscription is sent again for each offer that arrives before its answer, so a field \
              sends its value twice.",
        edits: &[
            Edit {
                versions: &[V3_7_4],
                file: SUBSCRIPTION_HEADER,
                before: "    bool add_client(const client_t _client);
",
                after: "    void set_sent() { sent_ = std::chrono::steady_clock::now(); }
    // An answer to what was sent this recently may be on its way.
    bool is_fresh() const { return std::chrono::steady_clock::now() - sent_ < std::chrono::milliseconds(100); }

    bool add_client(const client_t _client);
",
            },
            Edit {
                versions: &[V3_7_4],
                file: SUBSCRIPTION_HEADER,
                before: "    bool is_selective_;
",
                after: "    std::chrono::steady_clock::time_point sent_{};

    bool is_selective_;
",
            },
            Edit {
                versions: &[V3_7_4],
                file: SUBSCRIPTION_HEADER,
                before: "#include <map>
",
                after: "#include <chrono>
#include <map>
",
            },
            Edit {
                versions: &[V3_7_4],
                file: DISCOVERY,
                before: "    if (its_entry && its_other) {
        its_data.entry_ = its_other;
        its_data.other_ = its_entry;
    }
",
                after: "    if (its_entry && its_other) {
        its_data.entry_ = its_other;
        its_data.other_ = its_entry;
    }
    if (its_entry)
        _subscription->set_sent();
",
            },
            Edit {
                versions: &[V3_7_4],
                file: DISCOVERY,
                before: "            for (const auto& [its_eventgroup_id, its_subscription] : found_si->second) {
                std::shared_ptr<boardnet_endpoint> its_reliable, its_unreliable;
",
                after: "            for (const auto& [its_eventgroup_id, its_subscription] : found_si->second) {
                if (its_subscription->is_fresh())
                    continue;
                std::shared_ptr<boardnet_endpoint> its_reliable, its_unreliable;
",
            },
        ],
    },
    Correction {
        why: "Ending any subscription, with 3.7.4 the last one of an eventgroup, stops the reception of \
              all multicast events of the service.",
        edits: &[
            Edit {
                versions: &[V3_4_10],
                file: ROUTING_MANAGER,
                before: "        ep_mgr_impl_->clear_multicast_endpoints(_service, _instance);

    } else {
",
                after: "        bool is_subscribed(false);
        for (const auto &its_group : find_eventgroups(_service, _instance)) {
            for (const auto &its_event : its_group->get_events()) {
                is_subscribed = is_subscribed
                    || its_event->has_subscriber(its_group->get_eventgroup(), ANY_CLIENT);
            }
        }
        if (!is_subscribed)
            ep_mgr_impl_->clear_multicast_endpoints(_service, _instance);

    } else {
",
            },
            Edit {
                versions: &[V3_7_4],
                file: ROUTING_MANAGER,
                before: "        if (last_subscriber_removed) {
            ep_mgr_impl_->clear_multicast_endpoints(_service, _instance);
",
                after: "        if (last_subscriber_removed && !has_subscribed_eventgroup(_service, _instance)) {
            ep_mgr_impl_->clear_multicast_endpoints(_service, _instance);
",
            },
        ],
    },
    Correction {
        why: "The first request of an event fixes its type, so the offer of a field that was requested as \
              a plain event is ignored.",
        edits: &[
            Edit {
                versions: &[V3_4_10],
                file: ROUTING_BASE,
                before: "            if (_type == its_event->get_type()
                    || its_event->get_type() == event_type_e::ET_UNKNOWN) {
                if (_is_provided) {
                    its_event->set_provided(true);
",
                after: "            if (_is_provided && !its_event->is_provided())
                its_event->set_type(_type);
            if (_type == its_event->get_type()
                    || its_event->get_type() == event_type_e::ET_UNKNOWN) {
                if (_is_provided) {
                    its_event->set_provided(true);
",
            },
        ],
    },
];
