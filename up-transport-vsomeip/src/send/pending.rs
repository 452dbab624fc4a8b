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

//! Queues messages to services that are not available yet, one queue per service.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::sync::Notify;
use tokio::time::{timeout_at, Instant};

use crate::mapping::uri::ServiceInstance;
use crate::network::state::Monitor;

/// Something to be sent before a deadline.
pub(crate) trait Delayed {
    fn deadline(&self) -> Instant;
    /// The size of its payload, in bytes.
    fn size(&self) -> usize;
    /// Whether its service has been available before.
    fn is_for_known_service(&self) -> bool;
    /// Whether it can be sent once its service is available.
    fn is_ready(&self) -> bool;
}

/// One queue per service that is not available yet. While it exists, all messages to the service go
/// through it, so their order is preserved.
pub(crate) struct Pending<T> {
    queues: Mutex<Queues<T>>,
    monitor: Arc<Monitor>,
    shares: Shares,
}

struct Queues<T> {
    by_service: FxHashMap<ServiceInstance, Queue<T>>,
    count: usize,
    /// The number of these for services that have never been available.
    unknown: usize,
    bytes: usize,
    is_closed: bool,
}

struct Queue<T> {
    waiting: VecDeque<T>,
    appended: Arc<Notify>,
    /// Whether the service has been available before.
    is_known: bool,
}

/// The maximum numbers of waiting items.
struct Shares {
    all: usize,
    /// For a single service.
    one: usize,
    /// For all services that have never been available.
    unknown: usize,
}

/// The smallest share of a single service.
const LEAST_SHARE: usize = 64;
/// The maximum size of all waiting payloads, in bytes.
const MAX_BYTES: usize = 64 * 1024 * 1024;

impl Shares {
    fn of(capacity: usize) -> Self {
        let share = |part: usize| part.max(LEAST_SHARE).min(capacity);
        let (one, unknown) = (share(capacity / 2), share(capacity - capacity / 4));
        Self { all: capacity, one, unknown }
    }
}

/// The outcome of [`Pending::admit`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admission<T> {
    /// The service is available, and nothing else waits for it: to be sent now.
    SendNow(T),
    /// The item was added to a queue that is being served.
    Waits,
    /// The item is the first of a new queue, which the caller must serve.
    WaitsFirst,
    /// Too much is waiting, for this service or in all.
    Full(T),
    /// The transport has ended.
    Closed(T),
}

impl<T: Delayed> Queues<T> {
    fn has_room_for(&self, service: ServiceInstance, item: &T, shares: &Shares) -> bool {
        let queue = self.by_service.get(&service);
        let is_known = queue.map_or(item.is_for_known_service(), |queue| queue.is_known);
        self.count < shares.all
            && queue.map_or(0, |queue| queue.waiting.len()) < shares.one
            && (is_known || self.unknown < shares.unknown)
            && self.bytes.saturating_add(item.size()) <= MAX_BYTES
    }

    fn added(&mut self, size: usize, is_known: bool) {
        self.count += 1;
        self.unknown += usize::from(!is_known);
        self.bytes += size;
    }

    fn removed(&mut self, size: usize, is_known: bool) {
        self.count -= 1;
        self.unknown -= usize::from(!is_known);
        self.bytes -= size;
    }
}

impl<T: Delayed> Pending<T> {
    pub(crate) fn new(monitor: Arc<Monitor>, capacity: usize) -> Self {
        let queues = Queues {
            by_service: FxHashMap::default(),
            count: 0,
            unknown: 0,
            bytes: 0,
            is_closed: false,
        };
        Self { queues: Mutex::new(queues), monitor, shares: Shares::of(capacity) }
    }

    pub(crate) fn admit(&self, service: ServiceInstance, item: T) -> Admission<T> {
        let mut queues = self.queues.lock();
        if queues.is_closed {
            return Admission::Closed(item);
        }
        let is_first = !queues.by_service.contains_key(&service);
        if is_first && item.is_ready() && self.monitor.is_available(service) {
            return Admission::SendNow(item);
        }
        if !queues.has_room_for(service, &item, &self.shares) {
            return Admission::Full(item);
        }
        let (size, is_known) = (item.size(), item.is_for_known_service());
        if let Some(queue) = queues.by_service.get_mut(&service) {
            queue.waiting.push_back(item);
            queue.appended.notify_one();
            let is_known = queue.is_known;
            queues.added(size, is_known);
            return Admission::Waits;
        }
        let waiting = VecDeque::from([item]);
        let queue = Queue { waiting, appended: Arc::default(), is_known };
        queues.by_service.insert(service, queue);
        queues.added(size, is_known);
        Admission::WaitsFirst
    }

    /// The number of waiting items.
    pub(crate) fn len(&self) -> usize {
        self.queues.lock().count
    }

    /// Removes and returns all waiting items, and admits no more.
    pub(crate) fn close(&self) -> Vec<T> {
        let mut queues = self.queues.lock();
        queues.is_closed = true;
        (queues.count, queues.unknown, queues.bytes) = (0, 0, 0);
        queues.by_service.drain().flat_map(|(_, queue)| queue.waiting).collect()
    }

    /// Serves the queue of a service until it is empty. Passes its items to `send` once the service is
    /// available and the future of `ready` is done, and expired items to `give_up`. `ready` gets the
    /// earliest deadline.
    pub(crate) async fn serve<R: Future<Output = ()>>(
        &self,
        service: ServiceInstance,
        ready: impl Fn(Instant) -> R,
        send: impl Fn(T),
        give_up: impl Fn(T),
    ) {
        while let Some((deadline, appended)) = self.earliest_deadline(service) {
            let sendable = async {
                self.monitor.wait_for(service).await;
                ready(deadline).await;
            };
            tokio::select! {
                result = timeout_at(deadline, sendable) => match result {
                    Ok(()) => self.flush(service, &send, &give_up),
                    Err(_) => self.take_expired(service).into_iter().for_each(&give_up),
                },
                // The new item may expire before all others.
                () = appended.notified() => {}
            }
        }
    }

    /// Passes on the waiting items while the service is available.
    fn flush(&self, service: ServiceInstance, send: impl Fn(T), give_up: impl Fn(T)) {
        while self.monitor.is_available(service) {
            let Some(item) = self.take_first(service) else { return };
            if item.deadline() > Instant::now() {
                send(item);
            } else {
                give_up(item);
            }
        }
    }

    /// The earliest deadline in a queue. Removes the queue if it is empty.
    fn earliest_deadline(&self, service: ServiceInstance) -> Option<(Instant, Arc<Notify>)> {
        let mut queues = self.queues.lock();
        let queue = queues.by_service.get(&service)?;
        let Some(deadline) = queue.waiting.iter().map(Delayed::deadline).min() else {
            queues.by_service.remove(&service);
            return None;
        };
        Some((deadline, queue.appended.clone()))
    }

    fn take_first(&self, service: ServiceInstance) -> Option<T> {
        let mut queues = self.queues.lock();
        let queue = queues.by_service.get_mut(&service)?;
        let (first, is_known) = (queue.waiting.pop_front()?, queue.is_known);
        queues.removed(first.size(), is_known);
        Some(first)
    }

    fn take_expired(&self, service: ServiceInstance) -> VecDeque<T> {
        let mut queues = self.queues.lock();
        let Some(queue) = queues.by_service.get_mut(&service) else { return VecDeque::new() };
        let now = Instant::now();
        let all = std::mem::take(&mut queue.waiting).into_iter();
        let (expired, waiting): (VecDeque<T>, VecDeque<T>) =
            all.partition(|item| item.deadline() <= now);
        queue.waiting = waiting;
        let is_known = queue.is_known;
        expired.iter().for_each(|item| queues.removed(item.size(), is_known));
        expired
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::mpsc::unbounded_channel;
    use vsomeip_sys::{InstanceId, MajorVersion, ServiceId};

    use super::*;

    const SERVICE: ServiceInstance =
        ServiceInstance { service: ServiceId(0x1234), instance: InstanceId(1) };

    #[derive(Debug, PartialEq, Eq)]
    struct Item(u32, Instant);

    impl Delayed for Item {
        fn deadline(&self) -> Instant {
            self.1
        }

        fn size(&self) -> usize {
            usize::try_from(self.0).unwrap()
        }

        fn is_for_known_service(&self) -> bool {
            self.0.is_multiple_of(2)
        }

        fn is_ready(&self) -> bool {
            true
        }
    }

    async fn ready(_: Instant) {}

    fn item(number: u32, milliseconds: u64) -> Item {
        Item(number, Instant::now() + Duration::from_millis(milliseconds))
    }

    fn pending(capacity: usize) -> (Arc<Monitor>, Arc<Pending<Item>>) {
        let monitor = Arc::new(Monitor::default());
        (monitor.clone(), Arc::new(Pending::new(monitor, capacity)))
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_requests_are_sent_in_order() {
        let (monitor, pending) = pending(100);
        assert_eq!(pending.admit(SERVICE, item(0, 100)), Admission::WaitsFirst);
        for number in 1..10 {
            assert_eq!(pending.admit(SERVICE, item(number, 100)), Admission::Waits);
        }
        monitor.set_available(SERVICE, Some(MajorVersion(1)), || true);
        assert_eq!(pending.admit(SERVICE, item(10, 100)), Admission::Waits);
        let (sender, mut sent) = unbounded_channel();
        let send = |Item(number, _)| sender.send(number).unwrap();
        pending.serve(SERVICE, ready, send, |item| panic!("gave up {item:?}")).await;
        for number in 0..=10 {
            assert_eq!(sent.recv().await, Some(number));
        }
        assert!(matches!(pending.admit(SERVICE, item(11, 100)), Admission::SendNow(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn each_request_has_its_own_deadline() {
        let (monitor, pending) = pending(100);
        pending.admit(SERVICE, item(0, 300));
        let (sender, mut ended) = unbounded_channel();
        let serving = tokio::spawn({
            let pending = pending.clone();
            async move {
                let given_up = sender.clone();
                let send = |Item(number, _)| sender.send(("sent", number)).unwrap();
                let give_up = |Item(number, _)| given_up.send(("given up", number)).unwrap();
                pending.serve(SERVICE, ready, send, give_up).await;
            }
        });
        tokio::task::yield_now().await;
        let start = Instant::now();
        pending.admit(SERVICE, item(1, 10));
        assert_eq!(ended.recv().await, Some(("given up", 1)));
        assert_eq!(start.elapsed().as_millis(), 10);
        monitor.set_available(SERVICE, Some(MajorVersion(1)), || true);
        assert_eq!(ended.recv().await, Some(("sent", 0)));
        serving.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn close_returns_waiting_items() {
        let (monitor, pending) = pending(100);
        pending.admit(SERVICE, item(0, 100));
        pending.admit(SERVICE, item(1, 100));
        let given_up: Vec<_> = pending.close().into_iter().map(|Item(number, _)| number).collect();
        assert_eq!((given_up, pending.len()), (vec![0, 1], 0));
        monitor.end();
        let ended = |item| panic!("served {item:?}");
        pending.serve(SERVICE, ready, ended, ended).await;
        assert!(matches!(pending.admit(SERVICE, item(2, 100)), Admission::Closed(Item(2, _))));
    }

    #[test]
    fn waiting_requests_are_bounded() {
        let (_, pending) = pending(1);
        assert_eq!(pending.admit(SERVICE, item(0, 100)), Admission::WaitsFirst);
        assert!(matches!(pending.admit(SERVICE, item(2, 100)), Admission::Full(Item(2, _))));
    }

    fn other(number: u16) -> ServiceInstance {
        ServiceInstance { instance: InstanceId(number), ..SERVICE }
    }

    fn is_admitted(pending: &Pending<Item>, service: ServiceInstance, number: u32) -> bool {
        !matches!(pending.admit(service, item(number, 100)), Admission::Full(_))
    }

    #[test]
    fn one_service_gets_half_of_the_room() {
        let (_, pending) = pending(1_000);
        assert!((0..500).all(|_| is_admitted(&pending, SERVICE, 2)));
        assert!(!is_admitted(&pending, SERVICE, 2));
        assert!(is_admitted(&pending, other(2), 2));
    }

    #[test]
    fn small_capacity_has_least_shares() {
        let least = u32::try_from(LEAST_SHARE).unwrap();
        let (_, small) = pending(LEAST_SHARE + 1);
        assert!((0..least).all(|_| is_admitted(&small, SERVICE, 1)));
        assert!(!is_admitted(&small, SERVICE, 1));
        assert!(!is_admitted(&small, other(2), 1), "it is unknown");
        assert!(is_admitted(&small, other(2), 2));
        assert!(!is_admitted(&small, other(3), 2));
    }

    #[test]
    fn removal_makes_room() {
        let (_, pending) = pending(1_000);
        assert!((0..500).all(|_| is_admitted(&pending, SERVICE, 1)));
        assert!((0..250).all(|_| is_admitted(&pending, other(2), 1)));
        assert!(!is_admitted(&pending, other(3), 1));
        assert!(pending.take_first(other(2)).is_some());
        assert!(is_admitted(&pending, other(3), 1));
        assert!(!is_admitted(&pending, other(3), 1));
        // A queue of an unknown service remains one, whatever is added.
        assert!(!is_admitted(&pending, other(3), 2));
        assert!(is_admitted(&pending, other(4), 2));
        assert_eq!(pending.len(), 751);
    }

    #[test]
    fn unknown_services_leave_room_for_known_ones() {
        let (_, pending) = pending(1_000);
        // Odd numbers are for services that were never available.
        for service in 2..=4 {
            assert!((0..250).all(|_| is_admitted(&pending, other(service), 1)), "{service}");
        }
        assert!(!is_admitted(&pending, other(5), 1));
        assert!((0..250).all(|_| is_admitted(&pending, other(6), 2)));
        assert!(!is_admitted(&pending, other(7), 2));
        assert_eq!(pending.len(), 1_000);
    }

    #[test]
    fn waiting_requests_are_bounded_by_bytes() {
        let (_, pending) = pending(1_000);
        let half = u32::try_from(MAX_BYTES / 2).unwrap();
        assert!(is_admitted(&pending, SERVICE, half));
        assert!(is_admitted(&pending, other(2), half));
        assert!(!is_admitted(&pending, other(3), 1));
        assert_eq!(pending.take_expired(SERVICE), []);
        assert!(pending.take_first(SERVICE).is_some());
        assert!(is_admitted(&pending, other(3), 1));
    }
}
