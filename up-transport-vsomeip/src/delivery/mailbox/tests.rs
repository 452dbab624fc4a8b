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

use std::panic::panic_any;
use std::pin::pin;
use std::sync::{mpsc, OnceLock};
use std::thread;

use async_trait::async_trait;
use tokio::sync::mpsc::{unbounded_channel, UnboundedReceiver, UnboundedSender};
use tokio::sync::Notify;
use tokio::task::yield_now;

use super::*;
use crate::delivery::inline::on_dispatcher;
use crate::mapping::authorities::Source;
use crate::registration::filter::Filter;
use crate::registration::routes::{Listeners, Registration};
use crate::testing::{
    arriving, id_made_before, idle, inbox, next, number_of, numbers, published, uri, Inbox,
};

const TOPIC: &str = "//ecu/1234/1/8001";
const CAPACITY: usize = 20_000;

fn worker(listener: Arc<dyn UListener>, capacity: usize) -> (Arc<Worker>, Arc<Counters>) {
    let counters = Arc::new(Counters::default());
    let worker = Worker::new(listener, capacity, Handle::current(), counters.clone());
    (Arc::new(worker), counters)
}

fn registration(worker: &Arc<Worker>) -> Arc<Registration> {
    Arc::new(Registration::new(Filter::new(&uri(TOPIC), None).unwrap(), worker.clone()))
}

fn enqueue(registration: &Arc<Registration>, number: u32) {
    Worker::enqueue(published(TOPIC, number), Matched::new(registration.clone()));
}

/// Gives its thread up several times, a different number of times for each message.
struct Hesitant(UnboundedSender<u32>);

#[async_trait]
impl UListener for Hesitant {
    async fn on_receive(&self, message: UMessage) {
        let number = number_of(&message);
        for _ in 0..number.wrapping_mul(2_654_435_761) >> 30 {
            yield_now().await;
        }
        self.0.send(number).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn messages_are_delivered_in_the_order_in_which_they_came() {
    const COUNT: u32 = 10_000;
    let (sender, mut delivered) = unbounded_channel();
    let (worker, counters) = worker(Arc::new(Hesitant(sender)), CAPACITY);
    let arriving = thread::spawn(move || {
        let registration = registration(&worker);
        (0..COUNT).for_each(|number| enqueue(&registration, number));
    });
    for expected in 0..COUNT {
        assert_eq!(next(&mut delivered).await, expected);
    }
    arriving.join().unwrap();
    let metrics = counters.snapshot(Default::default());
    assert_eq!((metrics.delivered, metrics.dropped_queue_full), (COUNT.into(), 0));
}

/// Is busy with a message until it is told that it may go on.
struct Slow {
    delivered: UnboundedSender<u32>,
    may_go_on: Arc<Notify>,
}

#[async_trait]
impl UListener for Slow {
    async fn on_receive(&self, message: UMessage) {
        self.delivered.send(number_of(&message)).unwrap();
        self.may_go_on.notified().await;
    }
}

fn slow() -> (Arc<Slow>, UnboundedReceiver<u32>, Arc<Notify>) {
    let (delivered, receiver) = unbounded_channel();
    let may_go_on = Arc::new(Notify::new());
    (Arc::new(Slow { delivered, may_go_on: may_go_on.clone() }), receiver, may_go_on)
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_waits_does_not_hold_up_another() {
    let (slow, mut slow_inbox, may_go_on) = slow();
    let (slow_worker, _) = worker(slow, CAPACITY);
    let slow_registration = registration(&slow_worker);
    let (listener, mut inbox) = inbox();
    let (worker, _) = worker(listener, CAPACITY);
    let registration = registration(&worker);
    for number in 0..100 {
        enqueue(&slow_registration, number);
        enqueue(&registration, number);
    }
    assert_eq!(numbers(&mut inbox, 100).await, Vec::from_iter(0..100));
    assert_eq!(next(&mut slow_inbox).await, 0);
    slow_inbox.try_recv().unwrap_err();
    for expected in 1..100 {
        may_go_on.notify_one();
        assert_eq!(next(&mut slow_inbox).await, expected);
    }
}

// [utest->dsn~up-attributes-ttl-timeout~1]
#[tokio::test(start_paused = true)]
async fn what_expires_while_it_waits_for_its_listener_is_dropped() {
    let (slow, mut inbox, may_go_on) = slow();
    let (worker, counters) = worker(slow, CAPACITY);
    let registration = registration(&worker);
    enqueue(&registration, 0);
    assert_eq!(next(&mut inbox).await, 0);
    for (number, ttl) in [(1, Some(10)), (2, Some(60_000)), (3, Some(0)), (4, None)] {
        let mut message = published(TOPIC, number);
        let attributes = message.attributes.as_mut().unwrap();
        attributes.id = Some(id_made_before(5000)).into();
        attributes.ttl = ttl;
        Worker::enqueue(message, Matched::new(registration.clone()));
    }
    assert_eq!(worker.queued(), 4);
    for expected in 2..=4 {
        may_go_on.notify_one();
        assert_eq!(next(&mut inbox).await, expected);
    }
    let metrics = counters.snapshot(Default::default());
    assert_eq!((metrics.delivered, metrics.dropped_expired), (4, 1));
    assert_eq!(worker.queued(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_that_blocks_its_thread_does_not_hold_up_another() {
    struct Blocking(Mutex<mpsc::Receiver<()>>, UnboundedSender<()>);

    #[async_trait]
    impl UListener for Blocking {
        async fn on_receive(&self, _: UMessage) {
            self.1.send(()).unwrap();
            // Ends when the test ends.
            self.0.lock().recv().unwrap_err();
        }
    }

    let (end, ended) = mpsc::channel();
    let (blocks, mut is_blocked) = unbounded_channel();
    let (blocked_worker, _) = worker(Arc::new(Blocking(Mutex::new(ended), blocks)), CAPACITY);
    enqueue(&registration(&blocked_worker), 0);
    next(&mut is_blocked).await;

    let (listener, mut inbox) = inbox();
    let (worker, _) = worker(listener, CAPACITY);
    let registration = registration(&worker);
    (0..100).for_each(|number| enqueue(&registration, number));
    assert_eq!(numbers(&mut inbox, 100).await, Vec::from_iter(0..100));
    drop(end);
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_never_waits_shares_its_thread() {
    let (sender, mut delivered) = unbounded_channel();
    let busy = Arc::new(Inbox(sender.clone()));
    let (busy_worker, _) = worker(busy, CAPACITY);
    let (other_worker, _) = worker(Arc::new(Inbox(sender)), CAPACITY);
    let (busy_registration, other_registration) =
        (registration(&busy_worker), registration(&other_worker));
    (0..10_000).for_each(|number| enqueue(&busy_registration, number));
    enqueue(&other_registration, 10_000);
    let order = numbers(&mut delivered, 10_001).await;
    assert_ne!(order.last(), Some(&10_000));
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_drops_what_comes_and_counts_it() {
    let (listener, mut inbox) = inbox();
    let (worker, counters) = worker(listener, 3);
    let registration = registration(&worker);
    // Nothing is delivered before this task waits.
    (0..5).for_each(|number| enqueue(&registration, number));
    assert_eq!(counters.snapshot(Default::default()).dropped_queue_full, 2);
    assert_eq!(numbers(&mut inbox, 3).await, [0, 1, 2]);
    (5..9).for_each(|number| enqueue(&registration, number));
    assert_eq!(numbers(&mut inbox, 3).await, [5, 6, 7]);
    let metrics = counters.snapshot(Default::default());
    assert_eq!((metrics.delivered, metrics.dropped_queue_full), (6, 3));
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_drops_what_has_waited_longest_if_that_is_wanted() {
    let (listener, mut inbox) = inbox();
    let counters = Arc::new(Counters::default());
    let worker = Worker::new(listener, 3, Handle::current(), counters.clone());
    let worker = Arc::new(worker.when_full(Overflow::DropOldest));
    let registration = registration(&worker);
    (0..5).for_each(|number| enqueue(&registration, number));
    assert_eq!(numbers(&mut inbox, 3).await, [2, 3, 4]);
    let metrics = counters.snapshot(Default::default());
    assert_eq!((metrics.delivered, metrics.dropped_queue_full), (3, 2));
    // There is nothing to be dropped in place of what comes.
    let worker = Worker::new(worker.listener.clone(), 0, Handle::current(), counters.clone());
    let worker = Arc::new(worker.when_full(Overflow::DropOldest));
    enqueue(&self::registration(&worker), 5);
    assert_eq!(counters.snapshot(Default::default()).dropped_queue_full, 3);
}

#[tokio::test(start_paused = true)]
async fn the_queue_of_one_listener_may_be_full_while_another_s_is_not() {
    let (slow, mut slow_inbox, _) = slow();
    let (slow_worker, slow_counters) = worker(slow, 1);
    let slow_registration = registration(&slow_worker);
    enqueue(&slow_registration, 0);
    assert_eq!(next(&mut slow_inbox).await, 0);
    let (listener, mut inbox) = inbox();
    let (worker, counters) = worker(listener, 1);
    let registration = registration(&worker);
    for number in 1..4 {
        enqueue(&slow_registration, number);
        enqueue(&registration, number);
        assert_eq!(numbers(&mut inbox, 1).await, [number]);
    }
    // One is with the listener and one is queued.
    assert_eq!(slow_counters.snapshot(Default::default()).dropped_queue_full, 2);
    assert_eq!(counters.snapshot(Default::default()).dropped_queue_full, 0);
}

/// Panics once more when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("on purpose, at last");
    }
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_panics_loses_only_that_message() {
    struct Panicking(Arc<Inbox>);

    #[async_trait]
    impl UListener for Panicking {
        async fn on_receive(&self, message: UMessage) {
            match number_of(&message) {
                1 => panic!("on purpose"),
                2 => {
                    yield_now().await;
                    panic!("on purpose, later")
                }
                3 => panic_any(Bomb),
                _ => self.0.on_receive(message).await,
            }
        }
    }

    let (listener, mut inbox) = inbox();
    let (worker, counters) = worker(Arc::new(Panicking(listener)), CAPACITY);
    let registration = registration(&worker);
    (0..6).for_each(|number| enqueue(&registration, number));
    assert_eq!(numbers(&mut inbox, 3).await, [0, 4, 5]);
    let metrics = counters.snapshot(Default::default());
    assert_eq!((metrics.delivered, metrics.listener_panics), (6, 3));
}

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn what_is_queued_for_a_registration_that_ends_is_not_delivered() {
    let (listener, mut inbox) = inbox();
    let (worker, counters) = worker(listener, CAPACITY);
    let (ended, kept) = (registration(&worker), registration(&worker));
    let listeners = Listeners::default();
    listeners.add(ended.clone());
    (0..3).for_each(|number| enqueue(&ended, number));
    enqueue(&kept, 3);
    listeners.remove(&ended);
    enqueue(&ended, 4);
    enqueue(&kept, 5);
    assert_eq!(numbers(&mut inbox, 2).await, [3, 5]);
    assert_eq!(counters.snapshot(Default::default()).delivered, 2);
}

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn what_is_queued_for_two_registrations_is_delivered_as_long_as_one_of_them_lasts() {
    let (listener, mut inbox) = inbox();
    let (worker, _) = worker(listener, CAPACITY);
    let (ended, kept) = (registration(&worker), registration(&worker));
    let listeners = Listeners::default();
    let enqueue_for_both = |number| {
        let mut matched = Matched::new(ended.clone());
        matched.push(kept.clone());
        Worker::enqueue(published(TOPIC, number), matched);
    };
    enqueue_for_both(0);
    listeners.remove(&ended);
    enqueue_for_both(1);
    assert_eq!(numbers(&mut inbox, 2).await, [0, 1]);
    enqueue_for_both(2);
    listeners.remove(&kept);
    let sentinel = registration(&worker);
    enqueue(&sentinel, 3);
    assert_eq!(numbers(&mut inbox, 1).await, [3]);
}

#[tokio::test(start_paused = true)]
async fn a_listener_may_queue_messages_for_itself_and_end_its_registration() {
    struct Busy {
        own: OnceLock<Arc<Registration>>,
        listeners: Listeners,
        delivered: UnboundedSender<u32>,
    }

    #[async_trait]
    impl UListener for Busy {
        async fn on_receive(&self, message: UMessage) {
            let registration = self.own.get().unwrap();
            let number = number_of(&message);
            self.delivered.send(number).unwrap();
            if number < 5 {
                enqueue(registration, number + 1);
            }
            if number == 2 {
                self.listeners.remove(registration);
            }
        }
    }

    let (delivered, mut inbox) = unbounded_channel();
    let busy = Arc::new(Busy { own: OnceLock::new(), listeners: Listeners::default(), delivered });
    let (worker, counters) = worker(busy.clone(), CAPACITY);
    let registration = registration(&worker);
    busy.listeners.add(registration.clone());
    assert!(busy.own.set(registration.clone()).is_ok());
    enqueue(&registration, 0);
    for expected in 0..3 {
        assert_eq!(next(&mut inbox).await, expected);
    }
    idle().await;
    assert_eq!(counters.snapshot(Default::default()).delivered, 3);
}

#[tokio::test(start_paused = true)]
async fn a_listener_is_let_go_of_with_its_last_message() {
    let (slow, mut slow_inbox, may_go_on) = slow();
    let weak = Arc::downgrade(&slow);
    let (worker, _) = worker(slow, CAPACITY);
    enqueue(&registration(&worker), 0);
    assert_eq!(next(&mut slow_inbox).await, 0);
    drop(worker);
    assert!(weak.upgrade().is_some());
    may_go_on.notify_one();
    assert_eq!(arriving(slow_inbox.recv()).await, None);
    assert!(weak.upgrade().is_none());
}

/// Does not return from the first step of a call until it is told.
struct Blocking(Mutex<mpsc::Receiver<()>>, UnboundedSender<u32>);

#[async_trait]
impl UListener for Blocking {
    async fn on_receive(&self, message: UMessage) {
        self.1.send(number_of(&message)).unwrap();
        self.0.lock().recv().unwrap();
    }
}

fn blocking() -> (Arc<Blocking>, UnboundedReceiver<u32>, mpsc::Sender<()>) {
    let (go_on, is_told) = mpsc::channel();
    let (begins, begun) = unbounded_channel();
    (Arc::new(Blocking(Mutex::new(is_told), begins)), begun, go_on)
}

fn is_pending(future: &mut Pin<&mut impl Future>) -> bool {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending()
}

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settling_waits_for_a_call_that_is_starting_and_for_none_that_starts_later() {
    for is_removed in [true, false] {
        let (listener, mut begun, go_on) = blocking();
        let (worker, counters) = worker(listener, CAPACITY);
        let registration = registration(&worker);
        enqueue(&registration, 0);
        enqueue(&registration, 1);
        assert_eq!(next(&mut begun).await, 0);
        if is_removed {
            Listeners::default().remove(&registration);
        }
        let mut settling = pin!(worker.settle());
        assert!(is_pending(&mut settling));
        go_on.send(()).unwrap();
        if !is_removed {
            assert_eq!(next(&mut begun).await, 1);
        }
        arriving(settling).await;
        go_on.send(()).unwrap();
        while !worker.queue.lock().is_idle() {
            yield_now().await;
        }
        assert_eq!(counters.delivered.get(), if is_removed { 1 } else { 2 });
    }
}

#[tokio::test(start_paused = true)]
async fn settling_waits_for_no_further_steps() {
    let (slow, mut slow_inbox, may_go_on) = slow();
    let (worker, _) = worker(slow, CAPACITY);
    enqueue(&registration(&worker), 0);
    assert_eq!(next(&mut slow_inbox).await, 0);
    arriving(worker.settle()).await;
    may_go_on.notify_one();
}

#[tokio::test]
async fn a_listener_does_not_wait_for_itself() {
    struct Settling(OnceLock<Arc<Worker>>, UnboundedSender<()>);

    #[async_trait]
    impl UListener for Settling {
        async fn on_receive(&self, _: UMessage) {
            self.0.get().unwrap().settle().await;
            self.1.send(()).unwrap();
        }
    }

    let (done, mut is_done) = unbounded_channel();
    let listener = Arc::new(Settling(OnceLock::new(), done));
    let (worker, _) = worker(listener.clone(), CAPACITY);
    assert!(listener.0.set(worker.clone()).is_ok());
    enqueue(&registration(&worker), 0);
    next(&mut is_done).await;
}

/// Lets the listener of a worker be quick often enough to run in place.
async fn trusted(listener: Arc<dyn UListener>) -> (Arc<Counters>, Arc<Registration>) {
    let (worker, counters) = worker(listener, CAPACITY);
    let registration = registration(&worker);
    while !on_dispatcher(|| worker.pace.may_run_here()) {
        worker.pace.measured(|| ());
    }
    (counters, registration)
}

/// As vsomeip's dispatcher thread does.
fn dispatch(registration: &Arc<Registration>, number: u32) {
    on_dispatcher(|| enqueue(registration, number));
}

#[tokio::test]
async fn a_quick_listener_runs_on_the_dispatcher() {
    let (listener, mut inbox) = inbox();
    let (counters, registration) = trusted(listener).await;
    for number in 0..10 {
        dispatch(&registration, number);
        // Without giving the thread up.
        assert_eq!(number_of(&inbox.try_recv().unwrap()), number);
    }
    assert_eq!(counters.delivered.get(), 10);
}

#[tokio::test]
async fn of_several_listeners_only_the_last_runs_in_place_where_vsomeip_may_go_on_meanwhile() {
    for one_dispatcher in [true, false] {
        let listeners = Listeners::new(one_dispatcher);
        let ((first, mut first_inbox), (last, mut last_inbox)) = (inbox(), inbox());
        for listener in [first, last] {
            listeners.add(trusted(listener).await.1);
        }
        on_dispatcher(|| listeners.dispatch(published(TOPIC, 1), Source::Known));
        // Without giving the thread up.
        assert_eq!(first_inbox.try_recv().is_ok(), one_dispatcher);
        assert_eq!(number_of(&last_inbox.try_recv().unwrap()), 1);
        if !one_dispatcher {
            assert_eq!(numbers(&mut first_inbox, 1).await, [1]);
        }
    }
}

#[tokio::test]
async fn a_quick_listener_does_not_run_on_a_thread_of_the_application_s() {
    let (listener, mut inbox) = inbox();
    let (_, registration) = trusted(listener).await;
    enqueue(&registration, 0);
    inbox.try_recv().unwrap_err();
    // What is queued comes first, also on the dispatcher.
    dispatch(&registration, 1);
    inbox.try_recv().unwrap_err();
    assert_eq!(numbers(&mut inbox, 2).await, [0, 1]);
}

#[tokio::test]
async fn a_listener_that_is_not_to_run_in_place_does_not() {
    let (listener, mut inbox) = inbox();
    let counters = Arc::new(Counters::default());
    let worker = Worker::new(listener, CAPACITY, Handle::current(), counters).in_place(false);
    let worker = Arc::new(worker);
    let registration = registration(&worker);
    for number in 0..100 {
        dispatch(&registration, number);
        inbox.try_recv().unwrap_err();
        assert_eq!(numbers(&mut inbox, 1).await, [number]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_order_is_kept_when_listeners_that_run_in_place_go_on_elsewhere() {
    const COUNT: u32 = 10_000;
    let (sender, mut delivered) = unbounded_channel();
    let (counters, registration) = trusted(Arc::new(Hesitant(sender))).await;
    let dispatcher = thread::spawn(move || {
        (0..COUNT).for_each(|number| dispatch(&registration, number));
    });
    for expected in 0..COUNT {
        assert_eq!(next(&mut delivered).await, expected);
    }
    dispatcher.join().unwrap();
    assert_eq!(counters.delivered.get(), u64::from(COUNT));
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_runs_in_place_may_wait_and_use_the_runtime() {
    struct Sleeping(UnboundedSender<u32>);

    #[async_trait]
    impl UListener for Sleeping {
        async fn on_receive(&self, message: UMessage) {
            let number = number_of(&message);
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            let sender = self.0.clone();
            tokio::spawn(async move { sender.send(number).unwrap() }).await.unwrap();
        }
    }

    let (sender, mut delivered) = unbounded_channel();
    let (_, registration) = trusted(Arc::new(Sleeping(sender))).await;
    // Outside of any runtime, as vsomeip's threads are.
    thread::spawn(move || (0..3).for_each(|number| dispatch(&registration, number)))
        .join()
        .unwrap();
    for expected in 0..3 {
        assert_eq!(next(&mut delivered).await, expected);
    }
}

#[tokio::test]
async fn a_listener_that_panics_in_place_loses_only_that_message() {
    struct Panicking(Arc<Inbox>);

    #[async_trait]
    impl UListener for Panicking {
        async fn on_receive(&self, message: UMessage) {
            match number_of(&message) {
                1 => panic!("on purpose"),
                2 => panic_any(Bomb),
                _ => self.0.on_receive(message).await,
            }
        }
    }

    let (listener, mut inbox) = inbox();
    let (counters, registration) = trusted(Arc::new(Panicking(listener))).await;
    (0..4).for_each(|number| dispatch(&registration, number));
    assert_eq!(numbers(&mut inbox, 2).await, [0, 3]);
    let metrics = counters.snapshot(Default::default());
    assert_eq!((metrics.delivered, metrics.listener_panics), (4, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_while_a_listener_runs_in_place_waits_for_it() {
    let (listener, mut delivered, go_on) = blocking();
    let (counters, registration) = trusted(listener).await;
    let worker = registration.worker();
    let dispatcher = thread::spawn({
        let registration = registration.clone();
        move || dispatch(&registration, 0)
    });
    assert_eq!(next(&mut delivered).await, 0);
    // As vsomeip's next dispatcher thread does.
    dispatch(&registration, 1);
    Listeners::default().remove(&registration);
    let mut settling = pin!(worker.settle());
    assert!(is_pending(&mut settling));
    go_on.send(()).unwrap();
    settling.await;
    dispatcher.join().unwrap();
    while !worker.queue.lock().is_idle() {
        yield_now().await;
    }
    // The other one came to an end with its registration.
    assert_eq!(counters.delivered.get(), 1);
}

#[tokio::test]
async fn a_listener_that_runs_in_place_may_queue_messages_for_itself() {
    struct Again(OnceLock<Arc<Registration>>, UnboundedSender<u32>);

    #[async_trait]
    impl UListener for Again {
        async fn on_receive(&self, message: UMessage) {
            let registration = self.0.get().unwrap();
            let number = number_of(&message);
            registration.worker().settle().await;
            if number < 5 {
                enqueue(registration, number + 1);
            }
            self.1.send(number).unwrap();
        }
    }

    let (sender, mut delivered) = unbounded_channel();
    let listener = Arc::new(Again(OnceLock::new(), sender));
    let (_, registration) = trusted(listener.clone()).await;
    assert!(listener.0.set(registration.clone()).is_ok());
    dispatch(&registration, 0);
    for expected in 0..=5 {
        assert_eq!(next(&mut delivered).await, expected);
    }
}
