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

// The costs of vsomeip itself: the roles of the benchmark in plain C++. The Rust program has the
// same roles, options and output, see benchmarks/README.md.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "vsomeip.h"

namespace {

using Message = std::shared_ptr<vsomeip::message>;
using Payload = std::shared_ptr<vsomeip::payload>;

constexpr vsomeip::service_t SERVICE = 0x1111;
constexpr vsomeip::service_t PUBLISHER = 0x2222;
// Never offered: what else is subscribed to.
constexpr vsomeip::service_t ABSENT = 0x3333;
constexpr vsomeip::instance_t INSTANCE = 1;
constexpr vsomeip::method_t METHOD = 1;
constexpr vsomeip::event_t EVENT = 0x8001;
constexpr vsomeip::major_version_t VERSION = 1;
constexpr auto BEACON_INTERVAL = std::chrono::milliseconds(10);

std::uint64_t now_ns() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

// --name value …, and flags without a value.
class Options {
  public:
    Options(int count, char **arguments) : role_(count > 1 ? arguments[1] : "") {
        for (int i = 2; i < count; ++i) {
            const bool has_value = i + 1 < count && std::strncmp(arguments[i + 1], "--", 2) != 0;
            const std::string name = arguments[i];
            values_[name] = has_value ? arguments[++i] : "1";
        }
    }

    const std::string &role() const { return role_; }
    const std::string &config() const { return values_.at("--config"); }

    std::uint64_t number(const std::string &name, std::uint64_t otherwise) const {
        const auto value = values_.find("--" + name);
        return value == values_.end() ? otherwise : std::stoull(value->second);
    }

  private:
    std::string role_;
    std::map<std::string, std::string> values_;
};

// What a message carries: its number, when it was sent, and zeroes up to its size.
struct Stamp {
    std::uint64_t number;
    std::uint64_t sent_ns;
};

class Payloads {
  public:
    explicit Payloads(std::size_t size) : bytes_(std::max(size, sizeof(Stamp))) {}

    Payload make(const Stamp &stamp) {
        std::memcpy(bytes_.data(), &stamp, sizeof(stamp));
        return vsomeip::runtime::get()->create_payload(
            bytes_.data(), static_cast<vsomeip::length_t>(bytes_.size()));
    }

    static Stamp read(const vsomeip::message &message) {
        Stamp stamp{};
        std::memcpy(&stamp, message.get_payload()->get_data(), sizeof(stamp));
        return stamp;
    }

  private:
    std::vector<vsomeip::byte_t> bytes_;
};

// Limits the messages in flight: the sender waits for room.
class Window {
  public:
    explicit Window(std::uint64_t size) : size_(size), free_(size) {}

    void enter() {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [this] { return free_ > 0; });
        --free_;
    }

    void leave() {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            ++free_;
        }
        changed_.notify_one();
    }

    void wait_until_empty() {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [this] { return free_ == size_; });
    }

  private:
    const std::uint64_t size_;
    std::uint64_t free_;
    std::mutex mutex_;
    std::condition_variable changed_;
};

// The numbers that arrived, which must be 1, 2, 3 …, and how long each was on its way.
class Arrivals {
  public:
    void start(std::uint64_t count) {
        last_ = out_of_order_ = 0;
        times_.clear();
        times_.reserve(count);
    }

    void note(std::uint64_t number) {
        if (number != last_ + 1) {
            ++out_of_order_;
        }
        last_ = number;
    }

    void note(std::uint64_t number, std::uint64_t sent_ns) {
        note(number);
        times_.push_back(now_ns() - sent_ns);
    }

    std::uint64_t out_of_order() const { return out_of_order_; }

    std::uint64_t percentile(std::uint64_t percent) {
        if (times_.empty()) {
            return 0;
        }
        std::sort(times_.begin(), times_.end());
        return times_[(times_.size() - 1) * percent / 100];
    }

  private:
    std::uint64_t last_ = 0;
    std::uint64_t out_of_order_ = 0;
    std::vector<std::uint64_t> times_;
};

void say(const std::string &line) { std::cout << line << std::endl; }

void report(std::uint64_t elapsed_ns, std::uint64_t out_of_order, Arrivals &arrivals) {
    say("{\"elapsed_ns\":" + std::to_string(elapsed_ns) + ",\"out_of_order\":" +
        std::to_string(out_of_order) + ",\"p50_ns\":" + std::to_string(arrivals.percentile(50)) +
        ",\"p99_ns\":" + std::to_string(arrivals.percentile(99)) + "}");
}

// Runs the action at every line of the standard input, until its end.
void obey(const std::function<void()> &action) {
    std::string line;
    while (std::getline(std::cin, line)) {
        action();
    }
}

// An application with the name of its configuration file, and the thread that runs it.
class Application {
  public:
    explicit Application(const std::string &config)
        : native_(vsomeip::runtime::get()->create_application(
              std::filesystem::path(config).stem().string(), config)) {
        if (!native_->init()) {
            throw std::runtime_error("vsomeip cannot be initialised");
        }
    }

    ~Application() {
        native_->clear_all_handler();
        native_->stop();
        thread_.join();
    }

    void start() {
        thread_ = std::thread([this] { native_->start(); });
    }

    vsomeip::application *operator->() const { return native_.get(); }

    void wait_for(vsomeip::service_t service) {
        std::mutex mutex;
        std::condition_variable changed;
        bool is_available = false;
        const vsomeip::availability_handler_t handler = [&](vsomeip::service_t, vsomeip::instance_t,
                                                            bool available) {
            const std::lock_guard<std::mutex> lock(mutex);
            is_available = available;
            changed.notify_one();
        };
        native_->register_availability_handler(service, INSTANCE, handler);
        native_->request_service(service, INSTANCE, VERSION);
        std::unique_lock<std::mutex> lock(mutex);
        changed.wait(lock, [&] { return is_available; });
        lock.unlock();
        native_->unregister_availability_handler(service, INSTANCE);
    }

  private:
    std::shared_ptr<vsomeip::application> native_;
    std::thread thread_;
};

void route(const Options &options) {
    Application application(options.config());
    application.start();
    say("ready");
    obey([] {});
}

void echo(const Options &options) {
    Application application(options.config());
    const bool is_silent = options.number("silent", 0) != 0;
    const auto handler = [&application, is_silent](const Message &request) {
        if (is_silent) {
            return;
        }
        // An answer is seldom the request: it has a payload of its own.
        const auto runtime = vsomeip::runtime::get();
        const auto payload = request->get_payload();
        const auto response = runtime->create_response(request);
        response->set_payload(runtime->create_payload(payload->get_data(), payload->get_length()));
        application->send(response);
    };
    const std::uint64_t methods = 1 + options.number("registrations", 0);
    for (std::uint64_t i = 0; i < methods; ++i) {
        const auto method = static_cast<vsomeip::method_t>(METHOD + i);
        application->register_message_handler(SERVICE, INSTANCE, method, handler);
    }
    application->offer_service(SERVICE, INSTANCE, VERSION);
    application.start();
    say("ready");
    obey([] {});
}

class Caller {
  public:
    explicit Caller(const Options &options)
        : payloads_(options.number("size", 0)),
          window_(options.number("window", 1)),
          count_(options.number("count", 1)),
          waits_(options.number("no-wait", 0) == 0),
          application_(options.config()) {
        application_->register_message_handler(
            SERVICE, INSTANCE, METHOD, [this](const Message &response) { on_response(response); });
        application_.start();
        application_.wait_for(SERVICE);
        call(options.number("warm-up", 0));
    }

    void run() {
        const std::uint64_t start = now_ns();
        call(count_);
        report(now_ns() - start, arrivals_.out_of_order(), arrivals_);
    }

  private:
    void call(std::uint64_t count) {
        arrivals_.start(count);
        for (std::uint64_t number = 1; number <= count; ++number) {
            if (waits_) {
                window_.enter();
            }
            const auto request = vsomeip::runtime::get()->create_request();
            request->set_service(SERVICE);
            request->set_instance(INSTANCE);
            request->set_method(METHOD);
            request->set_interface_version(VERSION);
            request->set_payload(payloads_.make({number, now_ns()}));
            application_->send(request);
        }
        window_.wait_until_empty();
    }

    void on_response(const Message &response) {
        const Stamp stamp = Payloads::read(*response);
        arrivals_.note(stamp.number, stamp.sent_ns);
        window_.leave();
    }

    Payloads payloads_;
    Arrivals arrivals_;
    Window window_;
    const std::uint64_t count_;
    const bool waits_;
    // Ends before what its handlers use.
    Application application_;
};

class Publisher {
  public:
    explicit Publisher(const Options &options)
        : payloads_(options.number("size", 0)),
          count_(options.number("count", 1)),
          interval_(options.number("interval-us", 0)),
          application_(options.config()) {
        application_->offer_service(PUBLISHER, INSTANCE, VERSION);
        application_->offer_event(PUBLISHER, INSTANCE, EVENT, {EVENT});
        application_.start();
        beacon_ = std::thread([this] { send_beacons(); });
    }

    ~Publisher() { stop_beacons(); }

    void run() {
        stop_beacons();
        const std::uint64_t start = now_ns();
        auto due = std::chrono::steady_clock::now();
        for (std::uint64_t number = 1; number <= count_; ++number) {
            if (interval_.count() > 0) {
                due += interval_;
                std::this_thread::sleep_until(due);
            }
            send(number);
        }
        Arrivals none;
        report(now_ns() - start, 0, none);
    }

  private:
    void send(std::uint64_t number) {
        application_->notify(PUBLISHER, INSTANCE, EVENT, payloads_.make({number, now_ns()}), true);
    }

    // Until the first measurement, so that subscribers learn that they are connected.
    void send_beacons() {
        while (!is_measured_) {
            send(0);
            std::this_thread::sleep_for(BEACON_INTERVAL);
        }
    }

    void stop_beacons() {
        is_measured_ = true;
        if (beacon_.joinable()) {
            beacon_.join();
        }
    }

    Payloads payloads_;
    const std::uint64_t count_;
    const std::chrono::microseconds interval_;
    Application application_;
    std::atomic<bool> is_measured_{false};
    std::thread beacon_;
};

class Subscriber {
  public:
    explicit Subscriber(const Options &options)
        : count_(options.number("count", 1)),
          is_paced_(options.number("interval-us", 0) > 0),
          listeners_(options.number("listeners", 1)),
          remaining_(listeners_.size()),
          application_(options.config()) {
        for (auto &listener : listeners_) {
            application_->register_message_handler_ext(
                PUBLISHER, INSTANCE, EVENT,
                [this, &listener](const Message &event) { on_event(listener, event); },
                vsomeip::handler_registration_type_e::HRT_APPEND);
            listener.start(count_);
        }
        const std::uint64_t others = options.number("registrations", 0);
        for (std::uint64_t i = 0; i < others; ++i) {
            const auto event = static_cast<vsomeip::event_t>(EVENT + i);
            application_->register_message_handler(ABSENT, INSTANCE, event, [](const Message &) {});
            subscribe(ABSENT, event);
        }
        subscribe(PUBLISHER, EVENT);
        application_.start();
    }

  private:
    void subscribe(vsomeip::service_t service, vsomeip::event_t event) {
        application_->request_service(service, INSTANCE, VERSION);
        application_->request_event(service, INSTANCE, event, {event});
        application_->subscribe(service, INSTANCE, event, VERSION, event);
    }

    void on_event(Arrivals &listener, const Message &event) {
        const Stamp stamp = Payloads::read(*event);
        if (stamp.number == 0) {
            if (!is_connected_.exchange(true)) {
                say("ready");
            }
            return;
        }
        if (stamp.number == 1) {
            first_ns_ = stamp.sent_ns;
        }
        if (is_paced_) {
            listener.note(stamp.number, stamp.sent_ns);
        } else {
            listener.note(stamp.number);
        }
        if (stamp.number == count_ && --remaining_ == 0) {
            finish();
        }
    }

    void finish() {
        const std::uint64_t elapsed = now_ns() - first_ns_;
        std::uint64_t out_of_order = 0;
        for (const auto &listener : listeners_) {
            out_of_order += listener.out_of_order();
        }
        report(elapsed, out_of_order, listeners_.front());
        for (auto &listener : listeners_) {
            listener.start(count_);
        }
        remaining_ = listeners_.size();
    }

    const std::uint64_t count_;
    const bool is_paced_;
    std::vector<Arrivals> listeners_;
    std::atomic<std::size_t> remaining_;
    std::atomic<std::uint64_t> first_ns_{0};
    std::atomic<bool> is_connected_{false};
    // Ends before what its handlers use.
    Application application_;
};

void call(const Options &options) {
    Caller caller(options);
    say("ready");
    obey([&] { caller.run(); });
}

void publish(const Options &options) {
    Publisher publisher(options);
    say("ready");
    obey([&] { publisher.run(); });
}

void subscribe(const Options &options) {
    const Subscriber subscriber(options);
    obey([] {});
}

}  // namespace

int main(int count, char **arguments) {
    const std::map<std::string, void (*)(const Options &)> roles = {
        {"route", route},     {"echo", echo},           {"call", call},
        {"publish", publish}, {"subscribe", subscribe},
    };
    try {
        const Options options(count, arguments);
        const auto role = roles.find(options.role());
        if (role == roles.end()) {
            throw std::invalid_argument("the role must be route, echo, call, publish or subscribe");
        }
        role->second(options);
        return EXIT_SUCCESS;
    } catch (const std::exception &error) {
        std::cerr << arguments[0] << ": " << error.what() << std::endl;
        return EXIT_FAILURE;
    }
}
