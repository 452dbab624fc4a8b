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

// A plain vsomeip application, as others write them: it answers each request to a service with the
// request's payload. `plain NAME SERVICE`, the id in hexadecimal; the end of its input ends it.

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "vsomeip.h"

int main(int count, char **words) {
    if (count != 3) {
        return 2;
    }
    const auto service = static_cast<vsomeip::service_t>(std::stoul(words[2], nullptr, 16));
    const vsomeip::instance_t instance = 1;
    const auto application = vsomeip::runtime::get()->create_application(words[1]);
    if (!application->init()) {
        return 1;
    }
    application->register_message_handler(
        service, instance, vsomeip::ANY_METHOD, [&application](const auto &request) {
            auto response = vsomeip::runtime::get()->create_response(request);
            response->set_payload(request->get_payload());
            application->send(response);
        });
    application->register_state_handler([](vsomeip::state_type_e state) {
        if (state == vsomeip::state_type_e::ST_REGISTERED) {
            std::cout << "registered" << std::endl;
        }
    });
    application->offer_service(service, instance, 1);
    std::thread input([&application] {
        for (std::string line; std::getline(std::cin, line);) {
        }
        application->stop();
    });
    application->start();
    input.join();
}
