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

use std::collections::HashSet;

use async_trait::async_trait;
use tokio::runtime::Handle;
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::Notify;
use tokio::time::Duration;
use up_rust::{UListener, UMessageBuilder};

use super::*;
use crate::delivery::executor::Executor;
use crate::delivery::mailbox::{Delivery, Mailbox, Token, Tokens};
use crate::options::{Overflow, QueueLimits};
use crate::testing::{arriving, next, uri, Call, Vsomeip};

const METHOD: &str = "//here/1234/1/421";

/// Incoming requests over a mocked vsomeip, which records how they are rejected.
struct Fixture {
    vsomeip: Arc<Vsomeip>,
    requests: Arc<IncomingRequests>,
}

impl Fixture {
    fn new() -> Self {
        Self::with_capacity(1_000)
    }

    fn with_capacity(capacity: usize) -> Self {
        let vsomeip = Arc::<Vsomeip>::default();
        let requests = IncomingRequests::new(Arc::new(vsomeip.mock()), capacity);
        Self { vsomeip, requests: Arc::new(requests) }
    }

    fn try_insert(&self, id: &UUID) -> Result<Arc<Responder>, Refusal> {
        let header = Header { service: 0x1234, method: 0x421, session: 7, ..Header::default() };
        let request = IncomingRequest { header, message: Message::default() };
        self.requests.insert(id, request, Instant::now() + Duration::from_secs(10))
    }

    fn insert(&self) -> (UUID, Arc<Responder>) {
        let id = UUID::build();
        let responder = self.try_insert(&id).unwrap();
        (id, responder)
    }

    /// The return codes of the errors that were sent since the last time.
    fn refusals(&self) -> Vec<ReturnCode> {
        let code_of = |call| match call {
            Call::SendResponse(ResponseKind { message_type, return_code }, payload) => {
                assert_eq!((message_type, payload), (MessageType::Error, vec![]));
                return_code
            }
            other => panic!("{other:?}"),
        };
        self.vsomeip.calls().into_iter().map(code_of).collect()
    }
}

// [utest->dsn~someip-response-to-request~1]
#[tokio::test]
async fn lost_request_is_rejected_at_once() {
    let fixture = Fixture::new();
    for (loss, return_code) in [
        (Loss::QueueFull, ReturnCode::NotReady),
        (Loss::Unregistered, ReturnCode::UnknownMethod),
        (Loss::Expired, ReturnCode::Timeout),
        (Loss::Panicked, ReturnCode::NotOk),
        (Loss::Ended, ReturnCode::NotReady),
    ] {
        let (id, responder) = fixture.insert();
        responder.lost(loss);
        assert_eq!(fixture.refusals(), []);
        drop(responder);
        assert_eq!(fixture.refusals(), [return_code], "{loss:?}");
        assert!(fixture.requests.take(&id).is_none());
    }
    assert_eq!(fixture.requests.len(), 0);
}

#[tokio::test]
async fn dropped_responder_rejects_request() {
    let fixture = Fixture::new();
    drop(fixture.insert());
    assert_eq!(fixture.refusals(), [ReturnCode::NotReady]);
}

#[tokio::test]
async fn responder_rejects_with_given_code() {
    let fixture = Fixture::new();
    let (_, responder) = fixture.insert();
    responder.refuse(ReturnCode::WrongInterfaceVersion);
    drop(responder);
    assert_eq!(fixture.refusals(), [ReturnCode::WrongInterfaceVersion]);
}

#[tokio::test]
async fn last_listener_decides_return_code() {
    let fixture = Fixture::new();
    let (_, first) = fixture.insert();
    let last = first.clone();
    first.lost(Loss::QueueFull);
    drop(first);
    // The other listener may still handle it.
    assert_eq!((fixture.refusals(), fixture.requests.len()), (vec![], 1));
    last.lost(Loss::Panicked);
    drop(last);
    assert_eq!((fixture.refusals(), fixture.requests.len()), (vec![ReturnCode::NotOk], 0));
}

// [utest->dsn~someip-response-to-request~1]
#[tokio::test]
async fn request_handled_by_one_listener_stays_pending() {
    let fixture = Fixture::new();
    let orders: [fn(&Responder); 2] = [
        |responder| {
            responder.taken();
            responder.lost(Loss::Panicked);
        },
        |responder| {
            responder.lost(Loss::Panicked);
            responder.taken();
        },
    ];
    for tell in orders {
        let (id, responder) = fixture.insert();
        tell(&responder);
        drop(responder);
        let header = fixture.requests.header(&id).unwrap();
        assert_eq!((header.service, header.method, header.session), (0x1234, 0x421, 7));
        assert_eq!(fixture.requests.len(), 1);
        assert_eq!(fixture.requests.take(&id).unwrap().header, header);
        assert!(fixture.requests.header(&id).is_none());
    }
    assert_eq!(fixture.refusals(), []);
}

#[tokio::test(start_paused = true)]
async fn handled_request_expires() {
    let fixture = Fixture::new();
    let (id, responder) = fixture.insert();
    responder.taken();
    drop(responder);
    let start = Instant::now();
    assert_eq!(arriving(fixture.requests.next_expired()).await.header.session, 7);
    assert_eq!(start.elapsed(), Duration::from_secs(10));
    assert!(fixture.requests.take(&id).is_none());
}

#[tokio::test(start_paused = true)]
async fn answered_or_expired_request_is_not_refused() {
    let fixture = Fixture::new();
    let (id, answered) = fixture.insert();
    fixture.requests.take(&id).unwrap();
    let (_, expired) = fixture.insert();
    arriving(fixture.requests.next_expired()).await;
    for responder in [answered, expired] {
        responder.lost(Loss::Panicked);
        drop(responder);
    }
    assert_eq!(fixture.refusals(), []);
}

#[tokio::test]
async fn full_table_refuses_until_one_is_answered() {
    let fixture = Fixture::with_capacity(1);
    let (id, _responder) = fixture.insert();
    assert_eq!(fixture.try_insert(&UUID::build()).err(), Some(Refusal::Full));
    fixture.requests.take(&id).unwrap();
    fixture.insert();
}

#[tokio::test]
async fn close_refuses_all_requests() {
    let fixture = Fixture::new();
    let (_, taken) = fixture.insert();
    taken.taken();
    let (_, waiting) = fixture.insert();
    fixture.requests.close();
    assert_eq!(fixture.refusals(), [ReturnCode::NotReady; 2]);
    assert_eq!(fixture.requests.len(), 0);
    drop((taken, waiting));
    for _ in 0..2 {
        assert_eq!(fixture.try_insert(&UUID::build()).err(), Some(Refusal::Closed));
    }
    fixture.requests.close();
    assert_eq!(fixture.refusals(), []);
}

#[tokio::test]
async fn only_requests_with_return_are_refused() {
    let fixture = Fixture::new();
    for message_type in [MessageType::RequestNoReturn, MessageType::Notification] {
        let header = Header { message_type: message_type.into(), ..Header::default() };
        fixture.requests.refuse(&header, &Message::default(), ReturnCode::NotReady);
    }
    assert_eq!(fixture.refusals(), []);
    fixture.requests.refuse(&Header::default(), &Message::default(), ReturnCode::NotReady);
    assert_eq!(fixture.refusals(), [ReturnCode::NotReady]);
}

#[tokio::test]
async fn failed_refusal_does_not_panic() {
    let fixture = Fixture::new();
    let kind = ResponseKind { message_type: MessageType::Error, return_code: ReturnCode::NotReady };
    fixture.vsomeip.refuse(Call::SendResponse(kind, vec![]));
    drop(fixture.insert());
    assert_eq!((fixture.refusals().len(), fixture.requests.len()), (1, 0));
}

fn request() -> UMessage {
    UMessageBuilder::request(uri(METHOD), uri("//c/9/1/0"), 1_000).build().unwrap()
}

/// The original and marked ids of new requests without return.
fn unanswered(requests: &IncomingRequests, count: usize) -> Vec<(UUID, UUID)> {
    let marked = |_| {
        let (mut message, id) = (request(), UUID::build());
        message.change_id(id.clone());
        requests.mark_without_return(&mut message);
        (id, message.attributes.id.clone().unwrap())
    };
    (0..count).map(marked).collect()
}

#[tokio::test]
async fn requests_without_return_are_recognised_by_id() {
    let (fixture, other) = (Fixture::new(), Fixture::new());
    for (id, marked) in unanswered(&fixture.requests, 1_000) {
        assert!(fixture.requests.is_without_return(&marked));
        assert!(!fixture.requests.is_without_return(&id));
        assert!(!other.requests.is_without_return(&marked));
        // It is not pending.
        assert!(fixture.requests.header(&marked).is_none());
    }
    assert_eq!(fixture.requests.len(), 0);
}

#[tokio::test]
async fn ids_without_return_are_valid() {
    const COUNT: usize = 1_000;
    let fixture = Fixture::new();
    let ids = unanswered(&fixture.requests, COUNT);
    for (id, marked) in &ids {
        assert!(marked.is_uprotocol_uuid());
        assert_eq!(marked.get_time(), id.get_time());
    }
    let different: HashSet<_> = ids.iter().map(|(_, marked)| marked.bits()).collect();
    assert_eq!(different.len(), COUNT);
}

/// Waits in each call until it may go on.
struct Waiting(tokio::sync::mpsc::UnboundedSender<()>, Arc<Notify>);

#[async_trait]
impl UListener for Waiting {
    async fn on_receive(&self, _: UMessage) {
        self.0.send(()).unwrap();
        self.1.notified().await;
    }
}

#[tokio::test(start_paused = true)]
async fn full_mailbox_refuses_requests_at_once() {
    let fixture = Fixture::new();
    let (begins, mut begun) = unbounded_channel();
    let may_go_on = Arc::new(Notify::new());
    let limits = QueueLimits { messages: 1, bytes: 1, overflow: Overflow::DropNewest };
    let executor = Executor::on(Handle::current());
    let listener = Arc::new(Waiting(begins, may_go_on.clone()));
    let mailbox = Arc::new(Mailbox::new(listener, limits, executor, Arc::default()));
    let post = || {
        let (_, responder) = fixture.insert();
        mailbox.post(Delivery::new(request(), Tokens::new(Token::default()), Some(responder)));
    };
    post();
    next(&mut begun).await;
    let start = Instant::now();
    (0..3).for_each(|_| post());
    assert_eq!(fixture.refusals(), [ReturnCode::NotReady; 2]);
    assert_eq!(start.elapsed(), Duration::ZERO);
    // The listener handles one, and one is queued; both remain pending.
    may_go_on.notify_one();
    next(&mut begun).await;
    may_go_on.notify_one();
    arriving(mailbox.idle()).await;
    assert_eq!((fixture.refusals(), fixture.requests.len()), (vec![], 2));
}
