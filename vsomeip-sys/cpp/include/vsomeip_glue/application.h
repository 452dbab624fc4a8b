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

#include <cstdint>
#include <memory>

#include "vsomeip_glue/failure.h"

namespace vsomeip_v3 {
class application;
}  // namespace vsomeip_v3

namespace vsomeip_glue {

// Owns one vsomeip application. Every method may be called from any thread at any time: vsomeip
// synchronises its state, and this class has none. No method throws.
class Application final {
  public:
    ~Application() noexcept;
    Application(const Application &) = delete;
    Application &operator=(const Application &) = delete;

    std::uint16_t client() const noexcept;
    bool is_routing() const noexcept;

    // Runs the application on the calling thread until `stop` is called.
    std::unique_ptr<Failure> start() const noexcept;
    // Returns when `start` is about to return. Waits for `start` to be called.
    std::unique_ptr<Failure> stop() const noexcept;

    std::unique_ptr<Failure> offer_service(std::uint16_t service, std::uint16_t instance,
                                           std::uint8_t major, std::uint32_t minor) const noexcept;
    std::unique_ptr<Failure> stop_offer_service(std::uint16_t service, std::uint16_t instance,
                                                std::uint8_t major,
                                                std::uint32_t minor) const noexcept;
    std::unique_ptr<Failure> request_service(std::uint16_t service, std::uint16_t instance,
                                             std::uint8_t major,
                                             std::uint32_t minor) const noexcept;
    std::unique_ptr<Failure> release_service(std::uint16_t service,
                                             std::uint16_t instance) const noexcept;

    std::unique_ptr<Failure> stop_offer_event(std::uint16_t service, std::uint16_t instance,
                                              std::uint16_t event) const noexcept;
    std::unique_ptr<Failure> release_event(std::uint16_t service, std::uint16_t instance,
                                           std::uint16_t event) const noexcept;
    std::unique_ptr<Failure> subscribe(std::uint16_t service, std::uint16_t instance,
                                       std::uint16_t eventgroup, std::uint8_t major,
                                       std::uint16_t event) const noexcept;
    std::unique_ptr<Failure> unsubscribe(std::uint16_t service, std::uint16_t instance,
                                         std::uint16_t eventgroup,
                                         std::uint16_t event) const noexcept;

    std::unique_ptr<Failure> unregister_message_handler(std::uint16_t service,
                                                        std::uint16_t instance,
                                                        std::uint16_t method) const noexcept;
    std::unique_ptr<Failure> unregister_availability_handler(std::uint16_t service,
                                                             std::uint16_t instance,
                                                             std::uint8_t major) const noexcept;
    std::unique_ptr<Failure> unregister_subscription_handler(
        std::uint16_t service, std::uint16_t instance, std::uint16_t eventgroup) const noexcept;
    std::unique_ptr<Failure> unregister_subscription_status_handler(
        std::uint16_t service, std::uint16_t instance, std::uint16_t eventgroup,
        std::uint16_t event) const noexcept;
    std::unique_ptr<Failure> unregister_state_handler() const noexcept;
    std::unique_ptr<Failure> clear_all_handlers() const noexcept;

  private:
    friend struct Bridge;
    explicit Application(std::shared_ptr<vsomeip_v3::application> native) noexcept;

    std::shared_ptr<vsomeip_v3::application> native_;
};

}  // namespace vsomeip_glue
