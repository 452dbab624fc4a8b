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

#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace vsomeip_glue {

// A C++ exception that becomes a Rust error. A null pointer means success.
class Failure final {
  public:
    const std::string &text() const noexcept { return text_; }

  private:
    template <typename Call>
    friend std::unique_ptr<Failure> guarded(Call &&call) noexcept;
    explicit Failure(std::string text) noexcept : text_(std::move(text)) {}

    std::string text_;
};

// Runs `call` and catches whatever it throws.
template <typename Call>
std::unique_ptr<Failure> guarded(Call &&call) noexcept {
    try {
        std::forward<Call>(call)();
        return nullptr;
    } catch (const std::exception &exception) {
        return std::unique_ptr<Failure>(new Failure(exception.what()));
    } catch (...) {
        return std::unique_ptr<Failure>(new Failure("a C++ exception of an unknown type"));
    }
}

}  // namespace vsomeip_glue
