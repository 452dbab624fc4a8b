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

//! Commands for load tests.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use up_rust::{UTransport, UUri};

use crate::attributes::{self, Shown};
use crate::blockers::{self, Call};
use crate::cycles;
use crate::entity::Entity;
use crate::events::Events;
use crate::firsts;
use crate::floods;
use crate::gates::{filters, Gate, Gated, Kind};
use crate::plain::{self, Plain};

impl Entity {
    /// Registers a listener that shows all of what it gets, and answers requests if told how.
    async fn show(
        &self,
        name: &str,
        source: &str,
        sink: Option<&str>,
        answer: Option<&[&str]>,
    ) -> Result<(), Box<dyn Error>> {
        let listener = Shown::new(self.transport.clone(), answer);
        self.shown.lock().insert(name.to_owned(), listener.clone());
        attributes::register(&*self.transport()?, source, sink, listener).await
    }

    /// Does what the words of a line say.
    pub(crate) async fn strain(&self, words: &[&str]) -> Result<String, Box<dyn Error>> {
        let done = "ok".to_owned();
        match *words {
            ["subscribe-as", name, topic] => {
                let topic: UUri = topic.parse()?;
                let listener = self.listener(name);
                self.transport()?.register_listener(&topic, None, listener).await?;
                Ok(done)
            }
            ["unsubscribe-as", name, topic] => {
                let topic: UUri = topic.parse()?;
                let listener = self.listener(name);
                self.transport()?.unregister_listener(&topic, None, listener).await?;
                Ok(done)
            }
            ["show", name, source] => self.show(name, source, None, None).await.map(|()| done),
            ["show", name, source, sink] => {
                self.show(name, source, Some(sink), None).await.map(|()| done)
            }
            ["answer", name, source, sink, ref settings @ ..] => {
                self.show(name, source, Some(sink), Some(settings)).await.map(|()| done)
            }
            ["shown", name] => {
                let listener = self.shown.lock().get(name).cloned();
                listener.ok_or("no such listener")?.next().await
            }
            ["send", ref words @ ..] => {
                let message = attributes::message(words)?;
                let id = message.id_unchecked().to_hyphenated_string();
                self.transport()?.send(message).await?;
                Ok(id)
            }
            ["received-as", name, count] => Ok(self.listener(name).received(count.parse()?).await),
            ["filter", source, sink] => {
                let (source, sink): (UUri, UUri) = (source.parse()?, sink.parse()?);
                let listener = self.events.clone();
                self.transport()?.register_listener(&source, Some(&sink), listener).await?;
                Ok(done)
            }
            ["unfilter", source, sink] => {
                let (source, sink): (UUri, UUri) = (source.parse()?, sink.parse()?);
                let listener = self.events.clone();
                self.transport()?.unregister_listener(&source, Some(&sink), listener).await?;
                Ok(done)
            }
            ["take", method] => {
                let (source, sink) = filters(method.parse()?);
                let listener = self.events.clone();
                self.transport()?.register_listener(&source, sink.as_ref(), listener).await?;
                Ok(done)
            }
            ["request", method, count, ttl] => {
                let (method, count, ttl) = (method.parse()?, count.parse()?, ttl.parse()?);
                let calls = self.calls.clone();
                calls.begin(&*self.transport()?, &method, &self.local, count, ttl).await?;
                Ok(done)
            }
            ["request-only", method, count, ttl] => {
                let (method, count, ttl) = (method.parse()?, count.parse()?, ttl.parse()?);
                floods::request_only(&*self.transport()?, &method, &self.local, count, ttl).await?;
                Ok(done)
            }
            ["answers", count] => Ok(self.calls.answers(count.parse()?).await),
            ["publish-mortal", topic, number, ttl] => {
                let (topic, number, ttl) = (topic.parse()?, number.parse()?, ttl.parse()?);
                firsts::publish_mortal(&*self.transport()?, topic, number, ttl).await?;
                Ok(done)
            }
            ["publish-beside", config, topic, count, pace] => {
                let (count, pace) = (count.parse()?, Duration::from_millis(pace.parse()?));
                let (config, topic) = (Path::new(config), topic.parse()?);
                let there = self.beside.lock().take();
                let beside = match there {
                    Some(beside) => beside,
                    None => firsts::beside(config, &topic)?,
                };
                let published = firsts::publish_paced(&beside, topic, count, pace).await;
                *self.beside.lock() = Some(beside);
                Ok(published.map(|()| done)?)
            }
            ["open-beside", config, topic] => {
                let beside = firsts::beside(Path::new(config), &topic.parse()?)?;
                *self.beside.lock() = Some(beside);
                Ok(done)
            }
            ["call-methods", method, count, window, ttl] => {
                let methods = floods::methods(method.parse()?, count.parse()?);
                self.call_each(methods, window, ttl).await
            }
            ["call-services", method, count, window, ttl] => {
                let methods = floods::services(method.parse()?, count.parse()?);
                self.call_each(methods, window, ttl).await
            }
            ["notify-services", resource, sink, count, window, ttl] => {
                let resource_id = u32::from_str_radix(resource, 16)?;
                let origin = UUri { resource_id, ..self.local.clone() };
                let sinks = floods::services(sink.parse()?, count.parse()?);
                let (window, ttl) = (window.parse()?, ttl.parse()?);
                floods::notify_each(&*self.transport()?, &origin, sinks, window, ttl).await?;
                Ok(done)
            }
            ["publish-topics", topic, count] => {
                let topics = floods::methods(topic.parse()?, count.parse()?);
                Ok(floods::publish_each(&*self.transport()?, topics).await?)
            }
            ["publish-services", topic, count] => {
                let topics = floods::services(topic.parse()?, count.parse()?);
                Ok(floods::publish_each(&*self.transport()?, topics).await?)
            }
            ["respond-to-nobody", method, count] => {
                let methods = floods::methods(method.parse()?, count.parse()?);
                let nobody = "//nobody/1/1/0".parse()?;
                Ok(floods::respond_to_nobody(&*self.transport()?, methods, &nobody).await?)
            }
            ["pass-filters", service, count] => {
                let services = floods::services(service.parse()?, count.parse()?);
                let (transport, listener) = (self.transport()?, self.events.clone());
                floods::pass_filters(&*transport, services, &self.local, listener).await?;
                Ok(done)
            }
            ["request-no-return", method, count] => {
                let config = self.config.as_deref().ok_or("no configuration file")?;
                let (method, count) = (method.parse()?, count.parse()?);
                let plain = floods::request_no_return(config, &method, count).await?;
                *self.plain.lock() = Some(plain);
                Ok(done)
            }
            ["request-and-release", name, service] => {
                let config = self.config.as_deref().ok_or("no configuration file")?;
                let known = self.plain.lock().take();
                let plain = known.map_or_else(|| Plain::start(name, config), Ok)?;
                plain::request_and_release(&plain, &service.parse()?).await?;
                *self.plain.lock() = Some(plain);
                Ok(done)
            }
            ["gate", kind, name, uri] => self.gate(kind, name, uri, false).await.map(|()| done),
            ["gate-owner", kind, name, uri] => {
                self.gate(kind, name, uri, true).await.map(|()| done)
            }
            ["ungate", name] => {
                let (uri, listener) = self.gates.listener(name)?;
                let (source, sink) = filters(uri);
                self.transport()?.unregister_listener(&source, sink.as_ref(), listener).await?;
                Ok(done)
            }
            ["entered", name, count] => {
                self.gates.gate(name)?.entered(count.parse()?).await;
                Ok(done)
            }
            ["open", name] => self.gates.open(name).map(|()| done),
            ["gone", "transport"] => Ok(self.is_gone().to_string()),
            ["gone", name] => Ok(self.gates.is_gone(name)?.to_string()),
            ["block-until-told", count, topic, method, ttl] => {
                let (method, own) = (method.parse()?, self.local.clone());
                let call = Call { method, own, ttl: ttl.parse()? };
                let (topic, count) = (topic.parse()?, count.parse()?);
                blockers::register(&self.transport, &self.told, &topic, &call, count).await?;
                Ok(done)
            }
            ["clock"] => Ok(SystemTime::UNIX_EPOCH.elapsed()?.as_secs().to_string()),
            ["told", count] => Ok(self.told.statuses(count.parse()?).await),
            ["cycle-full", count] => {
                self.end().await;
                cycles::cycle_full(&self.builder, count.parse()?, &self.local).await?;
                self.start()?;
                Ok(done)
            }
            _ => Err(format!("unknown command {:?}", words.join(" ")).into()),
        }
    }

    /// The listener for events that has a name; a new one at the first use of that.
    fn listener(&self, name: &str) -> Arc<Events> {
        let new = || Arc::new(Events::new(self.transport.clone()));
        self.listeners.lock().entry(name.to_owned()).or_insert_with(new).clone()
    }

    async fn call_each(
        &self,
        methods: impl Iterator<Item = UUri> + Send,
        window: &str,
        ttl: &str,
    ) -> Result<String, Box<dyn Error>> {
        let (transport, window, ttl) = (self.transport()?, window.parse()?, ttl.parse()?);
        let (calls, anybody) = (self.calls.clone(), UUri::any());
        Ok(calls.run_each(&*transport, &anybody, methods, &self.local, window, ttl).await?)
    }

    async fn gate(
        &self,
        kind: &str,
        name: &str,
        uri: &str,
        is_owner: bool,
    ) -> Result<(), Box<dyn Error>> {
        let kind = Kind::of(kind).ok_or("no such kind")?;
        let (transport, uri, gate) =
            (self.transport()?, uri.parse::<UUri>()?, Arc::<Gate>::default());
        let owned = is_owner.then(|| transport.clone());
        let listener = Gated::new(kind, gate.clone(), self.transport.clone(), owned);
        let listener = Arc::new(listener);
        self.gates.add(name, uri.clone(), gate, &listener);
        let (source, sink) = filters(uri);
        Ok(transport.register_listener(&source, sink.as_ref(), listener).await?)
    }
}
