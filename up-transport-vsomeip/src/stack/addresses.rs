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

//! A list of addresses, which may also be written as an object, under keys without a meaning.

use std::fmt;
use std::marker::PhantomData;
use std::net::IpAddr;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, Serializer};

use super::form::Word;
use super::written::{Text, Written};

struct AddressesVisitor;

impl<'de> Visitor<'de> for AddressesVisitor {
    type Value = Vec<IpAddr>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of IP addresses")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<IpAddr>, A::Error> {
        let mut addresses = Vec::new();
        while let Some(Text(address, PhantomData::<Word>)) = list.next_element()? {
            addresses.push(address);
        }
        Ok(addresses)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<IpAddr>, A::Error> {
        let mut addresses = Vec::new();
        while let Some((IgnoredAny, Text(address, PhantomData::<Word>))) = map.next_entry()? {
            addresses.push(address);
        }
        Ok(addresses)
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpAddr>, D::Error> {
    from.deserialize_any(AddressesVisitor)
}

pub(super) fn serialize<S: Serializer>(addresses: &Vec<IpAddr>, to: S) -> Result<S::Ok, S::Error> {
    Written::<Word>::write(addresses, to)
}
