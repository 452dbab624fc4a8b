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

// Makes cxx turn exceptions of every type into a Rust error, not only those derived from
// std::exception.
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

// The functions that take borrowed slices, strings, or a Rust callback. Exceptions become the error
// of the Rust signature; see src/bridge.rs.
namespace vsomeip_glue {

struct Header;
struct Contents;
struct StateCallback;
struct AvailabilityCallback;
struct SubscriptionCallback;
struct SubscriptionStatusCallback;
struct OfferedServicesCallback;

using MessagePtr = std::shared_ptr<vsomeip_v3::message>;

// A message handler in Rust, which does not unwind. `generation` is the value given at
// registration. src/drift.cpp compares this type with Rust's.
using MessageHandlerFn = void (*)(std::uint64_t generation, const MessagePtr &message) noexcept;

// The version of the loaded vsomeip; empty if its file name has none.
rust::String loaded_version();

// Whether vsomeip lets the caller set the default of `max_dispatchers` for an application.
bool knows_default_dispatchers();

// Loads a library that vsomeip opens at run time.
void load_plugin(rust::Str library);

// Whether this process has an application with the name.
bool has_application(rust::Str name) noexcept;

// Creates and initialises an application. Throws if vsomeip would end the process (a plugin cannot
// be loaded), if calls would reach wrong functions (the glue was compiled against another version),
// and if another application of this process has the name. The application has one dispatcher
// thread, unless the configuration sets another number or vsomeip does not support such a default.
std::unique_ptr<Application> create_application(rust::Str name, rust::Str configuration);

void offer_event(const Application &application, std::uint16_t service, std::uint16_t instance,
                 std::uint16_t event, rust::Slice<const std::uint16_t> eventgroups,
                 std::uint8_t event_type, std::uint8_t reliability);
void request_event(const Application &application, std::uint16_t service, std::uint16_t instance,
                   std::uint16_t event, rust::Slice<const std::uint16_t> eventgroups,
                   std::uint8_t event_type, std::uint8_t reliability);

// Sends a request with or without return. Returns the request id that vsomeip assigned: client id
// in the upper 16 bits, session id in the lower 16.
std::uint32_t send_request(const Application &application, const Header &header,
                           rust::Slice<const std::uint8_t> payload);
// Answers `request` with a message of the given type and return code.
void send_response(const Application &application, const MessagePtr &request,
                   std::uint8_t message_type, std::uint8_t return_code,
                   rust::Slice<const std::uint8_t> payload);
void notify(const Application &application, std::uint16_t service, std::uint16_t instance,
            std::uint16_t event, rust::Slice<const std::uint8_t> payload, bool force);

// The payload is borrowed from vsomeip and lives as long as the message.
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
// Asks the routing manager for the services that applications on its host offer.
void ask_for_offered_services(const Application &application,
                              rust::Box<OfferedServicesCallback> callback);

}  // namespace vsomeip_glue
