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

#include "vsomeip_glue/log.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ext/stdio_sync_filebuf.h>
#include <iostream>
#include <streambuf>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>

#include "vsomeip-sys/src/logging.rs.h"

namespace vsomeip_glue {
namespace {

// The beginning of vsomeip's lines; # stands for a digit.
constexpr std::string_view date{"####-##-## "};

// Longer lines are not vsomeip's.
constexpr std::size_t longest_line{64 * 1024};

bool is_digit(char character) { return character >= '0' && character <= '9'; }

// Whether `text` can be the beginning of a line of vsomeip.
bool may_be_vsomeips(std::string_view text) {
    const auto shown = text.substr(0, std::min(text.size(), date.size()));
    return text.size() <= longest_line &&
           std::equal(shown.begin(), shown.end(), date.begin(), [](char is, char wanted) {
               return wanted == '#' ? is_digit(is) : is == wanted;
           });
}

bool is_taken(std::string_view line) {
    return take_line({reinterpret_cast<const std::uint8_t *>(line.data()), line.size()});
}

// Each thread assembles its own lines: vsomeip up to 3.4 writes them in pieces, and pieces of
// several threads must not mix. This needs no lock, so it cannot deadlock.
class Capture final : public std::streambuf {
  public:
    explicit Capture(std::streambuf &console) noexcept : console_{console} {}

  protected:
    int_type overflow(int_type character) override {
        if (traits_type::eq_int_type(character, traits_type::eof())) {
            return traits_type::not_eof(character);
        }
        const auto written = traits_type::to_char_type(character);
        return write({&written, 1}) ? character : traits_type::eof();
    }

    std::streamsize xsputn(const char *text, std::streamsize count) override {
        std::string_view rest{text, static_cast<std::size_t>(count)};
        while (!rest.empty()) {
            // npos + 1 is 0, and no line is that short.
            const auto end = rest.find('\n') + 1;
            const auto piece = end == 0 ? rest : rest.substr(0, end);
            if (!write(piece)) {
                break;
            }
            rest.remove_prefix(piece.size());
        }
        return count - static_cast<std::streamsize>(rest.size());
    }

    // vsomeip flushes only at the end of a line, so an incomplete date is the prompt of other code.
    int sync() override {
        const bool is_seen =
            line_is_gone || line.held.size() >= date.size() || line.hand_on_to(console_);
        return is_seen ? console_.pubsync() : -1;
    }

  private:
    // The current line of a thread.
    struct Line {
        // Empty if the line is not vsomeip's: its pieces are passed on at once.
        std::string held;
        bool is_others{false};
        // Gets what is held when the thread ends.
        std::streambuf *console{nullptr};

        ~Line() {
            if (console != nullptr) {
                hand_on_to(*console);
            }
            line_is_gone = true;
        }

        bool hand_on_to(std::streambuf &others) {
            is_others = is_others || !held.empty();
            return put(std::exchange(held, {}), others);
        }
    };

    // `piece` is not empty, and only its last character may be a newline. Like the functions below,
    // this returns false if the console did not accept its part.
    bool write(std::string_view piece) {
        if (line_is_gone) {
            return put(piece, console_);
        }
        const bool ends = piece.back() == '\n';
        const bool is_written = line.is_others ? put(piece, console_) : hold(piece, ends);
        line.is_others = line.is_others && !ends;
        return is_written;
    }

    bool hold(std::string_view piece, bool ends) {
        line.console = &console_;
        line.held += piece;
        if (!may_be_vsomeips(line.held)) {
            return line.hand_on_to(console_);
        }
        if (!ends) {
            return true;
        }
        // Cleared first, since `is_taken` may write another line.
        const auto whole = std::exchange(line.held, {});
        return is_taken({whole.data(), whole.size() - 1}) || put(whole, console_);
    }

    static bool put(std::string_view text, std::streambuf &console) {
        const auto size = static_cast<std::streamsize>(text.size());
        return console.sputn(text.data(), size) == size;
    }

    // Set when the thread has destroyed its line. What it writes later is passed on.
    static thread_local bool line_is_gone;
    static thread_local Line line;

    std::streambuf &console_;
};

thread_local bool Capture::line_is_gone{false};
thread_local Capture::Line Capture::line;

using Synchronised = __gnu_cxx::stdio_sync_filebuf<char>;

// The buffer behind std::cout. `sync_with_stdio(false)` frees the one that std::cout starts with,
// so an own one of the same kind is used instead.
std::streambuf &console() {
    static auto &own = *new Synchronised{stdout};
    auto &present = *std::cout.rdbuf();
    return typeid(present) == typeid(Synchronised) ? own : present;
}

// Never destroyed, since other code writes until the process has ended.
Capture &capture() {
    static auto &capture = *new Capture{console()};
    return capture;
}

}  // namespace

void capture_console() noexcept {
    static const auto replaced = std::cout.rdbuf(&capture());
    static_cast<void>(replaced);
}

bool is_console_captured() noexcept { return std::cout.rdbuf() == &capture(); }

}  // namespace vsomeip_glue
