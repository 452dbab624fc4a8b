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

//! Reserves room for E2E protection before each sent number.

use std::sync::OnceLock;

static ROOM: OnceLock<usize> = OnceLock::new();

/// Sets how many bytes it has. To be called first.
pub(crate) fn reserve(bytes: usize) {
    ROOM.set(bytes).expect("the first call");
}

fn room() -> usize {
    ROOM.get().copied().unwrap_or_default()
}

/// A payload with room and a number.
pub(crate) fn before(number: u64) -> Vec<u8> {
    let mut payload = vec![0; room()];
    payload.extend(number.to_be_bytes());
    payload
}

/// What is behind the room in a payload.
pub(crate) fn behind(payload: &[u8]) -> &[u8] {
    payload.get(room()..).unwrap_or_default()
}
