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

//! A bounded table whose entries have a deadline.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{sleep_until, Instant};

/// The table is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

pub(crate) struct Expiring<K, V> {
    entries: Mutex<Entries<K, V>>,
    /// Told when an entry comes in whose deadline is before all others.
    earlier: Notify,
    capacity: usize,
}

struct Entries<K, V> {
    by_key: HashMap<K, (Instant, V)>,
    by_deadline: BTreeSet<(Instant, K)>,
}

impl<K: Copy + Ord + Hash, V> Expiring<K, V> {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let entries = Entries { by_key: HashMap::new(), by_deadline: BTreeSet::new() };
        Self { entries: Mutex::new(entries), earlier: Notify::new(), capacity }
    }

    /// Adds the entry whose key `make_key` returns, while the table is locked: nobody sees a state
    /// in which `make_key` has run and the entry is not there. Returns an older value with the key.
    ///
    /// # Errors
    ///
    /// Fails with [`Full`], without calling `make_key`, or with what `make_key` returns.
    pub(crate) fn insert_with<E: From<Full>>(
        &self,
        deadline: Instant,
        value: V,
        make_key: impl FnOnce() -> Result<K, E>,
    ) -> Result<Option<V>, E> {
        let mut entries = self.entries.lock();
        if entries.by_key.len() >= self.capacity {
            return Err(Full.into());
        }
        let key = make_key()?;
        let replaced = entries.remove(&key);
        let is_first = entries.by_deadline.first().is_none_or(|(earliest, _)| deadline < *earliest);
        entries.by_deadline.insert((deadline, key));
        entries.by_key.insert(key, (deadline, value));
        drop(entries);
        if is_first {
            self.earlier.notify_one();
        }
        Ok(replaced)
    }

    pub(crate) fn remove(&self, key: &K) -> Option<V> {
        self.entries.lock().remove(key)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.entries.lock().by_key.len()
    }

    /// Waits for the next entry to expire and takes it out. For one task at a time.
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
    fn remove(&mut self, key: &K) -> Option<V> {
        let (deadline, value) = self.by_key.remove(key)?;
        self.by_deadline.remove(&(deadline, *key));
        Some(value)
    }

    /// The value of an expired entry, or else the time at which the next one expires.
    fn take_expired(&mut self, now: Instant) -> Result<V, Option<Instant>> {
        let (deadline, key) = *self.by_deadline.first().ok_or(None)?;
        if deadline > now {
            return Err(Some(deadline));
        }
        self.remove(&key).ok_or(Some(now))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn insert(table: &Expiring<u32, &'static str>, key: u32, value: &'static str, in_ms: u64) {
        let deadline = Instant::now() + Duration::from_millis(in_ms);
        table.insert_with(deadline, value, || Ok::<_, Full>(key)).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn entries_expire_in_the_order_of_their_deadlines() {
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
    async fn an_entry_that_is_due_earlier_wakes_the_one_who_waits() {
        let table = std::sync::Arc::new(Expiring::with_capacity(10));
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

    #[test]
    fn a_full_table_makes_no_key() {
        let table = Expiring::with_capacity(1);
        insert(&table, 1, "only", 100);
        let result = table.insert_with(Instant::now(), "more", || -> Result<u32, Full> {
            panic!("must not be called")
        });
        assert_eq!(result, Err(Full));
    }

    #[test]
    fn a_key_that_comes_again_replaces_the_entry() {
        let table = Expiring::with_capacity(10);
        insert(&table, 1, "old", 100);
        let deadline = Instant::now();
        assert_eq!(table.insert_with(deadline, "new", || Ok::<_, Full>(1)), Ok(Some("old")));
        assert_eq!(table.len(), 1);
        assert_eq!(table.remove(&1), Some("new"));
    }
}
