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

//! The leases of the sender: requests and handlers of called services, offers of published topics.
//!
//! They are bounded apart from those of listeners: messages that a uStreamer forwards for unknown senders
//! must not exhaust what listeners need.

mod calls;
mod topics;

use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) use calls::{Call, Calls};
pub(crate) use topics::Topics;

/// Counts calls of [`SenderClock::tick`]: about the seconds since the start. Read for every message, so
/// it is cheaper than a system clock.
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

/// The tick of the last use.
#[derive(Default)]
struct LastUse(AtomicU32);

impl LastUse {
    fn at(now: u32) -> Self {
        Self(now.into())
    }

    fn stamp(&self, now: u32) {
        // A redundant write would invalidate the cache lines of other threads.
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
