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

//! The shutdown of a transport withdraws and answers everything.

use tokio::sync::Semaphore;

use super::*;

/// A listener that waits, for ever if nobody ends that, and owns what it is given.
struct Waiting<T> {
    begun: Semaphore,
    ends: Semaphore,
    _owned: T,
}

impl<T> Waiting<T> {
    fn new(owned: T) -> Arc<Self> {
        Arc::new(Self { begun: Semaphore::new(0), ends: Semaphore::new(0), _owned: owned })
    }

    async fn begun(&self) {
        self.begun.acquire().await.unwrap().forget();
    }
}

#[async_trait]
impl<T: Send + Sync> UListener for Waiting<T> {
    async fn on_receive(&self, _: UMessage) {
        self.begun.add_permits(1);
        self.ends.acquire().await.unwrap().forget();
    }
}

async fn used() -> (Fixture, Vec<Call>) {
    let fixture = Fixture::threaded();
    fixture.make_available(service(0x4321, 1));
    fixture.register(TOPIC, None, &listener()).await.unwrap();
    fixture.register("//ecu/FFFF4321/FF/8001", None, &listener()).await.unwrap();
    fixture.register(ANYBODY, Some("//here/31234/3/421"), &listener()).await.unwrap();
    fixture.send(published(OWN_TOPIC, 0)).await.unwrap();
    fixture.send(request_to("//ecu/5678/1/1", 1_000_000)).await.unwrap();
    fixture.send(request_to("//ecu/4321/1/1", 1_000_000)).await.unwrap();
    let mut established = fixture.calls();
    established.retain(|call| !matches!(call, Call::Notify(..) | Call::SendRequest(..)));
    (fixture, established)
}

#[tokio::test]
async fn shutdown_withdraws_everything_once() {
    let (fixture, established) = used().await;
    let stages = Arc::downgrade(&fixture.stages());
    fixture.transport.shutdown().await;
    assert_withdrawn(fixture.calls(), established);
    assert_eq!(stages.strong_count(), 0);
    fixture.transport.shutdown().await;
    let Fixture { vsomeip, transport, .. } = fixture;
    drop(transport);
    assert_eq!(vsomeip.calls(), []);
}

#[tokio::test]
async fn drop_withdraws_everything() {
    let (fixture, established) = used().await;
    let stages = Arc::downgrade(&fixture.stages());
    let Fixture { vsomeip, transport, .. } = fixture;
    drop(transport);
    assert_eq!(stages.strong_count(), 0);
    assert_withdrawn(vsomeip.calls(), established);
}

#[tokio::test]
async fn shutdown_makes_everything_unavailable() {
    let (fixture, listener) = (Fixture::threaded(), listener());
    fixture.register(TOPIC, None, &listener).await.unwrap();
    fixture.transport.shutdown().await;
    fixture.calls();
    let unavailable = Err(UCode::UNAVAILABLE);
    assert_eq!(fixture.register(OTHER_TOPIC, None, &listener).await, unavailable);
    assert_eq!(fixture.register(TOPIC, None, &listener).await, unavailable);
    assert_eq!(fixture.unregister(TOPIC, None, &listener).await, unavailable);
    assert_eq!(fixture.send(published(OWN_TOPIC, 0)).await, unavailable);
    let result = fixture.transport.wait_for_service(&uri(TOPIC)).await;
    assert_eq!(result.map_err(|status| status.get_code()), unavailable);
    assert_eq!(fixture.calls(), []);
    assert_eq!(fixture.transport.metrics().waiting, crate::metrics::Waiting::default());
    assert_eq!(Arc::strong_count(&listener), 1);
}

#[tokio::test]
async fn shutdown_fails_own_requests() {
    let (fixture, (listener, mut responses)) = (Fixture::threaded(), inbox());
    fixture.register(EVERYTHING, Some(OWN), &listener).await.unwrap();
    fixture.make_available(service(0x1234, 2));
    let requests =
        ["//ecu/21234/3/421", "//ecu/5678/1/1"].map(|method| request_to(method, 1_000_000));
    for request in &requests {
        fixture.send(request.clone()).await.unwrap();
    }
    let waiting = fixture.transport.metrics().waiting;
    assert_eq!((waiting.for_responses, waiting.for_services), (1, 1));
    fixture.transport.shutdown().await;
    for request in requests.iter().rev() {
        let response = responses.try_recv().unwrap();
        assert_eq!(response.request_id_unchecked(), request.id_unchecked());
        assert_eq!(response.commstatus(), Some(UCode::UNAVAILABLE));
    }
    assert_eq!(fixture.transport.metrics().requests_expired, 0);
}

// [utest->dsn~someip-response-to-request~1]
#[tokio::test]
async fn shutdown_refuses_received_requests() {
    let (fixture, waiting) = (Fixture::threaded(), Waiting::new(()));
    let transport = &fixture.transport;
    let (anybody, method) = (uri(ANYBODY), uri(OWN_METHOD));
    transport.register_listener(&anybody, Some(&method), waiting.clone()).await.unwrap();
    // One is being handled, the others are queued.
    for _ in 0..3 {
        fixture.deliver_request();
    }
    waiting.begun().await;
    fixture.calls();
    transport.shutdown().await;
    let calls = fixture.calls();
    // They are told as long as the service is offered.
    assert_eq!(calls[..3], [(); 3].map(|()| refusal(ReturnCode::NotReady)));
    assert!(matches!(calls[3..], [Call::StopOfferService(..), Call::UnregisterHandler(..)]));
}

#[tokio::test]
async fn shutdown_drops_queued_messages() {
    let (fixture, waiting) = (Fixture::threaded(), Waiting::new(()));
    fixture.transport.register_listener(&uri(TOPIC), None, waiting.clone()).await.unwrap();
    for number in 0..4 {
        assert!(fixture.deliver(TOPIC, number));
    }
    waiting.begun().await;
    assert_eq!(fixture.transport.metrics().waiting.for_listeners, 3);
    fixture.transport.shutdown().await;
    waiting.ends.add_permits(10);
    assert!(!fixture.deliver(TOPIC, 4));
    assert_eq!(fixture.transport.metrics().delivered, 1);
    assert_eq!(Arc::strong_count(&waiting), 1);
}

#[tokio::test]
async fn pending_listener_is_dropped() {
    let fixture = Fixture::threaded();
    let transport = fixture.transport.clone();
    let stages = Arc::downgrade(&fixture.stages());
    let listener = Waiting::new(transport.clone());
    transport.register_listener(&uri(TOPIC), None, listener.clone()).await.unwrap();
    let (anybody, method) = (uri(ANYBODY), uri(OWN_METHOD));
    transport.register_listener(&anybody, Some(&method), listener.clone()).await.unwrap();
    for number in 0..4 {
        assert!(fixture.deliver(TOPIC, number));
        fixture.deliver_request();
    }
    listener.begun().await;
    let (weak, weak_transport) = (Arc::downgrade(&listener), Arc::downgrade(&transport));
    drop(listener);
    transport.shutdown().await;
    assert_eq!(stages.strong_count(), 0);
    assert_eq!(weak.strong_count(), 0);
    drop((transport, fixture));
    assert_eq!(weak_transport.strong_count(), 0);
}

#[tokio::test]
async fn blocking_listener_does_not_prevent_shutdown() {
    struct Blocking(Mutex<mpsc::Receiver<()>>, mpsc::Sender<()>);

    #[async_trait]
    impl UListener for Blocking {
        async fn on_receive(&self, _: UMessage) {
            self.1.send(()).unwrap();
            let Err(_) = self.0.lock().recv() else { return };
        }
    }

    let fixture = Fixture::threaded();
    let (unblock, is_unblocked) = mpsc::channel();
    let (begins, has_begun) = mpsc::channel();
    let listener = Arc::new(Blocking(Mutex::new(is_unblocked), begins));
    let weak = Arc::downgrade(&listener);
    let (transport, everything, own) = (&fixture.transport, uri(EVERYTHING), uri(OWN));
    transport.register_listener(&uri(TOPIC), None, listener.clone()).await.unwrap();
    transport.register_listener(&everything, Some(&own), listener).await.unwrap();
    // That this fails is queued while the transport ends.
    fixture.send(request_to("//ecu/5678/1/1", 1_000_000)).await.unwrap();
    fixture.deliver(TOPIC, 0);
    fixture.deliver(TOPIC, 1);
    has_begun.recv().unwrap();
    fixture.transport.shutdown().await;
    drop(unblock);
    // It goes with its thread, and gets nothing more.
    assert!(has_begun.recv().is_err());
    assert_eq!(weak.strong_count(), 0);
}

#[tokio::test]
async fn panicking_drop_does_not_prevent_shutdown() {
    struct Bomb;

    #[async_trait]
    impl UListener for Bomb {
        async fn on_receive(&self, _: UMessage) {}
    }

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }

    let (fixture, other) = (Fixture::threaded(), listener());
    let stages = Arc::downgrade(&fixture.stages());
    let transport = &fixture.transport;
    transport.register_listener(&uri(TOPIC), None, Arc::new(Bomb)).await.unwrap();
    fixture.register(OTHER_TOPIC, None, &other).await.unwrap();
    transport.shutdown().await;
    assert_eq!((stages.strong_count(), Arc::strong_count(&other)), (0, 1));
}

#[tokio::test]
async fn waiting_for_service_ends_with_shutdown() {
    let fixture = Fixture::threaded();
    let waiting = tokio::spawn({
        let transport = fixture.transport.clone();
        async move { transport.wait_for_service(&uri("//ecu/21234/3/0")).await }
    });
    tokio::task::yield_now().await;
    assert_eq!(fixture.calls(), [Call::RequestService(service(0x1234, 2))]);
    fixture.transport.shutdown().await;
    assert_eq!(waiting.await.unwrap().unwrap_err().get_code(), UCode::UNAVAILABLE);
    assert_eq!(fixture.calls(), [Call::ReleaseService(service(0x1234, 2))]);
}

/// Does something with the transport, once, and tells that it has.
struct Ending<F> {
    end: Mutex<Option<F>>,
    ended: tokio::sync::mpsc::UnboundedSender<()>,
}

#[async_trait]
impl<F, E> UListener for Ending<F>
where
    F: FnOnce() -> E + Send,
    E: std::future::Future<Output = ()> + Send,
{
    async fn on_receive(&self, _: UMessage) {
        let end = self.end.lock().take().unwrap();
        end().await;
        self.ended.send(()).unwrap();
    }
}

/// Runs `end` in a listener, and waits until the transport has ended.
#[expect(
    clippy::await_holding_lock,
    reason = "nobody else may take slots until the end of the test"
)]
async fn end_in_listener<F, E>(end: impl FnOnce(Arc<UPTransportVsomeip>) -> F)
where
    F: FnOnce() -> E + Send + 'static,
    E: std::future::Future<Output = ()> + Send + 'static,
{
    let Fixture { vsomeip, transport, routes, _pool } = Fixture::threaded();
    let mut state = transport.state();
    let (ended, mut has_ended) = tokio::sync::mpsc::unbounded_channel();
    let listener = Ending { end: Mutex::new(None), ended };
    let listener = Arc::new(listener);
    transport.register_listener(&uri(TOPIC), None, listener.clone()).await.unwrap();
    *listener.end.lock() = Some(end(transport));
    drop(listener);
    let message = published(TOPIC, 0);
    let recipients = routes.recipients(message.attributes.get_or_default(), Source::Known);
    recipients.deliver(message, None, false);
    // It returns while its thread still runs, which ends with the transport.
    has_ended.recv().await.unwrap();
    arriving(state.wait_for(|state| state.has_ended)).await.unwrap();
    assert!(vsomeip.calls().contains(&Call::ReleaseService(service(0x1234, 2))));
    // The listener has gone.
    assert_eq!(has_ended.recv().await, None);
}

#[tokio::test]
async fn shutdown_inside_listener_returns() {
    end_in_listener(|transport| || async move { transport.shutdown().await }).await;
}

#[tokio::test]
async fn last_owner_may_be_listener() {
    end_in_listener(|transport| || async move { drop(transport) }).await;
}

#[test]
fn drop_inside_runtime_does_not_panic() {
    for runtime in [
        Builder::new_current_thread().build().unwrap(),
        Builder::new_multi_thread().worker_threads(1).build().unwrap(),
    ] {
        let fixture = Fixture::threaded();
        let stages = Arc::downgrade(&fixture.stages());
        let Fixture { transport, _pool, .. } = fixture;
        runtime.block_on(async { tokio::spawn(async { drop(transport) }).await }).unwrap();
        assert_eq!(stages.strong_count(), 0);
    }
}
