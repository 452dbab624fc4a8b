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

//! What waits for a listener, in order, bounded by count and by bytes.

use std::collections::VecDeque;

use crate::delivery::mailbox::Delivery;
use crate::options::{Overflow, QueueLimits};

#[derive(Default)]
pub(super) struct Queue {
    waiting: VecDeque<Delivery>,
    /// Of payload, of all that waits.
    bytes: usize,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Returns what there is no room for. A message that is larger than the limit has room if nothing
    /// else waits.
    pub(super) fn push(&mut self, mut last: Delivery, limits: QueueLimits) -> Vec<Delivery> {
        let mut dropped = Vec::new();
        while !self.has_room_for(last.size(), limits) {
            let oldest = match limits.overflow {
                Overflow::DropNewest => None,
                Overflow::DropOldest => self.pop(),
            };
            let Some(oldest) = oldest else { return vec![last] };
            dropped.push(oldest);
        }
        last.stamp();
        self.bytes += last.size();
        self.waiting.push_back(last);
        dropped
    }

    fn has_room_for(&self, size: usize, limits: QueueLimits) -> bool {
        let fits = self.bytes.saturating_add(size) <= limits.bytes;
        self.waiting.len() < limits.messages && (fits || self.waiting.is_empty())
    }

    pub(super) fn pop(&mut self) -> Option<Delivery> {
        let first = self.waiting.pop_front()?;
        self.bytes -= first.size();
        Some(first)
    }

    pub(super) fn take_unwanted(&mut self) -> Vec<Delivery> {
        let all = std::mem::take(self).into_iter();
        let (wanted, unwanted) = all.partition::<Vec<_>, _>(Delivery::is_wanted);
        self.bytes = wanted.iter().map(Delivery::size).sum();
        self.waiting = wanted.into();
        unwanted
    }

    pub(super) fn into_iter(self) -> impl Iterator<Item = Delivery> {
        self.waiting.into_iter()
    }
}
