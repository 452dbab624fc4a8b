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

//! New ids for received messages, as SOME/IP carries none.

use up_rust::UUID;

use crate::mapping::ttl::unix_milliseconds;
use crate::uprotocol::Id;

const VERSION: u64 = 0x7000;
const VARIANT: u64 = 0x8000_0000_0000_0000;

/// A new UUID of version 7, made of the time in milliseconds and random bits. It must be unique, not
/// unpredictable: up-rust's generator uses a cryptographic one and is several times slower.
pub(crate) fn new_id() -> UUID {
    let high = (unix_milliseconds() << 16) | VERSION | fastrand::u64(..=0x0fff);
    UUID::of_bits(high, VARIANT | (fastrand::u64(..) >> 2))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::thread;

    use super::*;

    #[test]
    fn new_id_is_current_uuid() {
        let time = || UUID::build().get_time().unwrap();
        let before = time();
        let id = new_id();
        assert!(id.is_uprotocol_uuid());
        assert!((before..=time()).contains(&id.get_time().unwrap()));
    }

    #[test]
    fn all_random_bits_vary() {
        let (mut ones, mut zeros) = ((0, 0), (0, 0));
        for id in (0..1_000).map(|_| new_id()) {
            ones = (ones.0 | id.msb, ones.1 | id.lsb);
            zeros = (zeros.0 | !id.msb, zeros.1 | !id.lsb);
        }
        assert_eq!(ones.0 & zeros.0 & 0xffff, 0x0fff);
        assert_eq!(ones.1 & zeros.1, !VARIANT >> 1);
    }

    #[test]
    fn ids_differ_between_threads() {
        let threads: Vec<_> = (0..8)
            .map(|_| thread::spawn(|| (0..10_000).map(|_| new_id()).collect::<Vec<_>>()))
            .collect();
        let ids = threads.into_iter().flat_map(|thread| thread.join().unwrap());
        let ids: HashSet<_> = ids.map(|id| (id.msb, id.lsb)).collect();
        assert_eq!(ids.len(), 80_000);
    }
}
