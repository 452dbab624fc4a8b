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

#include "rust/cxx.h"
#include "vsomeip_glue/application.h"

namespace vsomeip_v3 {
class message;
}  // namespace vsomeip_v3

// What the `Result` of a Rust signature is made of: exceptions of every type, not only those that
// are derived from std::exception.
namespace rust {
namespace behavior {
template <typename Try, typename Fail>
static void trycatch(Try &&call, Fail &&fail) noexcept try {
    call();
} catch (const std::exception &exception) {
    fail(exception.what());
} catch (...) {
    fail("a C++ exception of an unknown type");
}
}  // namespace behavior
}  // namespace rust

// The functions that take borrowed slices and strings, or a Rust callback. Exceptions become the
// error of the Rust signature; see src/bridge.rs.
namespace vsomeip_glue {

struct Header;
struct Contents;
struct StateCallback;
struct AvailabilityCallback;
struct SubscriptionCallback;
struct SubscriptionStatusCallback;
struct OfferedServicesCallback;

using MessagePtr = std::shared_ptr<vsomeip_v3::message>;

// One handler of the pool on the Rust side, which does not unwind. `generation` is given back as it
// was handed over at registration. src/drift.cpp compares this type with Rust's.
using MessageHandlerFn = void (*)(std::uint64_t generation, const MessagePtr &message) noexcept;

// The version of the vsomeip that the loader has chosen; empty if its file name does not tell.
rust::String loaded_version();

// Whether vsomeip lets its users choose how many dispatcher threads an application has of which the
// configuration does not say.
bool knows_default_dispatchers();

// Loads a library that vsomeip opens at run time.
void load_plugin(rust::Str library);

// Whether this process has an application with the name.
bool has_application(rust::Str name) noexcept;

// Creates and initialises an application. Fails where vsomeip would end the process (a plugin that
// it cannot load), where its calls would go astray (a version that the glue was not compiled
// against), and if another application of this process has the name. It has one dispatcher thread,
// unless the configuration says otherwise or vsomeip does not know such defaults.
std::unique_ptr<Application> create_application(rust::Str name, rust::Str configuration);

void offer_event(const Application &application, std::uint16_t service, std::uint16_t instance,
                 std::uint16_t event, rust::Slice<const std::uint16_t> eventgroups,
                 std::uint8_t event_type, std::uint8_t reliability);
void request_event(const Application &application, std::uint16_t service, std::uint16_t instance,
                   std::uint16_t event, rust::Slice<const std::uint16_t> eventgroups,
                   std::uint8_t event_type, std::uint8_t reliability);

// Sends a request with or without return. Returns the request id (client id in the upper, session
// id in the lower half) that vsomeip has given it.
std::uint32_t send_request(const Application &application, const Header &header,
                           rust::Slice<const std::uint8_t> payload);
// Answers `request` with a message of the given type and return code.
void send_response(const Application &application, const MessagePtr &request,
                   std::uint8_t message_type, std::uint8_t return_code,
                   rust::Slice<const std::uint8_t> payload);
void notify(const Application &application, std::uint16_t service, std::uint16_t instance,
            std::uint16_t event, rust::Slice<const std::uint8_t> payload, bool force);

// The bytes of the payload are vsomeip's own; they live as long as the message.
Contents contents(const vsomeip_v3::message &message) noexcept;

// One handler per (service, instance, method): a second one replaces the first.
void register_message_handler(const Application &application, std::uint16_t service,
                              std::uint16_t instance, std::uint16_t method,
                              MessageHandlerFn handler, std::uint64_t generation);
void register_state_handler(const Application &application, rust::Box<StateCallback> callback);
void register_availability_handler(const Application &application, std::uint16_t service,
                                   std::uint16_t instance, std::uint8_t major,
                                   rust::Box<AvailabilityCallback> callback);
void register_subscription_handler(const Application &application, std::uint16_t service,
                                   std::uint16_t instance, std::uint16_t eventgroup,
                                   rust::Box<SubscriptionCallback> callback);
void register_subscription_status_handler(const Application &application, std::uint16_t service,
                                          std::uint16_t instance, std::uint16_t eventgroup,
                                          std::uint16_t event,
                                          rust::Box<SubscriptionStatusCallback> callback);
// Asks the routing manager for the services that the applications of its host offer.
void ask_for_offered_services(const Application &application,
                              rust::Box<OfferedServicesCallback> callback);

}  // namespace vsomeip_glue
