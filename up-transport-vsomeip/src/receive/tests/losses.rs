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

//! Requests lost by their listeners, whose callers get an error at once.

use tokio::sync::Semaphore;

use super::*;

/// Waits for a permit with each message. Panics when there will be none.
struct Slow {
    permits: Semaphore,
    begun: Semaphore,
}

#[async_trait]
impl UListener for Slow {
    async fn on_receive(&self, _: UMessage) {
        self.begun.add_permits(1);
        self.permits.acquire().await.unwrap().forget();
    }
}

impl Slow {
    /// A listener that is waiting in its first call.
    async fn waiting(fixture: &Fixture) -> (Arc<Self>, Arc<Mailbox>, Arc<Registration>) {
        let slow = Arc::new(Self { permits: Semaphore::new(0), begun: Semaphore::new(0) });
        let mailbox = fixture.mailbox_of(slow.clone());
        let registration = fixture.register(ANYBODY, Some(OWN_METHOD), &mailbox);
        fixture.receive(&request());
        slow.begun.acquire().await.unwrap().forget();
        (slow, mailbox, registration)
    }

    async fn finish(&self, mailbox: &Mailbox) {
        self.permits.add_permits(10);
        mailbox.idle().await;
    }
}

fn with_room_for_one(overflow: Overflow) -> Fixture {
    let queue = QueueLimits { messages: 1, bytes: 1000, overflow };
    Fixture::with(Options { queue, ..Options::default() })
}

// [utest->dsn~someip-response-to-request~1]
#[tokio::test(start_paused = true)]
async fn full_mailbox_refuses_request_at_once() {
    for overflow in [Overflow::DropNewest, Overflow::DropOldest] {
        let fixture = with_room_for_one(overflow);
        let (slow, mailbox, _) = Slow::waiting(&fixture).await;
        fixture.receive(&request());
        assert_eq!(fixture.refusals(), []);
        for _ in 0..2 {
            fixture.receive(&request());
            assert_eq!(fixture.refusals(), [ReturnCode::NotReady], "{overflow:?}");
        }
        assert_eq!(fixture.incoming.len(), 2);
        slow.finish(&mailbox).await;
        // Both were handled, and may still be answered.
        assert_eq!((fixture.refusals(), fixture.incoming.len()), (vec![], 2));
        assert_eq!(fixture.metrics().dropped_queue_full, 2);
    }
}

// [utest->dsn~someip-response-to-request~1]
#[tokio::test(start_paused = true)]
async fn request_may_be_answered_by_another_listener() {
    let fixture = with_room_for_one(Overflow::DropNewest);
    let (slow, mailbox, _) = Slow::waiting(&fixture).await;
    let mut other = fixture.listen(ANYBODY, Some(OWN_METHOD));
    for _ in 0..3 {
        fixture.receive(&request());
        next(&mut other).await;
    }
    slow.finish(&mailbox).await;
    assert_eq!((fixture.refusals(), fixture.incoming.len()), (vec![], 4));
}

// [utest->dsn~someip-response-to-request~1]
#[tokio::test(start_paused = true)]
async fn panic_of_listener_refuses_request() {
    let fixture = Fixture::new();
    let (slow, mailbox, _) = Slow::waiting(&fixture).await;
    slow.permits.close();
    mailbox.idle().await;
    assert_eq!((fixture.refusals(), fixture.incoming.len()), (vec![ReturnCode::NotOk], 0));
    assert_eq!(fixture.metrics().listener_panics, 1);
}

// [utest->dsn~someip-response-to-request~1]
#[tokio::test(start_paused = true)]
async fn unregistering_refuses_queued_requests() {
    let fixture = Fixture::new();
    let (slow, mailbox, registration) = Slow::waiting(&fixture).await;
    for _ in 0..3 {
        fixture.receive(&request());
    }
    assert_eq!(fixture.refusals(), []);
    fixture.routes.remove(&registration);
    assert_eq!(fixture.refusals(), [ReturnCode::UnknownMethod; 3]);
    slow.finish(&mailbox).await;
    // The call that had started is not lost.
    assert_eq!((fixture.refusals(), fixture.incoming.len()), (vec![], 1));
}

// [utest->dsn~someip-response-to-request~1]
#[tokio::test(start_paused = true)]
async fn answered_request_is_not_refused_when_lost() {
    let fixture = Fixture::new();
    let (slow, mailbox, _) = Slow::waiting(&fixture).await;
    let mut other = fixture.listen(ANYBODY, Some(OWN_METHOD));
    fixture.receive(&request());
    let message = next(&mut other).await;
    assert!(fixture.incoming.take(message.id_unchecked()).is_some());
    slow.permits.close();
    mailbox.idle().await;
    // The panic lost both requests, but only the first was unanswered.
    assert_eq!(fixture.refusals(), [ReturnCode::NotOk]);
}

// [utest->dsn~someip-response-to-request~1]
// [utest->dsn~up-attributes-ttl-timeout~1]
#[tokio::test(start_paused = true)]
async fn request_that_expires_in_mailbox_times_out() {
    let fixture = Fixture::new();
    let (slow, mailbox, _) = Slow::waiting(&fixture).await;
    fixture.receive(&request());
    tokio::time::sleep(TTL).await;
    slow.finish(&mailbox).await;
    assert_eq!(fixture.refusals(), [ReturnCode::Timeout]);
    assert_eq!(fixture.metrics().dropped_expired, 1);
}

// [utest->dsn~someip-response-to-request~1]
#[tokio::test(start_paused = true)]
async fn close_rejects_pending_requests_once() {
    let fixture = Fixture::new();
    let (slow, mailbox, _) = Slow::waiting(&fixture).await;
    fixture.receive(&request());
    fixture.incoming.close();
    assert_eq!(fixture.refusals(), [ReturnCode::NotReady; 2]);
    mailbox.close();
    slow.finish(&mailbox).await;
    assert_eq!(fixture.refusals(), []);
    fixture.receive(&request());
    assert_eq!(fixture.refusals(), [ReturnCode::NotReady]);
}
