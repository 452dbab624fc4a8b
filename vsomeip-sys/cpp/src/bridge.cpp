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

#include "vsomeip_glue/bridge.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "library.h"
#include "native.h"
#include "plugins.h"
#include "vsomeip-sys/src/bridge.rs.h"

namespace vsomeip_glue {

using vsomeip_v3::message;
using vsomeip_v3::runtime;

// Header has vsomeip's enumerations as bytes, as they are on the wire.
static_assert(std::is_same_v<std::underlying_type_t<vsomeip_v3::message_type_e>, std::uint8_t>);
static_assert(std::is_same_v<std::underlying_type_t<vsomeip_v3::return_code_e>, std::uint8_t>);
static_assert(std::is_same_v<std::underlying_type_t<vsomeip_v3::event_type_e>, std::uint8_t>);
static_assert(std::is_same_v<std::underlying_type_t<vsomeip_v3::reliability_type_e>, std::uint8_t>);
static_assert(std::is_standard_layout_v<Header> && std::is_trivially_copyable_v<Header>);
static_assert(sizeof(Header) == 16 && alignof(Header) == 2);

namespace {

// Cached, since each call of runtime::get returns another owner. Never freed, since threads may
// still send while the process ends.
vsomeip_v3::runtime &the_runtime() {
    static const auto &kept = *new std::shared_ptr<runtime>(runtime::get());
    return *kept;
}

// Longer payloads are rare, and too large to keep.
constexpr std::size_t MAX_KEPT_PAYLOAD = 4096;

// Set when the thread has destroyed its payload. Later destructors may still send.
thread_local bool has_let_go = false;

// The payload that a thread reuses.
struct KeptPayload {
    std::shared_ptr<vsomeip_v3::payload> payload;

    KeptPayload() = default;
    KeptPayload(const KeptPayload &) = delete;
    KeptPayload &operator=(const KeptPayload &) = delete;
    ~KeptPayload() { has_let_go = true; }
};

// A payload with these bytes. vsomeip usually serialises or copies it before it returns, so the
// thread reuses it; if vsomeip has kept it, the thread takes a new one.
std::shared_ptr<vsomeip_v3::payload> copied(rust::Slice<const std::uint8_t> bytes) {
    const std::size_t size = bytes.size();
    if (size > UINT32_MAX) {
        throw std::length_error("the payload is too long for the SOME/IP length field");
    }
    const auto length = static_cast<std::uint32_t>(size);
    if (length > MAX_KEPT_PAYLOAD || has_let_go) {
        return the_runtime().create_payload(bytes.data(), length);
    }
    thread_local KeptPayload kept;
    if (kept.payload.use_count() != 1) {
        kept.payload = the_runtime().create_payload();
    }
    // Orders the writes below after the release of the last other owner, on whatever thread.
    std::atomic_thread_fence(std::memory_order_acquire);
    kept.payload->set_data(bytes.data(), length);
    return kept.payload;
}

std::uint16_t upper_half(std::uint32_t number) { return static_cast<std::uint16_t>(number >> 16); }

std::uint16_t lower_half(std::uint32_t number) { return static_cast<std::uint16_t>(number); }

std::set<vsomeip_v3::eventgroup_t> set_of(rust::Slice<const std::uint16_t> eventgroups) {
    return {eventgroups.begin(), eventgroups.end()};
}

// std::function requires a copyable callable, and a rust::Box can only move. The callback is freed
// with the last copy, so it is still there for a late call.
template <typename Callback>
std::shared_ptr<rust::Box<Callback>> shared(rust::Box<Callback> callback) {
    return std::make_shared<rust::Box<Callback>>(std::move(callback));
}

// vsomeip reports that a service is available without its version. It is queried here, and may be
// empty if the service has gone meanwhile.
std::optional<vsomeip_v3::major_version_t> available_version(
    const std::weak_ptr<vsomeip_v3::application> &application, vsomeip_v3::service_t service,
    vsomeip_v3::instance_t instance) {
    vsomeip_v3::application::available_t available;
    const auto native = application.lock();
    if (!native || !native->are_available(available, service, instance, vsomeip_v3::ANY_MAJOR,
                                          vsomeip_v3::ANY_MINOR)) {
        return {};
    }
    const auto &versions = available[service][instance];
    if (versions.empty()) {
        return {};
    }
    return versions.rbegin()->first;
}

// Before 3.5.3, vsomeip does not initialise its routing state. If the memory happens to have the
// value of "suspended", vsomeip finds no service on another host. Later versions read their
// configuration.
void begin_routing(vsomeip_v3::application &application) {
    if (is_compiled_before({3, 5, 3})) {
        application.set_routing_state(vsomeip_v3::routing_state_e::RS_RUNNING);
    }
}

// The default for the configuration's key of this name. Only the bundled vsomeip uses it, see
// build/adapt/dispatchers.rs.
constexpr char MAX_DISPATCHERS[] = "max_dispatchers";

void prefer_one_dispatcher(const std::string &application) {
    if (knows_default_dispatchers()) {
        runtime::set_property(std::string{MAX_DISPATCHERS} + "_" + application, "0");
    }
}

}  // namespace

bool knows_default_dispatchers() { return !runtime::get_property(MAX_DISPATCHERS).empty(); }

rust::String loaded_version() { return rust::String::lossy(library_version()); }

void load_plugin(rust::Str library) { load_plugin(std::string{library}); }

bool has_application(rust::Str name) noexcept try {
    require_compiled_version();
    return runtime::get()->get_application(std::string{name}) != nullptr;
} catch (...) {
    // Creating the application reports the error.
    return false;
}

std::unique_ptr<Application> create_application(rust::Str name, rust::Str configuration) {
    require_compiled_version();
    load_plugins();
    throw_armed_fault();
    const std::string wanted{name};
    prefer_one_dispatcher(wanted);
    auto native = runtime::get()->create_application(wanted, std::string{configuration});
    if (!native) {
        throw std::runtime_error("vsomeip created no application");
    }
    if (native->get_name() != wanted) {
        throw std::invalid_argument("this process already has an application named " + wanted);
    }
    if (!native->init()) {
        throw std::runtime_error(
            "vsomeip did not initialise the application " + wanted +
            ": it is configured as the routing manager host, but another process is that host");
    }
    begin_routing(*native);
    return Bridge::wrap(std::move(native));
}

void offer_event(const Application &application, std::uint16_t service, std::uint16_t instance,
                 std::uint16_t event, rust::Slice<const std::uint16_t> eventgroups,
                 std::uint8_t event_type, std::uint8_t reliability) {
    Bridge::native(application)
        .offer_event(service, instance, event, set_of(eventgroups),
                     static_cast<vsomeip_v3::event_type_e>(event_type),
                     std::chrono::milliseconds::zero(), false, true, nullptr,
                     static_cast<vsomeip_v3::reliability_type_e>(reliability));
}

void request_event(const Application &application, std::uint16_t service, std::uint16_t instance,
                   std::uint16_t event, rust::Slice<const std::uint16_t> eventgroups,
                   std::uint8_t event_type, std::uint8_t reliability) {
    Bridge::native(application)
        .request_event(service, instance, event, set_of(eventgroups),
                       static_cast<vsomeip_v3::event_type_e>(event_type),
                       static_cast<vsomeip_v3::reliability_type_e>(reliability));
}

std::uint32_t send_request(const Application &application, const Header &header,
                           rust::Slice<const std::uint8_t> payload) {
    auto request = the_runtime().create_request(header.reliable);
    request->set_service(header.service);
    request->set_instance(header.instance);
    request->set_method(header.method);
    request->set_interface_version(header.interface_version);
    request->set_message_type(static_cast<vsomeip_v3::message_type_e>(header.message_type));
    request->set_payload(copied(payload));
    Bridge::native(application).send(request);
    return request->get_request();
}

void send_response(const Application &application, const MessagePtr &request,
                   std::uint8_t message_type, std::uint8_t return_code,
                   rust::Slice<const std::uint8_t> payload) {
    if (!request) {
        throw std::invalid_argument("there is no request to respond to");
    }
    auto response = the_runtime().create_response(request);
    response->set_message_type(static_cast<vsomeip_v3::message_type_e>(message_type));
    response->set_return_code(static_cast<vsomeip_v3::return_code_e>(return_code));
    response->set_payload(copied(payload));
    Bridge::native(application).send(std::move(response));
}

void notify(const Application &application, std::uint16_t service, std::uint16_t instance,
            std::uint16_t event, rust::Slice<const std::uint8_t> payload, bool force) {
    Bridge::native(application).notify(service, instance, event, copied(payload), force);
}

Contents contents(const message &message) noexcept {
    // By name: with an initialiser list, swapped fields in Rust would go unnoticed here.
    Contents contents{};
    Header &header = contents.header;
    // One virtual call for two ids each.
    const vsomeip_v3::message_t service_and_method = message.get_message();
    const vsomeip_v3::request_t client_and_session = message.get_request();
    header.service = upper_half(service_and_method);
    header.instance = message.get_instance();
    header.method = lower_half(service_and_method);
    header.client = upper_half(client_and_session);
    header.session = lower_half(client_and_session);
    header.interface_version = message.get_interface_version();
    header.message_type = static_cast<std::uint8_t>(message.get_message_type());
    header.return_code = static_cast<std::uint8_t>(message.get_return_code());
    header.reliable = message.is_reliable();
    header.check_result = message.get_check_result();
    const std::shared_ptr<const vsomeip_v3::payload> payload = message.get_payload();
    if (payload && payload->get_length() > 0) {
        contents.payload = {payload->get_data(), payload->get_length()};
    }
    return contents;
}

void register_message_handler(const Application &application, std::uint16_t service,
                              std::uint16_t instance, std::uint16_t method,
                              MessageHandlerFn handler, std::uint64_t generation) {
    Bridge::native(application)
        .register_message_handler(
            service, instance, method,
            [handler, generation](const MessagePtr &message) { handler(generation, message); });
}

void register_state_handler(const Application &application, rust::Box<StateCallback> callback) {
    Bridge::native(application)
        .register_state_handler(
            [callback = shared(std::move(callback))](vsomeip_v3::state_type_e state) {
                (*callback)->call(state == vsomeip_v3::state_type_e::ST_REGISTERED);
            });
}

void register_availability_handler(const Application &application, std::uint16_t service,
                                   std::uint16_t instance, std::uint8_t major,
                                   rust::Box<AvailabilityCallback> callback) {
    const vsomeip_v3::availability_handler_t handler =
        [application = Bridge::weak(application), callback = shared(std::move(callback))](
            vsomeip_v3::service_t service, vsomeip_v3::instance_t instance, bool available) {
            const auto major = available ? available_version(application, service, instance)
                                         : std::optional<vsomeip_v3::major_version_t>{};
            (*callback)->call(service, instance, major.has_value(), major.value_or(0));
        };
    Bridge::native(application)
        .register_availability_handler(service, instance, handler, major, vsomeip_v3::ANY_MINOR);
}

void register_subscription_handler(const Application &application, std::uint16_t service,
                                   std::uint16_t instance, std::uint16_t eventgroup,
                                   rust::Box<SubscriptionCallback> callback) {
    const vsomeip_v3::subscription_handler_sec_t handler =
        [callback = shared(std::move(callback))](
            vsomeip_v3::client_t client, const vsomeip_sec_client_t *, const std::string &,
            bool subscribed) { return (*callback)->call(client, subscribed); };
    Bridge::native(application)
        .register_subscription_handler(service, instance, eventgroup, handler);
}

void register_subscription_status_handler(const Application &application, std::uint16_t service,
                                          std::uint16_t instance, std::uint16_t eventgroup,
                                          std::uint16_t event,
                                          rust::Box<SubscriptionStatusCallback> callback) {
    // Without it, vsomeip does not tell of a refusal.
    const bool also_refusals = true;
    Bridge::native(application)
        .register_subscription_status_handler(
            service, instance, eventgroup, event,
            [callback = shared(std::move(callback))](
                vsomeip_v3::service_t service, vsomeip_v3::instance_t instance,
                vsomeip_v3::eventgroup_t eventgroup, vsomeip_v3::event_t event,
                std::uint16_t status) {
                (*callback)->call(service, instance, eventgroup, event, status);
            },
            also_refusals);
}

void ask_for_offered_services(const Application &application,
                              rust::Box<OfferedServicesCallback> callback) {
    const vsomeip_v3::offered_services_handler_t handler =
        [callback = shared(std::move(callback))](
            const std::vector<std::pair<vsomeip_v3::service_t, vsomeip_v3::instance_t>> &offered) {
            std::vector<OfferedService> services;
            services.reserve(offered.size());
            for (const auto &[service, instance] : offered) {
                services.push_back({service, instance});
            }
            (*callback)->call({services.data(), services.size()});
        };
    Bridge::native(application)
        .get_offered_services_async(vsomeip_v3::offer_type_e::OT_ALL, handler);
}

}  // namespace vsomeip_glue
