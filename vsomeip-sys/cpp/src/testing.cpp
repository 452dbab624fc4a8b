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

#include "vsomeip_glue/testing.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <streambuf>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "native.h"
#include "vsomeip-sys/src/bridge.rs.h"

namespace vsomeip_glue {
namespace {

using Fault = std::variant<std::runtime_error, int>;

thread_local std::optional<Fault> armed;

// Replaces the console. Each write stays in one piece.
class Collector final : public std::streambuf {
  public:
    std::string take() {
        const std::lock_guard<std::mutex> lock{mutex_};
        return std::exchange(text_, {});
    }

  protected:
    int_type overflow(int_type character) override {
        const auto written = traits_type::to_char_type(character);
        xsputn(&written, 1);
        return character;
    }
    std::streamsize xsputn(const char *text, std::streamsize count) override {
        const std::lock_guard<std::mutex> lock{mutex_};
        text_.append(text, static_cast<std::size_t>(count));
        return count;
    }

  private:
    std::mutex mutex_;
    std::string text_;
};

Collector &collector() {
    static auto *const collector = new Collector;
    return *collector;
}

}  // namespace

void arm_error(rust::Str text) { armed = std::runtime_error(std::string{text}); }

void arm_other() { armed = 42; }

bool is_armed() noexcept { return armed.has_value(); }

void throw_armed_fault() {
    if (const auto fault = std::exchange(armed, std::nullopt)) {
        std::visit([](const auto &exception) { throw exception; }, *fault);
    }
}

MessagePtr make_message(const Header &header, rust::Slice<const std::uint8_t> payload) {
    const auto runtime = vsomeip_v3::runtime::get();
    auto message = runtime->create_message(header.reliable);
    message->set_service(header.service);
    message->set_instance(header.instance);
    message->set_method(header.method);
    message->set_client(header.client);
    message->set_session(header.session);
    message->set_interface_version(header.interface_version);
    message->set_message_type(static_cast<vsomeip_v3::message_type_e>(header.message_type));
    message->set_return_code(static_cast<vsomeip_v3::return_code_e>(header.return_code));
    message->set_check_result(header.check_result);
    message->set_payload(
        runtime->create_payload(payload.data(), static_cast<std::uint32_t>(payload.size())));
    return message;
}

std::size_t payload_address(const vsomeip_v3::message &message) noexcept {
    const std::shared_ptr<const vsomeip_v3::payload> payload = message.get_payload();
    return reinterpret_cast<std::size_t>(payload->get_data());
}

void collect_console() { std::cout.rdbuf(&collector()); }

rust::Vec<std::uint8_t> collected() {
    rust::Vec<std::uint8_t> bytes;
    const auto text = collector().take();
    std::copy(text.begin(), text.end(), std::back_inserter(bytes));
    return bytes;
}

void print(rust::Slice<const std::uint8_t> text) {
    std::cout << std::string_view{reinterpret_cast<const char *>(text.data()), text.size()};
}

void flush_console() { std::cout.flush(); }

}  // namespace vsomeip_glue
