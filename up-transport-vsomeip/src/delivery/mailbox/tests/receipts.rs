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

//! Receipts get exactly one outcome per listener.

use std::time::Duration;

use tokio::time::advance;

use super::*;

/// Records the outcomes of a receipt, in order.
#[derive(Default)]
struct Recorder(Mutex<Vec<Result<(), Loss>>>);

impl Receipt for Recorder {
    fn taken(&self) {
        self.0.lock().push(Ok(()));
    }

    fn lost(&self, loss: Loss) {
        self.0.lock().push(Err(loss));
    }
}

impl Recorder {
    fn outcomes(&self) -> Vec<Result<(), Loss>> {
        self.0.lock().clone()
    }
}

fn registered(token: &Token, number: u32) -> (Delivery, Arc<Recorder>) {
    let recorder = Arc::<Recorder>::default();
    let message = published(TOPIC, number);
    (Delivery::new(message, Tokens::new(token.clone()), Some(recorder.clone())), recorder)
}

/// Queues a message with a receipt.
fn posted(mailbox: &Arc<Mailbox>, number: u32) -> Arc<Recorder> {
    let (delivery, recorder) = registered(&Token::default(), number);
    mailbox.post(delivery);
    recorder
}

/// A mailbox whose listener is waiting in its first call, with the number 0.
async fn busy(limits: QueueLimits) -> (Arc<Mailbox>, Arc<Notify>, UnboundedReceiver<u32>) {
    let (slow, mut inbox, may_go_on) = slow();
    let (mailbox, _) = limited(slow, limits);
    post(&mailbox, 0);
    assert_eq!(next(&mut inbox).await, 0);
    (mailbox, may_go_on, inbox)
}

/// Lets the listener of [`busy`] handle all queued messages.
async fn finish(mailbox: &Mailbox, may_go_on: &Notify) {
    let mut idling = pin!(mailbox.idle());
    while is_pending(&mut idling) {
        may_go_on.notify_one();
        idle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn message_is_taken_when_its_call_returns() {
    let (mailbox, may_go_on, mut inbox) = busy(LIMITS).await;
    let recorder = posted(&mailbox, 1);
    may_go_on.notify_one();
    assert_eq!(next(&mut inbox).await, 1);
    idle().await;
    assert_eq!(recorder.outcomes(), []);
    finish(&mailbox, &may_go_on).await;
    assert_eq!(recorder.outcomes(), [Ok(())]);
    assert_eq!(Arc::strong_count(&recorder), 1);
}

#[tokio::test(start_paused = true)]
async fn full_mailbox_reports_dropped_messages() {
    for (overflow, expected) in [
        (Overflow::DropNewest, [Ok(()), Err(Loss::QueueFull)]),
        (Overflow::DropOldest, [Err(Loss::QueueFull), Ok(())]),
    ] {
        let limits = QueueLimits { messages: 1, overflow, ..LIMITS };
        let (mailbox, may_go_on, _inbox) = busy(limits).await;
        let recorders = [1, 2].map(|number| posted(&mailbox, number));
        let lost: Vec<_> = recorders.iter().flat_map(|recorder| recorder.outcomes()).collect();
        assert_eq!(lost, [Err(Loss::QueueFull)]);
        finish(&mailbox, &may_go_on).await;
        assert_eq!(
            recorders.map(|recorder| recorder.outcomes()),
            expected.map(|outcome| vec![outcome])
        );
    }
}

#[tokio::test(start_paused = true)]
async fn ended_registration_loses_its_messages() {
    for is_purged in [true, false] {
        let (mailbox, may_go_on, _inbox) = busy(LIMITS).await;
        let token = Token::default();
        let (delivery, recorder) = registered(&token, 1);
        mailbox.post(delivery);
        token.cancel();
        if is_purged {
            mailbox.purge();
            assert_eq!(recorder.outcomes(), [Err(Loss::Unregistered)]);
        }
        finish(&mailbox, &may_go_on).await;
        assert_eq!(recorder.outcomes(), [Err(Loss::Unregistered)]);
    }
}

#[tokio::test(start_paused = true)]
async fn unregistered_during_call_is_still_taken() {
    let (mailbox, may_go_on, mut inbox) = busy(LIMITS).await;
    let token = Token::default();
    let (delivery, recorder) = registered(&token, 1);
    mailbox.post(delivery);
    may_go_on.notify_one();
    assert_eq!(next(&mut inbox).await, 1);
    token.cancel();
    mailbox.purge();
    finish(&mailbox, &may_go_on).await;
    assert_eq!(recorder.outcomes(), [Ok(())]);
}

#[tokio::test(start_paused = true)]
async fn expired_message_is_lost() {
    let (mailbox, may_go_on, mut inbox) = busy(LIMITS).await;
    let recorder = Arc::<Recorder>::default();
    let mut message = published(TOPIC, 1);
    message.attributes.as_mut().unwrap().ttl = Some(1_000);
    mailbox.post(Delivery::new(message, Tokens::new(Token::default()), Some(recorder.clone())));
    advance(Duration::from_secs(1)).await;
    finish(&mailbox, &may_go_on).await;
    assert_eq!(recorder.outcomes(), [Err(Loss::Expired)]);
    inbox.try_recv().unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn panic_loses_its_message() {
    struct Panicking;

    #[async_trait]
    impl UListener for Panicking {
        async fn on_receive(&self, message: UMessage) {
            if number_of(&message) == 1 {
                yield_now().await;
            }
            std::panic::panic_any(Bomb);
        }
    }

    let (mailbox, _) = mailbox(Arc::new(Panicking));
    let recorders = [0, 1].map(|number| posted(&mailbox, number));
    arriving(mailbox.idle()).await;
    assert_eq!(
        recorders.map(|recorder| recorder.outcomes()),
        [[Err(Loss::Panicked)], [Err(Loss::Panicked)]]
    );
}

#[tokio::test(start_paused = true)]
async fn end_loses_queued_and_later_messages() {
    let end: [fn(&Mailbox); 2] = [Mailbox::clear, Mailbox::close];
    for end in end {
        let (mailbox, may_go_on, _inbox) = busy(LIMITS).await;
        let recorders = [1, 2].map(|number| posted(&mailbox, number));
        end(&mailbox);
        mailbox.close();
        assert_eq!(
            recorders.each_ref().map(|recorder| recorder.outcomes()),
            [[Err(Loss::Ended)]; 2]
        );
        let late = posted(&mailbox, 3);
        assert_eq!(late.outcomes(), [Err(Loss::Ended)]);
        finish(&mailbox, &may_go_on).await;
        for recorder in recorders.iter().chain([&late]) {
            assert_eq!(recorder.outcomes().len(), 1);
        }
    }
}

#[test]
fn aborted_call_has_no_outcome() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let (slow, mut inbox, _never) = slow();
    let mailbox = runtime.block_on(async { mailbox(slow).0 });
    let (running, queued) = (posted(&mailbox, 0), posted(&mailbox, 1));
    assert_eq!(inbox.blocking_recv(), Some(0));
    mailbox.close();
    drop(runtime);
    assert_eq!((running.outcomes(), queued.outcomes()), (vec![], vec![Err(Loss::Ended)]));
    assert_eq!((Arc::strong_count(&running), Arc::strong_count(&queued)), (1, 1));
}

#[tokio::test]
async fn inline_call_tells_its_receipt() {
    let (listener, mut inbox) = inbox();
    let (mailbox, _) = inline_calls::trusted(listener);
    let (token, ended) = (Token::default(), Token::default());
    ended.cancel();
    let recorders = [(&token, 0), (&ended, 1)].map(|(token, number)| {
        let (delivery, recorder) = registered(token, number);
        place::on_dispatcher(|| mailbox.deliver(delivery));
        recorder
    });
    // Without yielding.
    assert_eq!(
        recorders.map(|recorder| recorder.outcomes()),
        [[Ok(())], [Err(Loss::Unregistered)]]
    );
    assert_eq!(number_of(&inbox.try_recv().unwrap()), 0);
    inbox.try_recv().unwrap_err();
}
