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

//! The queued messages of a listener, bounded by count and by bytes.

use std::collections::VecDeque;

use crate::delivery::mailbox::Delivery;
use crate::options::{Overflow, QueueLimits};

#[derive(Default)]
pub(super) struct Queue {
    waiting: VecDeque<Delivery>,
    /// The size of all payloads.
    bytes: usize,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Adds a message. Returns the messages dropped for lack of room. A message larger than the byte limit
    /// is accepted if the queue is empty.
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

#[cfg(test)]
mod tests {
    use up_rust::{UMessageBuilder, UPayloadFormat};

    use super::*;
    use crate::delivery::mailbox::{Token, Tokens};
    use crate::testing::uri;

    const LIMITS: QueueLimits =
        QueueLimits { messages: 4, bytes: 100, overflow: Overflow::DropNewest };
    const LATEST: QueueLimits = QueueLimits { overflow: Overflow::DropOldest, ..LIMITS };
    const NONE: [usize; 0] = [];

    /// A message with a payload of the given size.
    fn sized(token: &Token, size: usize) -> Delivery {
        let message = UMessageBuilder::publish(uri("//ecu/1234/1/8001"))
            .build_with_payload(vec![0; size], UPayloadFormat::UPAYLOAD_FORMAT_RAW);
        Delivery::new(message.unwrap(), Tokens::new(token.clone()), None)
    }

    fn sizes(deliveries: &[Delivery]) -> Vec<usize> {
        deliveries.iter().map(Delivery::size).collect()
    }

    impl Queue {
        /// Returns the sizes of the dropped messages.
        fn push_sized(&mut self, size: usize, limits: QueueLimits) -> Vec<usize> {
            sizes(&self.push(sized(&Token::default(), size), limits))
        }

        fn pop_all(&mut self) -> Vec<usize> {
            std::iter::from_fn(|| self.pop()).map(|delivery| delivery.size()).collect()
        }
    }

    #[test]
    fn count_limit_drops_newest() {
        let mut queue = Queue::default();
        let dropped: Vec<_> = (1..7).map(|size| queue.push_sized(size, LIMITS)).collect();
        assert_eq!(dropped.concat(), [5, 6]);
        assert_eq!((queue.len(), queue.pop_all()), (4, vec![1, 2, 3, 4]));
    }

    #[test]
    fn count_limit_drops_oldest_by_policy() {
        let mut queue = Queue::default();
        let dropped: Vec<_> = (1..7).map(|size| queue.push_sized(size, LATEST)).collect();
        assert_eq!(dropped.concat(), [1, 2]);
        assert_eq!((queue.len(), queue.pop_all()), (4, vec![3, 4, 5, 6]));
    }

    #[test]
    fn byte_limit_drops_newest() {
        let mut queue = Queue::default();
        assert_eq!(queue.push_sized(60, LIMITS), NONE);
        assert_eq!(queue.push_sized(41, LIMITS), [41]);
        // A smaller one has room.
        assert_eq!(queue.push_sized(40, LIMITS), NONE);
        assert_eq!(queue.push_sized(1, LIMITS), [1]);
        assert_eq!(queue.push_sized(0, LIMITS), NONE);
        assert_eq!(queue.pop_all(), [60, 40, 0]);
    }

    #[test]
    fn byte_limit_drops_several_oldest() {
        let mut queue = Queue::default();
        for size in [30, 31, 32] {
            assert_eq!(queue.push_sized(size, LATEST), NONE);
        }
        assert_eq!(queue.push_sized(8, LATEST), [30]);
        assert_eq!(queue.push_sized(61, LATEST), [31, 32]);
        assert_eq!(queue.pop_all(), [8, 61]);
    }

    #[test]
    fn oversized_message_must_be_alone() {
        let mut queue = Queue::default();
        assert_eq!(queue.push_sized(101, LIMITS), NONE);
        assert_eq!(queue.push_sized(1, LIMITS), [1]);
        assert_eq!(queue.push_sized(0, LIMITS), [0]);
        assert_eq!(queue.pop_all(), [101]);
        assert_eq!(queue.push_sized(1, LIMITS), NONE);
        assert_eq!(queue.push_sized(101, LIMITS), [101]);
        // With `DropOldest`, it replaces all others.
        assert_eq!(queue.push_sized(usize::from(u8::MAX), LATEST), [1]);
        assert_eq!(queue.push_sized(2, LATEST), [255]);
        assert_eq!(queue.pop_all(), [2]);
    }

    #[test]
    fn unwanted_messages_free_their_bytes() {
        let mut queue = Queue::default();
        let (ended, kept) = (Token::default(), Token::default());
        for (token, size) in [(&kept, 10), (&ended, 40), (&kept, 20), (&ended, 30)] {
            assert_eq!(sizes(&queue.push(sized(token, size), LIMITS)), NONE);
        }
        assert_eq!(sizes(&queue.take_unwanted()), NONE);
        assert_eq!(queue.push_sized(0, LIMITS), [0]);
        ended.cancel();
        assert_eq!(sizes(&queue.take_unwanted()), [40, 30]);
        assert_eq!(queue.push_sized(71, LIMITS), [71]);
        assert_eq!(queue.push_sized(70, LIMITS), NONE);
        assert_eq!(queue.pop_all(), [10, 20, 70]);
    }
}
