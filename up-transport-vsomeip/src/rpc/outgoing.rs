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

//! The sent requests that are not answered yet.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::time::Instant;
use up_rust::UStatus;
use vsomeip_sys::{Header, RequestId};

use crate::error::{exhausted, has_ended, internal};
use crate::mapping::request_context::RequestContext;
use crate::rpc::expiry::{Expiring, Refusal};
use crate::vsomeip::application::SomeIp;

/// The leases that a request holds until it is answered.
pub(crate) type Held = Arc<dyn Send + Sync>;

/// The pending requests, by the request id that vsomeip assigns while it sends. Requests are sent one at a
/// time, so an early response only has to wait until its request is in the table.
// [impl->dsn~someip-request-id~1]
pub(crate) struct OutgoingRequests {
    application: Arc<dyn SomeIp>,
    /// Held from before vsomeip assigns an id until the request with it is in the table.
    sending: Mutex<()>,
    /// The last assigned session id whose request is in the table.
    newest: AtomicU16,
    waiting: Expiring<RequestId, Sent>,
}

struct Sent {
    context: RequestContext,
    _held: Held,
}

/// Half of all session ids. Those fewer than this behind the newest are older, all others newer.
const HALF_OF_SESSION_IDS: u16 = 0x8000;

impl OutgoingRequests {
    /// `capacity` must be less than 65,535, the number of session ids.
    pub(crate) fn new(application: Arc<dyn SomeIp>, capacity: usize) -> Self {
        let waiting = Expiring::with_capacity(capacity);
        Self { application, sending: Mutex::default(), newest: AtomicU16::default(), waiting }
    }

    /// Sends a request, which can be answered until `deadline`. Calls `context` once it is sent, and holds
    /// `held` until it is answered. Returns the context of an older request whose session id was reused, if
    /// any.
    ///
    /// # Errors
    ///
    /// `RESOURCE_EXHAUSTED` if too many requests are pending; `UNAVAILABLE` if the transport has ended;
    /// `INTERNAL` if vsomeip fails.
    pub(crate) fn send(
        &self,
        header: &Header,
        payload: &Bytes,
        deadline: Instant,
        context: impl FnOnce() -> RequestContext,
        held: Held,
    ) -> Result<Option<RequestContext>, UStatus> {
        let _sending = self.sending.lock();
        self.waiting.ensure_room()?;
        let id = self.application.send_request(header, payload).map_err(internal)?;
        let sent = Sent { context: context(), _held: held };
        let replaced = self.waiting.insert(deadline, id, sent)?;
        self.newest.store(session_of(id), Ordering::Release);
        Ok(replaced.map(|sent| sent.context))
    }

    /// Sends a request without return, which takes a session id, too.
    ///
    /// # Errors
    ///
    /// `INTERNAL` if vsomeip fails.
    pub(crate) fn send_without_return(
        &self,
        header: &Header,
        payload: &Bytes,
    ) -> Result<(), UStatus> {
        let _sending = self.sending.lock();
        let id = self.application.send_request(header, payload).map_err(internal)?;
        self.newest.store(session_of(id), Ordering::Release);
        Ok(())
    }

    /// Removes the request that a response answers: one to the same service and method, with the same
    /// client and session id. Returns its context.
    pub(crate) fn answered(&self, response: &Header) -> Option<RequestContext> {
        let id = response.request_id();
        let take = || {
            let is_answered = |sent: &Sent| sent.context.is_answered_by(response);
            self.waiting.remove_if(&id, is_answered).map(|sent| sent.context)
        };
        let behind = self.newest.load(Ordering::Acquire).wrapping_sub(session_of(id));
        if behind < HALF_OF_SESSION_IDS {
            // No other request with this id is being sent, so the response is to this one.
            if let Some(context) = take() {
                return Some(context);
            }
        }
        // The sender may not have inserted the request yet. Only early responses wait for it.
        drop(self.sending.lock());
        take()
    }

    /// Whether a received request is a pending one of this transport.
    pub(crate) fn awaits(&self, request: &Header) -> bool {
        let is_same = |sent: &Sent| sent.context.is_answered_by(request);
        self.waiting.has_match(&request.request_id(), is_same)
    }

    /// The number of pending requests.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Waits for the next request to expire, and removes it.
    pub(crate) async fn next_expired(&self) -> RequestContext {
        self.waiting.next_expired().await.context
    }

    /// Removes all pending requests, and accepts no more.
    pub(crate) fn close(&self) -> Vec<RequestContext> {
        self.waiting.close().into_iter().map(|sent| sent.context).collect()
    }
}

impl From<Refusal> for UStatus {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Full => exhausted("too many requests are waiting for their responses"),
            Refusal::Closed => has_ended(),
        }
    }
}

/// The session id is the lower half of a request id.
fn session_of(RequestId(id): RequestId) -> u16 {
    let [_, _, high, low] = id.to_be_bytes();
    u16::from_be_bytes([high, low])
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{channel, Receiver, Sender};
    use std::thread;
    use std::time::Duration;

    use up_rust::{UCode, UMessageBuilder, UUID};
    use vsomeip_sys::SessionId;

    use super::*;
    use crate::mapping::request_context::LastAddresses;
    use crate::testing::{uri, CLIENT};
    use crate::vsomeip::application::MockSomeIp;

    /// A vsomeip that reports each request to send, and assigns the given session id.
    fn outgoing() -> (Arc<OutgoingRequests>, Receiver<()>, Sender<u16>) {
        let (asks, is_asked) = channel();
        let (assign, assigned) = channel();
        let assigned = Mutex::new(assigned);
        let mut vsomeip = MockSomeIp::new();
        vsomeip.expect_send_request().returning(move |_, _| {
            asks.send(()).unwrap();
            Ok(id(assigned.lock().recv().unwrap()))
        });
        (Arc::new(OutgoingRequests::new(Arc::new(vsomeip), 10)), is_asked, assign)
    }

    fn id(session: u16) -> RequestId {
        RequestId::new(CLIENT, SessionId(session))
    }

    /// A response of the method that is called.
    fn response(session: u16) -> Header {
        Header {
            service: 1,
            instance: 1,
            method: 1,
            client: CLIENT.0,
            session,
            ..Header::default()
        }
    }

    /// Tries to send a request; also returns the id of its message.
    fn try_send(
        outgoing: &OutgoingRequests,
        held: Held,
    ) -> (UUID, Result<Option<RequestContext>, UStatus>) {
        let request = UMessageBuilder::request(uri("//s/1/1/1"), uri("//c/2/1/0"), 1_000).build();
        let context =
            RequestContext::of(request.unwrap().attributes.unwrap(), &LastAddresses::default());
        let id = context.id.clone();
        let deadline = Instant::now() + Duration::from_secs(1);
        let header = Header::default();
        (id, outgoing.send(&header, &Bytes::new(), deadline, || context, held))
    }

    /// Sends a request and returns the id of its message.
    fn send(outgoing: &OutgoingRequests) -> Option<UUID> {
        let (id, sent) = try_send(outgoing, Arc::new(()));
        sent.unwrap();
        Some(id)
    }

    /// The message ids of a request, and of the request that is answered by a response that arrives while
    /// vsomeip is sending.
    fn answered_while_sending(
        outgoing: &Arc<OutgoingRequests>,
        is_asked: &Receiver<()>,
        assign: &Sender<u16>,
        session: u16,
    ) -> (Option<UUID>, Option<UUID>) {
        thread::scope(|threads| {
            let sender = threads.spawn(|| send(outgoing));
            is_asked.recv().unwrap();
            let receiver = threads.spawn(|| outgoing.answered(&response(session)));
            thread::yield_now();
            assign.send(session).unwrap();
            let answered = receiver.join().unwrap().map(|context| context.id);
            (sender.join().unwrap(), answered)
        })
    }

    // [utest->dsn~someip-request-id~1]
    #[test]
    fn early_response_waits_for_sender() {
        let (outgoing, is_asked, assign) = outgoing();
        for session in 1..100 {
            let (sent, answered) = answered_while_sending(&outgoing, &is_asked, &assign, session);
            assert!(sent.is_some());
            assert_eq!(answered, sent);
        }
    }

    // [utest->dsn~someip-request-id~1]
    #[test]
    fn early_response_answers_newer_request() {
        let (outgoing, is_asked, assign) = outgoing();
        // The session ids have come round to an old request.
        for session in [5, 40_000, 4] {
            assign.send(session).unwrap();
            send(&outgoing);
            is_asked.recv().unwrap();
        }
        let (sent, answered) = answered_while_sending(&outgoing, &is_asked, &assign, 5);
        assert!(sent.is_some());
        assert_eq!(answered, sent);
    }

    // [utest->dsn~someip-request-id~1]
    #[test]
    fn requests_without_return_take_session_ids() {
        let (outgoing, is_asked, assign) = outgoing();
        assign.send(5).unwrap();
        send(&outgoing);
        is_asked.recv().unwrap();
        for session in [40_000, 4] {
            assign.send(session).unwrap();
            outgoing.send_without_return(&Header::default(), &Bytes::new()).unwrap();
            is_asked.recv().unwrap();
        }
        let (sent, answered) = answered_while_sending(&outgoing, &is_asked, &assign, 5);
        assert_eq!(answered, sent);
    }

    // [utest->dsn~someip-request-id~1]
    #[test]
    fn response_of_another_method_answers_nothing() {
        let (outgoing, _is_asked, assign) = outgoing();
        assign.send(5).unwrap();
        let sent = send(&outgoing);
        for stranger in [
            Header { service: 2, ..response(5) },
            Header { instance: 2, ..response(5) },
            Header { method: 2, ..response(5) },
            Header { client: CLIENT.0 + 1, ..response(5) },
            response(6),
        ] {
            assert_eq!(outgoing.answered(&stranger), None, "{stranger:?}");
        }
        assert_eq!(outgoing.len(), 1);
        assert_eq!(outgoing.answered(&response(5)).map(|context| context.id), sent);
    }

    // [utest->dsn~someip-request-id~1]
    #[test]
    fn reused_session_id_replaces_older_request() {
        let (outgoing, _is_asked, assign) = outgoing();
        (0..2).for_each(|_| assign.send(5).unwrap());
        let older = send(&outgoing);
        let (newer, sent) = try_send(&outgoing, Arc::new(()));
        assert_eq!(sent.unwrap().map(|context| context.id), older);
        assert_eq!(outgoing.answered(&response(5)).map(|context| context.id), Some(newer));
    }

    #[test]
    fn leases_are_held_until_answered() {
        let (outgoing, _is_asked, assign) = outgoing();
        let held = Arc::new(());
        for session in 1..4 {
            assign.send(session).unwrap();
            try_send(&outgoing, held.clone()).1.unwrap();
        }
        assert_eq!(Arc::strong_count(&held), 4);
        outgoing.answered(&response(1)).unwrap();
        assert_eq!(Arc::strong_count(&held), 3);
        outgoing.close();
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[test]
    fn full_or_closed_table_sends_nothing() {
        let (outgoing, is_asked, assign) = outgoing();
        let assert_refused = |code| {
            let held = Arc::new(());
            let (_, sent) = try_send(&outgoing, held.clone());
            assert_eq!(sent.unwrap_err().get_code(), code);
            assert_eq!(Arc::strong_count(&held), 1);
            assert!(is_asked.try_recv().is_err());
        };
        let mut ids = Vec::new();
        for session in 1..11 {
            assign.send(session).unwrap();
            ids.extend(send(&outgoing));
            is_asked.recv().unwrap();
        }
        assert_refused(UCode::RESOURCE_EXHAUSTED);
        let mut given_up: Vec<_> = outgoing.close().into_iter().map(|context| context.id).collect();
        given_up.sort_by_key(|id| ids.iter().position(|sent| sent == id));
        assert_eq!(given_up, ids);
        assert_refused(UCode::UNAVAILABLE);
        assert_eq!(outgoing.len(), 0);
    }
}
