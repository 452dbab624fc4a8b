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

//! The pool of functions that vsomeip calls with received messages, and the slots behind them.
//!
//! vsomeip still calls a handler for messages that were queued before it was unregistered, even when
//! its slot has been leased again. Each lease has a generation, which vsomeip returns with every call;
//! calls with another generation are dropped.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use vsomeip_sys::callback::{guard, MessageHandlerFn};
use vsomeip_sys::Message;

include!(concat!(env!("OUT_DIR"), "/handler_pool.rs"));

/// Receives the messages of a slot on vsomeip's dispatcher thread, which it must not block.
pub(crate) trait MessageSink: Send + Sync {
    fn receive(&self, message: &Message);
}

struct Slot {
    generation: u64,
    sink: Option<Arc<dyn MessageSink>>,
}

static SLOTS: [RwLock<Slot>; HANDLERS.len()] =
    [const { RwLock::new(Slot { generation: 0, sink: None }) }; HANDLERS.len()];

static FREE: Mutex<FreeSlots> = Mutex::new(FreeSlots { returned: Vec::new(), next_unused: 0 });

static LATE_CALLS: AtomicU64 = AtomicU64::new(0);

struct FreeSlots {
    returned: Vec<usize>,
    next_unused: usize,
}

impl FreeSlots {
    fn take(&mut self) -> Option<usize> {
        if let Some(slot) = self.returned.pop() {
            return Some(slot);
        }
        let slot = self.next_unused;
        (slot < SLOTS.len()).then(|| {
            self.next_unused += 1;
            slot
        })
    }
}

/// The function that all handlers of the pool share.
extern "C" fn on_message(slot: usize, generation: u64, message: &Message) {
    guard("message", (), || {
        let sink = {
            let slot = SLOTS[slot].read();
            slot.sink.clone().filter(|_| slot.generation == generation)
        };
        match sink {
            Some(sink) => sink.receive(message),
            None => {
                LATE_CALLS.fetch_add(1, Ordering::Relaxed);
                log::trace!(slot; "dropped a late call");
            }
        }
    });
}

/// How many calls of this process were dropped because their lease had ended.
pub(crate) fn late_calls() -> u64 {
    LATE_CALLS.load(Ordering::Relaxed)
}

/// A slot of the pool, for as long as this lives.
pub(crate) struct SlotLease {
    slot: usize,
    generation: u64,
}

impl SlotLease {
    /// Takes a free slot, whose messages go to `sink`; `None` if there is none.
    // [impl->dsn~someip-handler-pool~1]
    pub(crate) fn take(sink: Arc<dyn MessageSink>) -> Option<Self> {
        let slot = FREE.lock().take()?;
        let mut state = SLOTS[slot].write();
        state.sink = Some(sink);
        Some(Self { slot, generation: state.generation })
    }

    /// The function to register with vsomeip.
    pub(crate) fn handler(&self) -> MessageHandlerFn {
        MessageHandlerFn(HANDLERS[self.slot])
    }

    /// The generation to register it with.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }
}

impl Drop for SlotLease {
    fn drop(&mut self) {
        let sink = {
            let mut state = SLOTS[self.slot].write();
            state.generation += 1;
            state.sink.take()
        };
        FREE.lock().returned.push(self.slot);
        // Not under a lock: it may be the last owner of something larger.
        drop(sink);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::testing::POOL;

    #[derive(Default)]
    struct Counting(AtomicU64);

    impl MessageSink for Counting {
        fn receive(&self, _: &Message) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Counting {
        fn count(&self) -> u64 {
            self.0.load(Ordering::Relaxed)
        }
    }

    fn call(lease: &SlotLease, generation: u64) {
        (lease.handler().0)(generation, &Message::default());
    }

    // [utest->dsn~someip-handler-pool~1]
    #[test]
    fn message_reaches_sink_of_its_slot() {
        let _pool = POOL.write();
        let (one, other) = (Arc::new(Counting::default()), Arc::new(Counting::default()));
        let one_lease = SlotLease::take(one.clone()).unwrap();
        let other_lease = SlotLease::take(other.clone()).unwrap();
        call(&one_lease, one_lease.generation());
        call(&other_lease, other_lease.generation());
        call(&other_lease, other_lease.generation());
        assert_eq!((one.count(), other.count()), (1, 2));
    }

    // [utest->dsn~someip-handler-pool~1]
    #[test]
    fn late_call_misses_next_owner_of_slot() {
        let _pool = POOL.write();
        let before = SlotLease::take(Arc::new(Counting::default())).unwrap();
        let (slot, generation) = (before.slot, before.generation());
        drop(before);
        let sink = Arc::new(Counting::default());
        let next = SlotLease::take(sink.clone()).unwrap();
        assert_eq!(next.slot, slot);
        let late_before = late_calls();
        call(&next, generation);
        assert_eq!((sink.count(), late_calls()), (0, late_before + 1));
        call(&next, next.generation());
        assert_eq!(sink.count(), 1);
    }

    // [utest->dsn~someip-handler-pool~1]
    #[test]
    fn pool_leases_each_slot_once() {
        let _pool = POOL.write();
        let sink: Arc<dyn MessageSink> = Arc::new(Counting::default());
        for _ in 0..2 {
            let leases: Vec<_> = std::iter::from_fn(|| SlotLease::take(sink.clone())).collect();
            let slots: HashSet<_> = leases.iter().map(|lease| lease.slot).collect();
            assert_eq!((leases.len(), slots.len()), (HANDLERS.len(), HANDLERS.len()));
        }
        assert_eq!(Arc::strong_count(&sink), 1);
    }

    // [utest->dsn~someip-handler-pool~1]
    #[test]
    fn panicking_sink_does_not_unwind() {
        struct Panicking;
        impl MessageSink for Panicking {
            fn receive(&self, _: &Message) {
                panic!("on purpose");
            }
        }
        let _pool = POOL.write();
        let lease = SlotLease::take(Arc::new(Panicking)).unwrap();
        let before = vsomeip_sys::callback::panics();
        call(&lease, lease.generation());
        assert!(vsomeip_sys::callback::panics() > before);
    }
}
