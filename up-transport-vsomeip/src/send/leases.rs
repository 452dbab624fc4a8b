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

//! What sending needs of services: requests and handlers of what is called, offers of what is
//! published. Bounded, and apart from what listeners need: strangers' messages, which a uStreamer
//! forwards, must not use up what others need.

mod calls;
mod topics;

use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) use calls::{Call, Calls};
pub(crate) use topics::Topics;

/// How many times [`SenderClock::tick`] was called: about the seconds since the start. Each message
/// asks, so it is not a clock of the system's.
#[derive(Default)]
pub(crate) struct SenderClock(AtomicU32);

impl SenderClock {
    pub(crate) fn tick(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn now(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// When something was used last.
#[derive(Default)]
struct LastUse(AtomicU32);

impl LastUse {
    fn at(now: u32) -> Self {
        Self(now.into())
    }

    fn stamp(&self, now: u32) {
        // A write that changes nothing would cost the other threads their cache.
        if self.0.load(Ordering::Relaxed) != now {
            self.0.store(now, Ordering::Relaxed);
        }
    }

    fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests;
