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

//! Validates attributes. up-rust's validators decide, but run only if a quick check fails, as they
//! allocate even for valid attributes. Pure.

use up_rust::{UAttributes, UAttributesError, UAttributesValidators, UUri, UUriError, UUID};

use crate::uprotocol::{priority, Attributes, Id, Kind};

/// # Errors
///
/// Fails with all errors that up-rust's validators find.
pub(crate) fn validate(attributes: &UAttributes) -> Result<(), UAttributesError> {
    if is_valid(attributes) {
        return Ok(());
    }
    UAttributesValidators::get_validator_for_attributes(attributes).validate(attributes)
}

fn is_valid(attributes: &UAttributes) -> bool {
    let (source, sink) = (attributes.origin(), attributes.sink());
    is_id(attributes.message_id())
        && match attributes.kind() {
            Some(Kind::Publish) => passes(source, UUri::verify_event) && sink.is_none(),
            Some(Kind::Notification) => {
                source.is_some_and(|source| !source.is_rpc_response())
                    && passes(source, UUri::verify_no_wildcards)
                    && passes(sink, UUri::verify_rpc_response)
            }
            Some(Kind::Request) => {
                passes(source, UUri::verify_rpc_response)
                    && passes(sink, UUri::verify_rpc_method)
                    && has_rpc_priority(attributes)
                    && attributes.ttl().is_some_and(|ttl| ttl > 0)
            }
            Some(Kind::Response) => {
                passes(source, UUri::verify_rpc_method)
                    && passes(sink, UUri::verify_rpc_response)
                    && has_rpc_priority(attributes)
                    && is_id(attributes.request_id())
                    && attributes.has_known_status()
            }
            None => false,
        }
}

fn is_id(id: Option<&UUID>) -> bool {
    id.is_some_and(UUID::is_valid)
}

fn passes(uri: Option<&UUri>, verify: fn(&UUri) -> Result<(), UUriError>) -> bool {
    uri.is_some_and(|uri| verify(uri).is_ok())
}

fn has_rpc_priority(attributes: &UAttributes) -> bool {
    matches!(attributes.own_priority(), Some(priority::CS4 | priority::CS5 | priority::CS6))
}

#[cfg(test)]
mod tests {
    use protobuf::EnumOrUnknown;
    use up_rust::UMessageBuilder;

    use super::*;
    use crate::testing::uri;

    /// A message of each type.
    fn valid() -> Vec<UAttributes> {
        let (method, client) = (uri("//s/2/1/7"), uri("//c/1/1/0"));
        let (event, id) = (uri("//s/2/1/8001"), UUID::build());
        [
            UMessageBuilder::publish(event.clone()).build(),
            UMessageBuilder::notification(event, client.clone()).build(),
            UMessageBuilder::request(method.clone(), client.clone(), 1).build(),
            UMessageBuilder::response(client, id, method).build(),
        ]
        .map(|message| message.unwrap().attributes.unwrap())
        .into()
    }

    type Change = Box<dyn Fn(&mut UAttributes)>;

    /// Changes of a single attribute, to every kind of value.
    fn variants() -> Vec<Change> {
        let mut variants: Vec<Change> = vec![Box::new(|_| {})];
        for code in -1..=20 {
            variants.push(Box::new(move |it| it.type_ = EnumOrUnknown::from_i32(code)));
            variants.push(Box::new(move |it| it.priority = EnumOrUnknown::from_i32(code)));
            variants.push(Box::new(move |it| it.commstatus = Some(EnumOrUnknown::from_i32(code))));
        }
        for ttl in [None, Some(0), Some(1), Some(u32::MAX)] {
            variants.push(Box::new(move |it| it.ttl = ttl));
        }
        for id in [None, Some(UUID::default()), Some(UUID::build())] {
            let reqid = id.clone();
            variants.push(Box::new(move |it| it.id = id.clone().into()));
            variants.push(Box::new(move |it| it.reqid = reqid.clone().into()));
        }
        let addresses = [
            "//s/2/1/0",
            "//s/2/1/7",
            "//s/2/1/7FFF",
            "//s/2/1/8000",
            "//s/2/1/FFFE",
            "//s/2/1/FFFF",
            "//*/2/1/7",
            "//*/2/1/8001",
            "//s/FFFF/1/7",
            "//s/FFFF0002/1/8001",
            "//s/2/FF/0",
        ];
        for address in addresses.into_iter().map(|text| Some(uri(text))).chain([None]) {
            let source = address.clone();
            variants.push(Box::new(move |it| it.source = source.clone().into()));
            variants.push(Box::new(move |it| it.sink = address.clone().into()));
        }
        variants
    }

    // [utest->dsn~utransport-send-error-invalid-parameter~1]
    #[test]
    fn quick_check_agrees_with_validators() {
        let (mut good, mut bad) = (0, 0);
        let variants = variants();
        let pairs = || variants.iter().flat_map(|first| variants.iter().map(move |it| (first, it)));
        for (attributes, (first, second)) in
            valid().iter().flat_map(|attributes| pairs().map(move |pair| (attributes, pair)))
        {
            let mut attributes = attributes.clone();
            first(&mut attributes);
            second(&mut attributes);
            let validator = UAttributesValidators::get_validator_for_attributes(&attributes);
            let expected = validator.validate(&attributes);
            assert_eq!(is_valid(&attributes), expected.is_ok(), "{attributes:?}");
            assert_eq!(validate(&attributes).is_ok(), expected.is_ok(), "{attributes:?}");
            *if expected.is_ok() { &mut good } else { &mut bad } += 1;
        }
        assert!(good > 1_000 && bad > 1_000, "{good} {bad}");
    }
}
