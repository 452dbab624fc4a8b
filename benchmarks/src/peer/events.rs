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

//! The publisher and the subscriber.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{mpsc, Arc};
use std::thread;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use parking_lot::Mutex;
use up_rust::{UListener, UMessage, UMessageBuilder, UTransport, UUri};
use up_transport_vsomeip::UPTransportVsomeip;

use crate::peer::arrivals::Arrivals;
use crate::peer::{
    now_ns, requests, transport, Failure, Measured, PeerOptions, Stamp, Template, ABSENT, EVENT,
    PUBLISHER, SUBSCRIBER,
};

const BEACON_INTERVAL: Duration = Duration::from_millis(10);

struct Publisher<'a> {
    options: &'a PeerOptions,
    transport: &'a UPTransportVsomeip,
    events: Template,
}

impl Publisher<'_> {
    async fn measure(&mut self) -> Result<Measured, Failure> {
        let start = now_ns()?;
        let interval = Duration::from_micros(self.options.interval_us);
        let mut due = Instant::now();
        for number in 1..=self.options.count {
            if !interval.is_zero() {
                due += interval;
                thread::sleep(due.saturating_duration_since(Instant::now()));
            }
            let event = self.events.message(number)?;
            self.transport.send(event).await?;
        }
        let elapsed_ns = now_ns()? - start;
        Ok(Measured { elapsed_ns, ..Measured::default() })
    }
}

pub(crate) async fn publish(options: &PeerOptions) -> Result<(), Failure> {
    let transport = transport(&options.config, PUBLISHER)?;
    let topic = UUri::try_from_parts("here", PUBLISHER, 1, EVENT)?;
    let events = Template::new(UMessageBuilder::publish(topic), options)?;
    let mut publisher = Publisher { options, transport: &transport, events };
    println!("ready");
    let (sender, asked) = mpsc::channel();
    thread::spawn(move || requests().try_for_each(|_| sender.send(())));
    // Until the first measurement, so that subscribers learn that they are connected.
    let mut first = asked.try_recv();
    while first == Err(mpsc::TryRecvError::Empty) {
        transport.send(publisher.events.message(0)?).await?;
        thread::sleep(BEACON_INTERVAL);
        first = asked.try_recv();
    }
    for () in first.into_iter().chain(asked) {
        publisher.measure().await?.say()?;
    }
    transport.shutdown().await;
    Ok(())
}

/// What the listeners of the topic share.
struct Subscriber {
    count: u64,
    is_paced: bool,
    listeners: Vec<Mutex<Arrivals>>,
    remaining: AtomicUsize,
    /// When the first message was sent.
    first_ns: AtomicU64,
    is_connected: AtomicUsize,
}

struct Listener {
    subscriber: Arc<Subscriber>,
    index: usize,
}

#[async_trait]
impl UListener for Listener {
    async fn on_receive(&self, event: UMessage) {
        let Some(stamp) = Stamp::of(&event) else { return };
        if let Err(error) = self.subscriber.note(self.index, stamp) {
            log::error!("nothing can be measured: {error}");
        }
    }
}

impl Subscriber {
    fn new(options: &PeerOptions) -> Self {
        let listeners: Vec<_> = (0..options.listeners).map(|_| Mutex::default()).collect();
        let subscriber = Self {
            count: options.count,
            is_paced: options.interval_us > 0,
            remaining: listeners.len().into(),
            listeners,
            first_ns: 0.into(),
            is_connected: 0.into(),
        };
        subscriber.restart();
        subscriber
    }

    fn restart(&self) {
        for listener in &self.listeners {
            listener.lock().start(self.count);
        }
        self.remaining.store(self.listeners.len(), Ordering::SeqCst);
    }

    fn note(&self, index: usize, stamp: Stamp) -> Result<(), Failure> {
        if stamp.number == 0 {
            if self.is_connected.swap(1, Ordering::SeqCst) == 0 {
                println!("ready");
            }
            return Ok(());
        }
        if stamp.number == 1 {
            self.first_ns.store(stamp.sent_ns, Ordering::SeqCst);
        }
        let mut arrivals = self.listeners[index].lock();
        if self.is_paced {
            arrivals.note_timed(stamp.number, stamp.sent_ns);
        } else {
            arrivals.note(stamp.number);
        }
        drop(arrivals);
        if stamp.number == self.count && self.remaining.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.finish()?;
        }
        Ok(())
    }

    fn finish(&self) -> Result<(), Failure> {
        let elapsed = now_ns()?.saturating_sub(self.first_ns.load(Ordering::SeqCst));
        let out_of_order =
            self.listeners.iter().map(|listener| listener.lock().out_of_order()).sum();
        let measured = self.listeners[0].lock().measured(elapsed, out_of_order);
        self.restart();
        measured.say()
    }
}

struct Ignoring;

#[async_trait]
impl UListener for Ignoring {
    async fn on_receive(&self, _: UMessage) {}
}

pub(crate) async fn subscribe(options: &PeerOptions) -> Result<(), Failure> {
    let transport = transport(&options.config, SUBSCRIBER)?;
    for number in 0..options.registrations {
        let topic = UUri::try_from_parts("there", ABSENT, 1, EVENT + number)?;
        transport.register_listener(&topic, None, Arc::new(Ignoring)).await?;
    }
    let subscriber = Arc::new(Subscriber::new(options));
    let topic = UUri::try_from_parts("there", PUBLISHER, 1, EVENT)?;
    for index in 0..options.listeners {
        let listener = Listener { subscriber: subscriber.clone(), index };
        transport.register_listener(&topic, None, Arc::new(listener)).await?;
    }
    requests().for_each(drop);
    transport.shutdown().await;
    Ok(())
}
