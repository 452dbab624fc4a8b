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

//! Corrects defects of vsomeip in the copy of its sources that is built. What is put into vsomeip's
//! files is under their licence, the MPL-2.0.

use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;

use crate::error::BuildError;

/// A change of one place in one file.
#[derive(Hash)]
struct Correction {
    file: &'static str,
    /// What is there, exactly once.
    before: &'static str,
    after: &'static str,
}

/// Those for one version of vsomeip.
struct Corrections {
    version: &'static str,
    all: &'static [Correction],
}

const ROUTING_MANAGER: &str = "implementation/routing/src/routing_manager_impl.cpp";
const ROUTING_BASE: &str = "implementation/routing/src/routing_manager_base.cpp";
const ROUTING_CLIENT: &str = "implementation/routing/src/routing_manager_client.cpp";
const EVENTGROUP_HEADER: &str = "implementation/routing/include/eventgroupinfo.hpp";
const EVENTGROUP: &str = "implementation/routing/src/eventgroupinfo.cpp";
const DISCOVERY: &str = "implementation/service_discovery/src/service_discovery_impl.cpp";
const CONFIGURATION: &str = "implementation/configuration/src/configuration_impl.cpp";
const P01: &str = "implementation/e2e_protection/src/e2e/profile/profile01/profile_01.cpp";
const P04_CHECKER: &str = "implementation/e2e_protection/src/e2e/profile/profile04/checker.cpp";
const P04_PROTECTOR: &str = "implementation/e2e_protection/src/e2e/profile/profile04/protector.cpp";
const P07_CHECKER: &str = "implementation/e2e_protection/src/e2e/profile/profile07/checker.cpp";
const P07_PROTECTOR: &str = "implementation/e2e_protection/src/e2e/profile/profile07/protector.cpp";

const CORRECTIONS: [Corrections; 1] = [Corrections {
    version: "3.4.10",
    all: &[
        // If a routing manager dies before it has read everything, its applications connect to the
        // next one, but never register: they take themselves for registered.
        Correction {
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
        },
        // A routing manager host that got no socket to be reached at crashes when it ends.
        Correction {
            file: "implementation/routing/src/routing_manager_stub.cpp",
            before: "    if (!is_socket_activated_) {\n        root_->stop();\n",
            after: "    if (root_ && !is_socket_activated_) {\n        root_->stop();\n",
        },
        // A service over UDP that nobody requests any more stays in the routing info. So it is not
        // reported as available when it is requested again.
        Correction {
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
        },
        // That a service of another host has accepted a subscription is remembered for the routing
        // manager, but forgotten for the client: the next subscription is reported as accepted
        // before it is sent.
        Correction {
            file: ROUTING_MANAGER,
            before: "auto tuple = std::make_tuple(_service, _instance, _eventgroup, _client);",
            after: "auto tuple = std::make_tuple(_service, _instance, _eventgroup,
                            its_info && its_info->is_selective()
                                ? _client : client_t(VSOMEIP_ROUTING_CLIENT));",
        },
        // The end of any subscription ended the reception of all multicast events of the service.
        Correction {
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
        // Who requests an event first decided of which type it is, and vsomeip ignored the offer of a
        // field that was requested as a plain event.
        Correction {
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
        // A subscription to an eventgroup that arrives while its first event is registered was kept
        // for events to come, and the first one was left out.
        Correction {
            file: ROUTING_BASE,
            before: "                    _instance, _eventgroup, _event, _filter, _client);
        }
    }
    return is_inserted;
",
            after: "                    _instance, _eventgroup, _event, _filter, _client);
            its_eventgroup = find_eventgroup(_service, _instance, _eventgroup);
            if (its_eventgroup) {
                for (const auto &e : its_eventgroup->get_events()) {
                    if (e->get_event() != ANY_EVENT) {
                        is_inserted = e->add_subscriber(_eventgroup, _filter, _client,
                                host_->is_routing()) || is_inserted;
                    }
                }
            }
        }
    }
    return is_inserted;
",
        },
        // Who subscribed over UDP alone or over TCP alone was refused where a service has both.
        Correction {
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
        // Only an event that goes over one protocol alone needs that one.
        Correction {
            file: EVENTGROUP_HEADER,
            before: "    VSOMEIP_EXPORT reliability_type_e get_reliability() const;
",
            after: "    VSOMEIP_EXPORT reliability_type_e get_reliability() const;
    VSOMEIP_EXPORT bool is_receivable(bool _over_tcp, bool _over_udp) const;
",
        },
        Correction {
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
        // An own service with both has an event over both, too, if the configuration lists it without
        // a word about that.
        Correction {
            file: CONFIGURATION,
            before: "                    if (_service->unreliable_ != ILLEGAL_PORT) {
                        its_reliability = reliability_type_e::RT_UNRELIABLE;
",
            after: "                    if (_service->unreliable_ != ILLEGAL_PORT
                            && _service->reliable_ != ILLEGAL_PORT
                            && !is_remote(_service)) {
                        its_reliability = reliability_type_e::RT_BOTH;
                    } else if (_service->unreliable_ != ILLEGAL_PORT) {
                        its_reliability = reliability_type_e::RT_UNRELIABLE;
",
        },
        // An event that only an eventgroup lists was over UDP, whatever ports the service has. Those of
        // other hosts with both ports stay there: not everybody accepts a subscription over both.
        Correction {
            file: CONFIGURATION,
            before: "                                            false, reliability_type_e::RT_UNRELIABLE,
",
            after: "                                            false,
                                            _service->unreliable_ != ILLEGAL_PORT
                                                && is_remote(_service)
                                                    ? reliability_type_e::RT_UNRELIABLE
                                                    : reliability_type_e::RT_UNKNOWN,
",
        },
        // The events of a service that is listed without ports were over UDP, even if those of another
        // host come over TCP.
        Correction {
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
        // Who subscribes over both gets an event that goes over both once: over TCP.
        Correction {
            file: EVENTGROUP_HEADER,
            before: "get_unicast_targets() const;",
            after: "get_unicast_targets(bool _is_one_enough = false) const;",
        },
        Correction {
            file: EVENTGROUP,
            before: "eventgroupinfo::get_unicast_targets() const {",
            after: "eventgroupinfo::get_unicast_targets(bool _is_one_enough) const {",
        },
        Correction {
            file: EVENTGROUP,
            before: "        if (its_unreliable)
            its_targets.insert(its_unreliable);
",
            after: "        if (its_unreliable && !(_is_one_enough && its_reliable))
            its_targets.insert(its_unreliable);
",
        },
        Correction {
            file: ROUTING_MANAGER,
            before: "(const auto &its_remote : its_eventgroup->get_unicast_targets()) {",
            after: "(const auto &its_remote : its_eventgroup->get_unicast_targets(
                                                    its_reliability == reliability_type_e::RT_BOTH)) {",
        },
        // The same for the value of a field.
        Correction {
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
        // The value of a field whose E2E check has failed was kept, and passed on to whoever subscribed
        // later as one that is right: by the routing manager, and by its clients.
        Correction {
            file: ROUTING_MANAGER,
            before: "        auto its_subscribers
            = its_event->update_and_get_filtered_subscribers(its_payload, _is_from_remote);
",
            after: "        auto its_subscribers = _status_check == 0
            ? its_event->update_and_get_filtered_subscribers(its_payload, _is_from_remote)
            : its_event->get_subscribers();
",
        },
        Correction {
            file: ROUTING_CLIENT,
            before: "        const std::shared_ptr<message> &_message) {
    const service_t its_service(_message->get_service());
",
            after: "        const std::shared_ptr<message> &_message) {
    if (!_message->is_valid_crc())
        return;
    const service_t its_service(_message->get_service());
",
        },
        // A message that is too short for its E2E profile was read and written beyond its end.
        Correction {
            file: P01,
            before: "            && _config.crc_offset_ <= _buffer.size()
            && _config.counter_offset_ / 8 <= _buffer.size()
            && _config.data_id_nibble_offset_ / 8 <= _buffer.size());
",
            after: "            && _config.crc_offset_ < _buffer.size()
            && _config.counter_offset_ / 8U < _buffer.size()
            && _config.data_id_nibble_offset_ / 8U < _buffer.size());
",
        },
        Correction {
            file: P04_CHECKER,
            before: "    return (its_length >= config_.min_data_length_
",
            after: "    return (its_length >= config_.offset_ + 12
            && its_length >= config_.min_data_length_
",
        },
        Correction {
            file: P04_PROTECTOR,
            before: "    return (_buffer.size() >= config_.min_data_length_
",
            after: "    return (_buffer.size() >= config_.offset_ + 12
            && _buffer.size() >= config_.min_data_length_
",
        },
        Correction {
            file: P07_CHECKER,
            before: "    return (its_length >= config_.min_data_length_
",
            after: "    return (its_length >= config_.offset_ + 20
            && its_length >= config_.min_data_length_
",
        },
        Correction {
            file: P07_PROTECTOR,
            before: "    return (_buffer.size() >= config_.min_data_length_
",
            after: "    return (_buffer.size() >= config_.offset_ + 20
            && _buffer.size() >= config_.min_data_length_
",
        },
        // The counter was compared with the first one that ever came, not with the last one.
        Correction {
            file: P04_CHECKER,
            before: "            its_delta = uint16_t(uint16_t(0xffff) - its_counter + _received_counter);
    } else {
",
            after: "            its_delta = uint16_t(uint16_t(0xffff) - its_counter + _received_counter);
        find_counter->second = _received_counter;
    } else {
",
        },
        Correction {
            file: P07_CHECKER,
            before: "            its_delta = uint32_t(uint32_t(0xffffffff) - its_counter + _received_counter);
    } else {
",
            after: "            its_delta = uint32_t(uint32_t(0xffffffff) - its_counter + _received_counter);
        find_counter->second = _received_counter;
    } else {
",
        },
        // A response with one of the return codes for failed E2E checks was dropped, and its connection
        // closed.
        Correction {
            file: "implementation/utility/include/utility.hpp",
            before: "                || _code == return_code_e::E_WRONG_MESSAGE_TYPE
",
            after: "                || _code == return_code_e::E_WRONG_MESSAGE_TYPE
                || (static_cast<std::uint8_t>(_code) >= 0x0B
                    && static_cast<std::uint8_t>(_code) <= 0x0F)
",
        },
        // Of the length of a message, the upper half was left out.
        Correction {
            file: P07_PROTECTOR,
            before: "        write_32(_buffer, static_cast<uint16_t>(_buffer.size()), ",
            after: "        write_32(_buffer, static_cast<uint32_t>(_buffer.size()), ",
        },
    ],
}];

fn corrections_of(version: &str) -> impl Iterator<Item = &'static Correction> + '_ {
    CORRECTIONS.iter().filter(move |of| of.version == version).flat_map(|of| of.all)
}

/// Adds what [`correct`] does to the sources of a version.
pub(crate) fn hash(version: &str, hasher: &mut impl Hasher) {
    corrections_of(version).for_each(|correction| correction.hash(hasher));
}

/// Corrects a copy of the sources of a version.
pub(crate) fn correct(version: &str, sources: &Path) -> Result<(), BuildError> {
    corrections_of(version).try_for_each(|Correction { file, before, after }| {
        let path = sources.join(file);
        let text = fs::read_to_string(&path).map_err(BuildError::file("read", &path))?;
        let found = text.matches(before).count();
        if found != 1 {
            return Err(BuildError::NotCorrected { file, before, found });
        }
        let text = text.replacen(before, after, 1);
        fs::write(&path, text).map_err(BuildError::file("write", &path))
    })
}
