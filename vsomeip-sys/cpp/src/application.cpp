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

#include "vsomeip_glue/application.h"

#include <type_traits>
#include <utility>

#include "native.h"

namespace vsomeip_glue {

// application.h uses plain integers; these are vsomeip's types.
static_assert(std::is_same_v<vsomeip_v3::service_t, std::uint16_t>);
static_assert(std::is_same_v<vsomeip_v3::instance_t, std::uint16_t>);
static_assert(std::is_same_v<vsomeip_v3::method_t, std::uint16_t>);
static_assert(std::is_same_v<vsomeip_v3::event_t, std::uint16_t>);
static_assert(std::is_same_v<vsomeip_v3::eventgroup_t, std::uint16_t>);
static_assert(std::is_same_v<vsomeip_v3::client_t, std::uint16_t>);
static_assert(std::is_same_v<vsomeip_v3::session_t, std::uint16_t>);
static_assert(std::is_same_v<vsomeip_v3::major_version_t, std::uint8_t>);
static_assert(std::is_same_v<vsomeip_v3::minor_version_t, std::uint32_t>);

Application::Application(std::shared_ptr<vsomeip_v3::application> native) noexcept
    : native_(std::move(native)) {}

Application::~Application() noexcept = default;

// Only reads a member of vsomeip's object, so it does not throw.
std::uint16_t Application::client() const noexcept { return native_->get_client(); }

// Likewise.
bool Application::is_routing() const noexcept { return native_->is_routing(); }

std::unique_ptr<Failure> Application::start() const noexcept {
    return guarded([&] { Bridge::native(*this).start(); });
}

std::unique_ptr<Failure> Application::stop() const noexcept {
    return guarded([&] { Bridge::native(*this).stop(); });
}

std::unique_ptr<Failure> Application::offer_service(std::uint16_t service, std::uint16_t instance,
                                                    std::uint8_t major,
                                                    std::uint32_t minor) const noexcept {
    return guarded([&] { Bridge::native(*this).offer_service(service, instance, major, minor); });
}

std::unique_ptr<Failure> Application::stop_offer_service(std::uint16_t service,
                                                         std::uint16_t instance, std::uint8_t major,
                                                         std::uint32_t minor) const noexcept {
    return guarded(
        [&] { Bridge::native(*this).stop_offer_service(service, instance, major, minor); });
}

std::unique_ptr<Failure> Application::request_service(std::uint16_t service, std::uint16_t instance,
                                                      std::uint8_t major,
                                                      std::uint32_t minor) const noexcept {
    return guarded([&] { Bridge::native(*this).request_service(service, instance, major, minor); });
}

std::unique_ptr<Failure> Application::release_service(std::uint16_t service,
                                                      std::uint16_t instance) const noexcept {
    return guarded([&] { Bridge::native(*this).release_service(service, instance); });
}

std::unique_ptr<Failure> Application::stop_offer_event(std::uint16_t service,
                                                       std::uint16_t instance,
                                                       std::uint16_t event) const noexcept {
    return guarded([&] { Bridge::native(*this).stop_offer_event(service, instance, event); });
}

std::unique_ptr<Failure> Application::release_event(std::uint16_t service, std::uint16_t instance,
                                                    std::uint16_t event) const noexcept {
    return guarded([&] { Bridge::native(*this).release_event(service, instance, event); });
}

std::unique_ptr<Failure> Application::subscribe(std::uint16_t service, std::uint16_t instance,
                                                std::uint16_t eventgroup, std::uint8_t major,
                                                std::uint16_t event) const noexcept {
    return guarded(
        [&] { Bridge::native(*this).subscribe(service, instance, eventgroup, major, event); });
}

std::unique_ptr<Failure> Application::unsubscribe(std::uint16_t service, std::uint16_t instance,
                                                  std::uint16_t eventgroup,
                                                  std::uint16_t event) const noexcept {
    return guarded(
        [&] { Bridge::native(*this).unsubscribe(service, instance, eventgroup, event); });
}

std::unique_ptr<Failure> Application::unregister_message_handler(
    std::uint16_t service, std::uint16_t instance, std::uint16_t method) const noexcept {
    return guarded(
        [&] { Bridge::native(*this).unregister_message_handler(service, instance, method); });
}

std::unique_ptr<Failure> Application::unregister_availability_handler(
    std::uint16_t service, std::uint16_t instance, std::uint8_t major) const noexcept {
    return guarded(
        [&] { Bridge::native(*this).unregister_availability_handler(service, instance, major); });
}

std::unique_ptr<Failure> Application::unregister_subscription_handler(
    std::uint16_t service, std::uint16_t instance, std::uint16_t eventgroup) const noexcept {
    return guarded([&] {
        Bridge::native(*this).unregister_subscription_handler(service, instance, eventgroup);
    });
}

std::unique_ptr<Failure> Application::unregister_subscription_status_handler(
    std::uint16_t service, std::uint16_t instance, std::uint16_t eventgroup,
    std::uint16_t event) const noexcept {
    return guarded([&] {
        Bridge::native(*this).unregister_subscription_status_handler(service, instance, eventgroup,
                                                                     event);
    });
}

std::unique_ptr<Failure> Application::unregister_state_handler() const noexcept {
    return guarded([&] { Bridge::native(*this).unregister_state_handler(); });
}

std::unique_ptr<Failure> Application::clear_all_handlers() const noexcept {
    return guarded([&] { Bridge::native(*this).clear_all_handler(); });
}

}  // namespace vsomeip_glue
