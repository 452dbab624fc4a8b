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

//! A bounded table whose entries have a deadline. Generic.
//!
//! tokio-util's `DelayQueue` is no alternative: `insert` needs the context of a runtime, which the callers
//! of `send` may not have, and it unlinks each removed entry, which this table avoids.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::BinaryHeap;
use std::hash::Hash;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::sync::Notify;
use tokio::time::{sleep_until, Instant};

/// Why an entry cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Full,
    /// The transport has ended.
    Closed,
}

pub(crate) struct Expiring<K, V> {
    entries: Mutex<Entries<K, V>>,
    /// Wakes the waiting task when an entry expires before the next planned wakeup.
    earlier: Notify,
    capacity: usize,
}

struct Entries<K, V> {
    by_key: FxHashMap<K, (Instant, V)>,
    /// Includes removed entries. Nearly all are removed long before their deadline, so occasional cleanup
    /// costs less than removing each one.
    by_deadline: BinaryHeap<Reverse<(Instant, K)>>,
    /// The next planned wakeup of the waiting task; `None` if it waits for a notification only.
    next_wakeup: Option<Instant>,
    is_closed: bool,
}

/// The number of removed entries that are always tolerated.
const SLACK: usize = 64;

impl<K: Copy + Ord + Hash, V> Expiring<K, V> {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let entries = Entries {
            by_key: FxHashMap::default(),
            by_deadline: BinaryHeap::new(),
            next_wakeup: None,
            is_closed: false,
        };
        Self { entries: Mutex::new(entries), earlier: Notify::new(), capacity }
    }

    /// Adds an entry. Returns the value that it replaces.
    ///
    /// # Errors
    ///
    /// Fails if the table is full or closed.
    pub(crate) fn insert(&self, deadline: Instant, key: K, value: V) -> Result<Option<V>, Refusal> {
        let mut entries = self.entries.lock();
        entries.ensure_room(self.capacity)?;
        let replaced = entries.by_key.insert(key, (deadline, value));
        entries.by_deadline.push(Reverse((deadline, key)));
        entries.clean_up();
        let is_earlier = entries.next_wakeup.is_none_or(|next_wakeup| deadline < next_wakeup);
        if is_earlier {
            entries.next_wakeup = Some(deadline);
        }
        drop(entries);
        if is_earlier {
            self.earlier.notify_one();
        }
        Ok(replaced.map(|(_, value)| value))
    }

    /// # Errors
    ///
    /// Fails if the table is full or closed.
    pub(crate) fn ensure_room(&self) -> Result<(), Refusal> {
        self.entries.lock().ensure_room(self.capacity)
    }

    pub(crate) fn get(&self, key: &K) -> Option<V>
    where
        V: Clone,
    {
        self.entries.lock().by_key.get(key).map(|(_, value)| value.clone())
    }

    pub(crate) fn contains(&self, key: &K) -> bool {
        self.has_match(key, |_| true)
    }

    pub(crate) fn remove(&self, key: &K) -> Option<V> {
        self.remove_if(key, |_| true)
    }

    /// Removes an entry if its value matches.
    pub(crate) fn remove_if(&self, key: &K, matches: impl FnOnce(&V) -> bool) -> Option<V> {
        match self.entries.lock().by_key.entry(*key) {
            Entry::Occupied(entry) if matches(&entry.get().1) => Some(entry.remove().1),
            _ => None,
        }
    }

    /// Whether there is an entry whose value matches.
    pub(crate) fn has_match(&self, key: &K, matches: impl FnOnce(&V) -> bool) -> bool {
        self.entries.lock().by_key.get(key).is_some_and(|(_, value)| matches(value))
    }

    /// Removes and returns all values. No entry can be added any more.
    pub(crate) fn close(&self) -> Vec<V> {
        let mut entries = self.entries.lock();
        entries.is_closed = true;
        entries.by_deadline.clear();
        entries.by_key.drain().map(|(_, (_, value))| value).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.lock().by_key.len()
    }

    /// Waits for the next entry to expire, and removes it. For a single task.
    pub(crate) async fn next_expired(&self) -> V {
        loop {
            let earliest = match self.entries.lock().take_expired(Instant::now()) {
                Ok(value) => return value,
                Err(earliest) => earliest,
            };
            let earlier = self.earlier.notified();
            match earliest {
                None => earlier.await,
                Some(deadline) => tokio::select! {
                    () = sleep_until(deadline) => {}
                    () = earlier => {}
                },
            }
        }
    }
}

impl<K: Copy + Ord + Hash, V> Entries<K, V> {
    fn ensure_room(&self, capacity: usize) -> Result<(), Refusal> {
        match self.is_closed {
            true => Err(Refusal::Closed),
            false if self.by_key.len() >= capacity => Err(Refusal::Full),
            false => Ok(()),
        }
    }

    /// Drops the deadlines of removed entries once they are the majority.
    fn clean_up(&mut self) {
        if self.by_deadline.len() > 2 * self.by_key.len() + SLACK {
            let Self { by_key, by_deadline, .. } = self;
            by_deadline.retain(|Reverse(expiry)| is_current(by_key, expiry));
        }
    }

    /// Removes an expired entry, or returns the time of the next wakeup.
    fn take_expired(&mut self, now: Instant) -> Result<V, Option<Instant>> {
        while let Some(&Reverse((deadline, key))) = self.by_deadline.peek() {
            // Even if the entry was removed: later entries then need not wake the task.
            if deadline > now {
                self.next_wakeup = Some(deadline);
                return Err(Some(deadline));
            }
            self.by_deadline.pop();
            match self.by_key.entry(key) {
                Entry::Occupied(entry) if entry.get().0 == deadline => return Ok(entry.remove().1),
                _ => {}
            }
        }
        self.next_wakeup = None;
        Err(None)
    }
}

/// Whether there is still an entry with this deadline and key.
fn is_current<K: Eq + Hash, V>(
    by_key: &FxHashMap<K, (Instant, V)>,
    (deadline, key): &(Instant, K),
) -> bool {
    by_key.get(key).is_some_and(|(current, _)| current == deadline)
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::Arc;
    use std::task::{Context, Wake, Waker};
    use std::time::Duration;

    use super::*;

    fn insert(table: &Expiring<u32, &'static str>, key: u32, value: &'static str, in_ms: u64) {
        let deadline = Instant::now() + Duration::from_millis(in_ms);
        table.insert(deadline, key, value).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn entries_expire_in_deadline_order() {
        let table = Expiring::with_capacity(10);
        insert(&table, 1, "late", 300);
        insert(&table, 2, "early", 100);
        insert(&table, 3, "removed", 50);
        assert_eq!(table.remove(&3), Some("removed"));
        let start = Instant::now();
        assert_eq!(table.next_expired().await, "early");
        assert_eq!(start.elapsed().as_millis(), 100);
        assert_eq!(table.next_expired().await, "late");
        assert_eq!(table.len(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn earlier_entry_wakes_waiting_task() {
        let table = Arc::new(Expiring::with_capacity(10));
        insert(&table, 1, "late", 60_000);
        let waiting = tokio::spawn({
            let table = table.clone();
            async move { table.next_expired().await }
        });
        tokio::task::yield_now().await;
        insert(&table, 2, "early", 5);
        let start = Instant::now();
        assert_eq!(waiting.await.unwrap(), "early");
        assert_eq!(start.elapsed().as_millis(), 5);
    }

    /// Counts wakeups.
    #[derive(Default)]
    struct Wakes(AtomicU32);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn later_entry_does_not_wake_task() {
        let table = Expiring::with_capacity(10);
        let wakes = Arc::new(Wakes::default());
        let waker = Waker::from(wakes.clone());
        let mut context = Context::from_waker(&waker);
        let mut waiting = pin!(table.next_expired());
        assert!(waiting.as_mut().poll(&mut context).is_pending());
        for key in 0..10 {
            insert(&table, key, "answered at once", 100 + u64::from(key));
            table.remove(&key);
            assert!(waiting.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
        insert(&table, 10, "early", 50);
        assert_eq!(wakes.0.load(Ordering::Relaxed), 2);
        assert_eq!(waiting.await, "early");
    }

    #[test]
    fn removed_entries_take_no_space() {
        let table = Expiring::with_capacity(10);
        insert(&table, 0, "stays", 50);
        for key in 1..10_000 {
            insert(&table, key, "answered at once", 100);
            table.remove(&key);
        }
        assert!(table.entries.lock().by_deadline.len() <= 2 + SLACK);
        assert_eq!(table.len(), 1);
    }

    #[test]
    fn full_table_rejects_entries() {
        let table = Expiring::with_capacity(1);
        insert(&table, 1, "only", 100);
        let result = table.insert(Instant::now(), 2, "more");
        assert_eq!(result, Err(Refusal::Full));
    }

    #[test]
    fn repeated_key_replaces_entry() {
        let table = Expiring::with_capacity(10);
        insert(&table, 1, "old", 100);
        let deadline = Instant::now();
        assert_eq!(table.insert(deadline, 1, "new"), Ok(Some("old")));
        assert_eq!(table.len(), 1);
        assert_eq!(table.remove(&1), Some("new"));
    }

    #[test]
    fn only_matching_entry_is_removed() {
        let table = Expiring::with_capacity(10);
        insert(&table, 1, "one", 100);
        assert_eq!(table.remove_if(&1, |value| *value == "other"), None);
        assert_eq!(table.remove_if(&1, |value| *value == "one"), Some("one"));
        assert_eq!(table.remove_if(&1, |_| true), None);
    }

    #[test]
    fn closed_table_is_empty_and_rejects_entries() {
        let table = Expiring::with_capacity(10);
        insert(&table, 1, "one", 100);
        assert_eq!(table.close(), ["one"]);
        let result = table.insert(Instant::now(), 2, "more");
        assert_eq!((result, table.len()), (Err(Refusal::Closed), 0));
    }
}
