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

//! The requests that this transport has sent and that are not answered yet.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::time::Instant;
use up_rust::UStatus;
use vsomeip_sys::{Header, RequestId};

use crate::error::{exhausted, internal};
use crate::mapping::request_context::RequestContext;
use crate::rpc::expiry::{Expiring, Full};
use crate::vsomeip::application::SomeIp;

/// Requests are told apart by the request id that vsomeip assigns while it sends. The sender is alone
/// until the request is in the table, so a response that overtakes it only has to wait for that.
// [impl->dsn~someip-request-id~1]
pub(crate) struct OutgoingRequests {
    application: Arc<dyn SomeIp>,
    /// Held from before vsomeip assigns an id until the request with it is in the table.
    sending: Mutex<()>,
    /// The session id that was assigned last, of which the table knows.
    newest: AtomicU16,
    waiting: Expiring<RequestId, RequestContext>,
}

/// Session ids that are not so far behind the newest are ahead of it.
const HALF_OF_THE_SESSIONS: u16 = 0x8000;

impl OutgoingRequests {
    /// `capacity` must be less than the 65,535 session ids, or requests would share one.
    pub(crate) fn new(application: Arc<dyn SomeIp>, capacity: usize) -> Self {
        let waiting = Expiring::with_capacity(capacity);
        Self { application, sending: Mutex::default(), newest: AtomicU16::default(), waiting }
    }

    /// Sends a request, to be answered until `deadline`; `context` is called once it is on its way.
    /// Returns the context of a request that can no longer be answered, since the session ids came
    /// round to its own.
    ///
    /// # Errors
    ///
    /// `RESOURCE_EXHAUSTED` if too many requests are waiting; `INTERNAL` if vsomeip fails.
    pub(crate) fn send(
        &self,
        header: &Header,
        payload: &Bytes,
        deadline: Instant,
        context: impl FnOnce() -> RequestContext,
    ) -> Result<Option<RequestContext>, UStatus> {
        let _sending = self.sending.lock();
        if self.waiting.is_full() {
            return Err(Full.into());
        }
        let id = self.application.send_request(header, payload).map_err(internal)?;
        let replaced = self.waiting.insert_with(deadline, context(), || Ok::<_, UStatus>(id))?;
        self.newest.store(session_of(id), Ordering::Release);
        Ok(replaced)
    }

    /// Sends a request that nobody answers. It takes a session id as well.
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

    /// The context of the request that is answered by a response with the given id.
    pub(crate) fn answered(&self, id: RequestId) -> Option<RequestContext> {
        let behind = self.newest.load(Ordering::Acquire).wrapping_sub(session_of(id));
        if behind < HALF_OF_THE_SESSIONS {
            // Nobody is about to send another request with this id, so this one is meant.
            if let Some(context) = self.waiting.remove(&id) {
                return Some(context);
            }
        }
        // Its sender may not be done yet. That takes longer than all else here, so nobody else waits.
        drop(self.sending.lock());
        self.waiting.remove(&id)
    }

    /// How many requests are waiting.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Waits until a request expires.
    pub(crate) async fn next_expired(&self) -> RequestContext {
        self.waiting.next_expired().await
    }
}

impl From<Full> for UStatus {
    fn from(_: Full) -> Self {
        exhausted("too many requests are waiting for their response")
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

    use up_rust::{UMessageBuilder, UUID};
    use vsomeip_sys::SessionId;

    use super::*;
    use crate::mapping::request_context::LastAddresses;
    use crate::testing::{uri, CLIENT};
    use crate::vsomeip::application::MockSomeIp;

    /// A vsomeip that says when it is asked to send, and is told which session id it assigns.
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

    /// Sends a request and returns the id of its message.
    fn send(outgoing: &OutgoingRequests) -> Option<UUID> {
        let request = UMessageBuilder::request(uri("//s/1/1/1"), uri("//c/2/1/0"), 1_000).build();
        let context =
            RequestContext::of(request.unwrap().attributes.unwrap(), &LastAddresses::default());
        let id = Some(context.id.clone());
        let deadline = Instant::now() + Duration::from_secs(1);
        outgoing.send(&Header::default(), &Bytes::new(), deadline, || context).unwrap();
        id
    }

    /// The message id of the request that is answered by a response which comes while vsomeip sends.
    fn answered_while_sending(
        outgoing: &Arc<OutgoingRequests>,
        is_asked: &Receiver<()>,
        assign: &Sender<u16>,
        session: u16,
    ) -> (Option<UUID>, Option<UUID>) {
        thread::scope(|threads| {
            let sender = threads.spawn(|| send(outgoing));
            is_asked.recv().unwrap();
            let receiver = threads.spawn(|| outgoing.answered(id(session)));
            thread::yield_now();
            assign.send(session).unwrap();
            let answered = receiver.join().unwrap().map(|context| context.id);
            (sender.join().unwrap(), answered)
        })
    }

    // [utest->dsn~someip-request-id~1]
    #[test]
    fn a_response_that_overtakes_its_sender_waits_for_it() {
        let (outgoing, is_asked, assign) = outgoing();
        for session in 1..100 {
            let (sent, answered) = answered_while_sending(&outgoing, &is_asked, &assign, session);
            assert!(sent.is_some());
            assert_eq!(answered, sent);
        }
    }

    // [utest->dsn~someip-request-id~1]
    #[test]
    fn a_response_that_overtakes_its_sender_is_not_taken_for_an_older_one() {
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
    fn requests_without_return_take_session_ids_as_well() {
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
}
