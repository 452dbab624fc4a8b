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

//! What is sent to services that are not available yet: it waits for them, in order.

use std::collections::VecDeque;
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
}

/// One queue for each service that is waited for. As long as it exists, everything for the service
/// goes through it, so nothing overtakes.
pub(crate) struct Backlog<T> {
    queues: Mutex<FxHashMap<ServiceInstance, Queue<T>>>,
    monitor: Arc<Monitor>,
    capacity: usize,
}

struct Queue<T> {
    waiting: VecDeque<T>,
    appended: Arc<Notify>,
}

/// What became of something that was to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admission<T> {
    /// The service is available, and nothing waits for it: send it.
    SendNow(T),
    /// It waits, and somebody serves the queue.
    Waits,
    /// It waits, and the caller must see to it that the queue is served.
    WaitsFirst,
    /// Too much is waiting.
    Full(T),
}

impl<T: Delayed> Backlog<T> {
    pub(crate) fn new(monitor: Arc<Monitor>, capacity: usize) -> Self {
        Self { queues: Mutex::default(), monitor, capacity }
    }

    pub(crate) fn admit(&self, service: ServiceInstance, item: T) -> Admission<T> {
        let mut queues = self.queues.lock();
        if !queues.contains_key(&service) && self.monitor.is_available(service) {
            return Admission::SendNow(item);
        }
        if count(&queues) >= self.capacity {
            return Admission::Full(item);
        }
        if let Some(queue) = queues.get_mut(&service) {
            queue.waiting.push_back(item);
            queue.appended.notify_one();
            return Admission::Waits;
        }
        let queue = Queue { waiting: VecDeque::from([item]), appended: Arc::default() };
        queues.insert(service, queue);
        Admission::WaitsFirst
    }

    /// How many wait for any service.
    pub(crate) fn len(&self) -> usize {
        count(&self.queues.lock())
    }

    /// Serves the queue of a service until it is empty: passes what waits in it to `send` when the
    /// service is available, and what waits for too long to `give_up`.
    pub(crate) async fn serve(
        &self,
        service: ServiceInstance,
        send: impl Fn(T),
        give_up: impl Fn(T),
    ) {
        while let Some((deadline, appended)) = self.earliest_deadline(service) {
            let available = self.monitor.wait_for(service);
            tokio::select! {
                result = timeout_at(deadline, available) => match result {
                    Ok(()) => self.flush(service, &send, &give_up),
                    Err(_) => self.take_expired(service).into_iter().for_each(&give_up),
                },
                // It may have to be given up before all others.
                () = appended.notified() => {}
            }
        }
    }

    /// Passes on what waits, as long as the service is available or nothing is waited for any more.
    fn flush(&self, service: ServiceInstance, send: impl Fn(T), give_up: impl Fn(T)) {
        loop {
            let is_available = self.monitor.is_available(service);
            if !is_available && !self.monitor.is_over() {
                return;
            }
            let Some(item) = self.take_first(service) else { return };
            if is_available && item.deadline() > Instant::now() {
                send(item);
            } else {
                give_up(item);
            }
        }
    }

    /// Removes the queue if it is empty.
    fn earliest_deadline(&self, service: ServiceInstance) -> Option<(Instant, Arc<Notify>)> {
        let mut queues = self.queues.lock();
        let queue = queues.get(&service)?;
        let earliest = queue.waiting.iter().map(Delayed::deadline).min();
        if earliest.is_none() {
            queues.remove(&service);
            return None;
        }
        earliest.map(|deadline| (deadline, queue.appended.clone()))
    }

    fn take_first(&self, service: ServiceInstance) -> Option<T> {
        self.queues.lock().get_mut(&service)?.waiting.pop_front()
    }

    fn take_expired(&self, service: ServiceInstance) -> Vec<T> {
        let mut queues = self.queues.lock();
        let Some(queue) = queues.get_mut(&service) else { return Vec::new() };
        let now = Instant::now();
        let all = std::mem::take(&mut queue.waiting);
        let (expired, waiting) = all.into_iter().partition(|item| item.deadline() <= now);
        queue.waiting = waiting;
        expired.into()
    }
}

fn count<T>(queues: &FxHashMap<ServiceInstance, Queue<T>>) -> usize {
    queues.values().map(|queue| queue.waiting.len()).sum()
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
    }

    fn item(number: u32, milliseconds: u64) -> Item {
        Item(number, Instant::now() + Duration::from_millis(milliseconds))
    }

    fn backlog(capacity: usize) -> (Arc<Monitor>, Arc<Backlog<Item>>) {
        let monitor = Arc::new(Monitor::default());
        (monitor.clone(), Arc::new(Backlog::new(monitor, capacity)))
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_is_sent_in_order_and_nothing_overtakes_it() {
        let (monitor, backlog) = backlog(100);
        assert_eq!(backlog.admit(SERVICE, item(0, 100)), Admission::WaitsFirst);
        for number in 1..10 {
            assert_eq!(backlog.admit(SERVICE, item(number, 100)), Admission::Waits);
        }
        monitor.set_available(SERVICE, Some(MajorVersion(1)));
        assert_eq!(backlog.admit(SERVICE, item(10, 100)), Admission::Waits);
        let (sender, mut sent) = unbounded_channel();
        let send = |Item(number, _)| sender.send(number).unwrap();
        backlog.serve(SERVICE, send, |item| panic!("gave up {item:?}")).await;
        for number in 0..=10 {
            assert_eq!(sent.recv().await, Some(number));
        }
        assert!(matches!(backlog.admit(SERVICE, item(11, 100)), Admission::SendNow(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn each_is_given_up_at_its_own_deadline() {
        let (monitor, backlog) = backlog(100);
        backlog.admit(SERVICE, item(0, 300));
        let (sender, mut ended) = unbounded_channel();
        let serving = tokio::spawn({
            let backlog = backlog.clone();
            async move {
                let given_up = sender.clone();
                let send = |Item(number, _)| sender.send(("sent", number)).unwrap();
                let give_up = |Item(number, _)| given_up.send(("given up", number)).unwrap();
                backlog.serve(SERVICE, send, give_up).await;
            }
        });
        tokio::task::yield_now().await;
        let start = Instant::now();
        backlog.admit(SERVICE, item(1, 10));
        assert_eq!(ended.recv().await, Some(("given up", 1)));
        assert_eq!(start.elapsed().as_millis(), 10);
        monitor.set_available(SERVICE, Some(MajorVersion(1)));
        assert_eq!(ended.recv().await, Some(("sent", 0)));
        serving.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn what_still_waits_at_the_end_is_given_up() {
        let (monitor, backlog) = backlog(100);
        backlog.admit(SERVICE, item(0, 100));
        backlog.admit(SERVICE, item(1, 100));
        monitor.end();
        let (sender, mut given_up) = unbounded_channel();
        let give_up = |Item(number, _)| sender.send(number).unwrap();
        backlog.serve(SERVICE, |item| panic!("sent {item:?}"), give_up).await;
        assert_eq!((given_up.recv().await, given_up.recv().await), (Some(0), Some(1)));
        assert_eq!(backlog.len(), 0);
    }

    #[test]
    fn only_so_much_waits() {
        let (_, backlog) = backlog(1);
        assert_eq!(backlog.admit(SERVICE, item(0, 100)), Admission::WaitsFirst);
        assert!(matches!(backlog.admit(SERVICE, item(1, 100)), Admission::Full(Item(1, _))));
    }
}
