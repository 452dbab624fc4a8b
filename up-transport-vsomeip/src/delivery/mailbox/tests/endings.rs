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

//! Registrations and transports that end, and messages that expire.

use std::time::Duration;

use tokio::time::{advance, Instant};
use up_rust::{UCode, UMessageType};

use super::*;
use crate::testing::id_made_before;

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn ended_registration_gets_no_queued_message() {
    let (listener, mut inbox) = inbox();
    let (mailbox, counters) = mailbox(listener);
    let (ended, kept) = (Token::default(), Token::default());
    (0..3).for_each(|number| mailbox.post(delivery(&ended, number)));
    mailbox.post(delivery(&kept, 3));
    ended.cancel();
    mailbox.post(delivery(&ended, 4));
    mailbox.post(delivery(&kept, 5));
    assert_eq!(numbers(&mut inbox, 2).await, [3, 5]);
    assert_eq!(counters.delivered.get(), 2);
}

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn message_stays_while_one_registration_lasts() {
    let (listener, mut inbox) = inbox();
    let (mailbox, _) = mailbox(listener);
    let (ended, kept) = (Token::default(), Token::default());
    let post_for_both = |number| {
        let mut tokens = Tokens::new(ended.clone());
        tokens.push(kept.clone());
        mailbox.post(Delivery::new(published(TOPIC, number), tokens, None));
    };
    post_for_both(0);
    ended.cancel();
    mailbox.purge();
    post_for_both(1);
    assert_eq!(numbers(&mut inbox, 2).await, [0, 1]);
    post_for_both(2);
    kept.cancel();
    post(&mailbox, 3);
    assert_eq!(numbers(&mut inbox, 1).await, [3]);
}

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn purge_frees_places_at_once() {
    let (slow, mut inbox, may_go_on) = slow();
    let (mailbox, counters) = limited(slow, QueueLimits { messages: 4, bytes: 16, ..LIMITS });
    let (ended, kept) = (Token::default(), Token::default());
    mailbox.post(delivery(&ended, 0));
    assert_eq!(next(&mut inbox).await, 0);
    for (token, number) in [(&kept, 1), (&ended, 2), (&kept, 3), (&ended, 4)] {
        mailbox.post(delivery(token, number));
    }
    ended.cancel();
    assert_eq!(mailbox.queued(), 4);
    mailbox.purge();
    assert_eq!(mailbox.queued(), 2);
    (5..8).for_each(|number| mailbox.post(delivery(&kept, number)));
    assert_eq!((mailbox.queued(), counters.dropped_queue_full.get()), (4, 1));
    for expected in [1, 3, 5, 6] {
        may_go_on.notify_one();
        assert_eq!(next(&mut inbox).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn listener_posts_to_itself_and_unregisters() {
    struct Busy {
        mailbox: OnceLock<Arc<Mailbox>>,
        token: Token,
        delivered: UnboundedSender<u32>,
    }

    #[async_trait]
    impl UListener for Busy {
        async fn on_receive(&self, message: UMessage) {
            let mailbox = self.mailbox.get().unwrap();
            let number = number_of(&message);
            self.delivered.send(number).unwrap();
            if number < 5 {
                mailbox.post(delivery(&self.token, number + 1));
            }
            if number == 2 {
                self.token.cancel();
                mailbox.purge();
            }
        }
    }

    let (delivered, mut inbox) = unbounded_channel();
    let token = Token::default();
    let busy = Arc::new(Busy { mailbox: OnceLock::new(), token: token.clone(), delivered });
    let (mailbox, counters) = mailbox(busy.clone());
    assert!(busy.mailbox.set(mailbox.clone()).is_ok());
    mailbox.post(delivery(&token, 0));
    for expected in 0..3 {
        assert_eq!(next(&mut inbox).await, expected);
    }
    arriving(mailbox.idle()).await;
    assert_eq!(counters.delivered.get(), 3);
}

fn with_ttl(number: u32, ttl: Option<u32>) -> Delivery {
    let mut message = published(TOPIC, number);
    let attributes = message.attributes.as_mut().unwrap();
    // As if the system's clock had been set forward.
    attributes.id = Some(id_made_before(3_600_000)).into();
    attributes.ttl = ttl;
    Delivery::new(message, Tokens::new(Token::default()), None)
}

// [utest->dsn~up-attributes-ttl-timeout~1]
#[tokio::test(start_paused = true)]
async fn queued_message_expires_after_its_ttl() {
    let (slow, mut inbox, may_go_on) = slow();
    let (mailbox, counters) = mailbox(slow);
    post(&mailbox, 0);
    assert_eq!(next(&mut inbox).await, 0);
    for (number, ttl) in [(1, Some(5_000)), (2, Some(5_001)), (3, Some(0)), (4, None)] {
        mailbox.post(with_ttl(number, ttl));
    }
    assert_eq!(mailbox.queued(), 4);
    advance(Duration::from_secs(5)).await;
    for expected in 2..=4 {
        may_go_on.notify_one();
        assert_eq!(next(&mut inbox).await, expected);
    }
    assert_eq!((counters.delivered.get(), counters.dropped_expired.get()), (4, 1));
    assert_eq!(mailbox.queued(), 0);
}

/// A response to a request that was made with a time to live of a second.
fn response(number: u32, status: UCode) -> Delivery {
    let mut message = published(TOPIC, number);
    let attributes = message.attributes.as_mut().unwrap();
    attributes.type_ = UMessageType::UMESSAGE_TYPE_RESPONSE.into();
    attributes.ttl = Some(1_000);
    attributes.commstatus = Some(status.into());
    Delivery::new(message, Tokens::new(Token::default()), None)
}

#[tokio::test(start_paused = true)]
async fn failure_of_request_does_not_expire() {
    let (slow, mut inbox, may_go_on) = slow();
    let (mailbox, counters) = mailbox(slow);
    post(&mailbox, 0);
    assert_eq!(next(&mut inbox).await, 0);
    for (number, status) in [(1, UCode::UNAVAILABLE), (2, UCode::OK), (3, UCode::DEADLINE_EXCEEDED)]
    {
        mailbox.post(response(number, status));
    }
    advance(Duration::from_secs(2)).await;
    for expected in [1, 3] {
        may_go_on.notify_one();
        assert_eq!(next(&mut inbox).await, expected);
    }
    may_go_on.notify_one();
    assert_eq!(counters.dropped_expired.get(), 1);
}

// [utest->dsn~up-attributes-ttl-timeout~1]
#[tokio::test(start_paused = true)]
async fn ttl_counts_from_arrival() {
    let (slow, mut inbox, may_go_on) = slow();
    let (mailbox, counters) = mailbox(slow);
    post(&mailbox, 0);
    assert_eq!(next(&mut inbox).await, 0);
    let start = Instant::now();
    for number in 1..4 {
        mailbox.post(with_ttl(number, Some(2_500)));
        advance(Duration::from_secs(1)).await;
    }
    assert_eq!(start.elapsed(), Duration::from_secs(3));
    for expected in 2..4 {
        may_go_on.notify_one();
        assert_eq!(next(&mut inbox).await, expected);
    }
    assert_eq!(counters.dropped_expired.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn close_drops_queued_and_later_messages() {
    let (slow, mut inbox, may_go_on) = slow();
    let (mailbox, counters) = mailbox(slow);
    (0..3).for_each(|number| post(&mailbox, number));
    assert_eq!(next(&mut inbox).await, 0);
    mailbox.close();
    assert_eq!(mailbox.queued(), 0);
    post(&mailbox, 3);
    assert_eq!(mailbox.queued(), 0);
    // The started call continues.
    assert!(!mailbox.is_idle());
    may_go_on.notify_one();
    arriving(mailbox.idle()).await;
    assert_eq!(counters.delivered.get(), 1);
    post(&mailbox, 4);
    assert!(mailbox.is_idle());
}

#[tokio::test(start_paused = true)]
async fn clear_leaves_the_mailbox_open() {
    let (slow, mut inbox, may_go_on) = slow();
    let (mailbox, counters) = mailbox(slow);
    (0..3).for_each(|number| post(&mailbox, number));
    assert_eq!(next(&mut inbox).await, 0);
    mailbox.clear();
    assert_eq!(mailbox.queued(), 0);
    post(&mailbox, 3);
    may_go_on.notify_one();
    assert_eq!(next(&mut inbox).await, 3);
    assert_eq!(counters.delivered.get(), 2);
}

#[tokio::test(start_paused = true)]
async fn listener_is_released_with_its_last_message() {
    let (slow, mut slow_inbox, may_go_on) = slow();
    let weak = Arc::downgrade(&slow);
    let (mailbox, _) = mailbox(slow);
    post(&mailbox, 0);
    assert_eq!(next(&mut slow_inbox).await, 0);
    drop(mailbox);
    assert!(weak.upgrade().is_some());
    may_go_on.notify_one();
    assert_eq!(arriving(slow_inbox.recv()).await, None);
    assert!(weak.upgrade().is_none());
}

#[test]
fn waiting_listener_is_released_with_the_runtime() {
    for is_closed in [true, false] {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build();
        let runtime = runtime.unwrap();
        let (slow, mut inbox, _never) = slow();
        let weak = Arc::downgrade(&slow);
        let mailbox = runtime.block_on(async { mailbox(slow).0 });
        (0..3).for_each(|number| post(&mailbox, number));
        assert_eq!(inbox.blocking_recv(), Some(0));
        if is_closed {
            mailbox.close();
        }
        assert_eq!(mailbox.queued(), if is_closed { 0 } else { 2 });
        drop(mailbox);
        assert!(weak.upgrade().is_some());
        drop(runtime);
        assert!(weak.upgrade().is_none());
    }
}

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settle_waits_only_for_starting_call() {
    for is_removed in [true, false] {
        let (listener, mut begun, go_on) = blocking();
        let (mailbox, counters) = mailbox(listener);
        let token = Token::default();
        (0..2).for_each(|number| mailbox.post(delivery(&token, number)));
        assert_eq!(next(&mut begun).await, 0);
        if is_removed {
            token.cancel();
        }
        let mut settling = pin!(mailbox.settle());
        assert!(is_pending(&mut settling));
        go_on.send(()).unwrap();
        if !is_removed {
            assert_eq!(next(&mut begun).await, 1);
        }
        arriving(settling).await;
        go_on.send(()).unwrap();
        arriving(mailbox.idle()).await;
        assert_eq!(counters.delivered.get(), if is_removed { 1 } else { 2 });
    }
}

#[tokio::test(start_paused = true)]
async fn settle_waits_for_no_further_polls() {
    let (slow, mut slow_inbox, may_go_on) = slow();
    let (mailbox, _) = mailbox(slow);
    post(&mailbox, 0);
    assert_eq!(next(&mut slow_inbox).await, 0);
    arriving(mailbox.settle()).await;
    may_go_on.notify_one();
}

#[tokio::test]
async fn listener_does_not_wait_for_itself() {
    struct Settling(OnceLock<Arc<Mailbox>>, UnboundedSender<()>);

    #[async_trait]
    impl UListener for Settling {
        async fn on_receive(&self, _: UMessage) {
            self.0.get().unwrap().settle().await;
            self.1.send(()).unwrap();
        }
    }

    let (done, mut is_done) = unbounded_channel();
    let listener = Arc::new(Settling(OnceLock::new(), done));
    let (mailbox, _) = mailbox(listener.clone());
    assert!(listener.0.set(mailbox.clone()).is_ok());
    post(&mailbox, 0);
    next(&mut is_done).await;
}
