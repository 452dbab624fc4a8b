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

//! Errors: values that would crash vsomeip or have no meaning, with place and remedy.

use serde_json::{json, Value};

use crate::stack::StackConfig;

fn error(text: &str) -> String {
    let valid = StackConfig::from_json(text).and_then(|config| config.validate());
    valid.expect_err(text).to_string()
}

#[test]
fn text_without_json_is_refused() {
    for (text, expected) in [
        ("", "not valid JSON: EOF while parsing a value at line 1 column 0; correct it there"),
        (
            "{ \"unicast\": ",
            "not valid JSON: EOF while parsing a value at line 1 column 13; correct it there",
        ),
        (
            "{\n  \"unicast\": \"10.0.0.1\",\n}",
            "not valid JSON: trailing comma at line 3 column 1; correct it there",
        ),
        ("{} {}", "not valid JSON: trailing characters at line 1 column 4; correct it there"),
        ("[]", "not an object, so vsomeip ignores it; write the keys in braces"),
    ] {
        assert_eq!(error(text), expected, "{text}");
    }
}

#[test]
fn meaningless_configuration_is_refused() {
    let segment = json!({ "service-to-client": [{ "method": "1", "max-segment-length": "15" }] });
    let cases: [(Value, &str); 9] = [
        (
            json!({ "unicast": "224.0.0.1" }),
            "unicast: 224.0.0.1 is not the address of a host; write the address of this host on \
             the network",
        ),
        (
            json!({ "netmask": "255.0.255.0" }),
            "netmask: 255.0.255.0 is not a netmask; write one such as 255.255.255.0",
        ),
        (
            json!({ "prefix": "33" }),
            "prefix: 33 is not a prefix length; write a number from 1 to 32",
        ),
        (
            json!({ "device": "eth 0" }),
            "device: \"eth 0\" is not the name of a network device; write its name, such as \"eth0\", or remove \
             the key",
        ),
        (
            json!({ "network": "a/b" }),
            "network: \"a/b\" cannot be part of a file name; write a name without a slash, or \
             remove the key",
        ),
        (
            json!({ "network": "" }),
            "network: \"\" cannot be part of a file name; write a name without a slash, or remove \
             the key",
        ),
        (
            json!({ "service-discovery": { "multicast": "10.0.0.1" } }),
            "service-discovery.multicast: 10.0.0.1 is not a multicast address; write one from \
             224.0.0.0 to 239.255.255.255",
        ),
        (
            json!({ "unicast": "10.0.0.1", "service-discovery": { "multicast": "ff02::1" } }),
            "service-discovery.multicast: ff02::1 is of another IP version than `unicast`; write both \
             as IPv4 or both as IPv6",
        ),
        (
            json!({ "services": [{ "service": 1, "instance": 1, "unreliable": 1,
                                   "someip-tp": segment }] }),
            "services[0].someip-tp.service-to-client[0].max-segment-length: 15 is too small for a \
             segment; write a multiple of 16 up to 1392",
        ),
    ];
    for (json, expected) in cases {
        assert_eq!(error(&json.to_string()), expected, "{json}");
    }
}
