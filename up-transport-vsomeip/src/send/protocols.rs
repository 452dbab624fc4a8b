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

//! Chooses UDP or TCP for requests to other hosts: what the builder sets, else what vsomeip's configuration
//! lists, else what service discovery announces, else the builder's default. Within the host, it makes no
//! difference.

mod rules;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{timeout_at, Instant};
use up_rust::UStatus;
use vsomeip_sys::MethodId;

use crate::error::unavailable;
use crate::mapping::uri::ServiceInstance;
use crate::network::announcements::Announcements;
use crate::network::state::{Location, Monitor};
use crate::protocol::{Protocol, Protocols};
use rules::Preference;

pub(crate) use rules::{ProtocolOverrides, Rules};

/// The longest wait for an announcement before a protocol is assumed. Offers are usually repeated every
/// second or two.
const MAX_WAIT: Duration = Duration::from_secs(3);

pub(super) const REMEDY: &str =
    "set its protocol by `TransportBuilder::protocol`, or list the service with \
                      the `unicast` of its host and its port in `services` of vsomeip's \
                      configuration";

/// The choice for a request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Choice {
    Over(Protocol),
    /// The protocols of the service may become known soon; this is the best guess until then.
    Unknown(Protocol),
    /// The service does not have the required one.
    Impossible(UStatus),
}

pub(super) struct ProtocolChoice {
    rules: Rules,
    /// Whether service discovery is enabled.
    discovers: bool,
    monitor: Arc<Monitor>,
    announcements: Arc<Announcements>,
}

/// The last choice for a service, valid until something changes.
#[derive(Default)]
pub(crate) struct LastChoice {
    /// The change counter in the upper half, and the protocol.
    chosen: AtomicU64,
    assumption: Mutex<Assumption>,
}

/// What to do while the protocols of a service are unknown.
#[derive(Clone, Copy, Default)]
enum Assumption {
    #[default]
    None,
    /// Wait for an announcement until then.
    Wait(Instant),
    /// Use this protocol, since that time if it is not the first assumption.
    Assume(Protocol, Option<Instant>),
}

impl LastChoice {
    /// The end of the wait for an announcement: `timeout` after the first call, for all callers.
    fn wait(&self, now: Instant, timeout: Duration) -> Instant {
        let mut assumption = self.assumption.lock();
        match *assumption {
            Assumption::Assume(..) => now,
            // If that was long ago, the service went away and came back.
            Assumption::Wait(until) if now < until + MAX_WAIT => until,
            Assumption::None | Assumption::Wait(_) => {
                *assumption = Assumption::Wait(now + timeout);
                now + timeout
            }
        }
    }

    fn stop_waiting(&self) {
        let mut assumption = self.assumption.lock();
        if let Assumption::Wait(_) = *assumption {
            *assumption = Assumption::None;
        }
    }

    /// Assumes `protocol`, unless one is assumed already.
    fn assume(&self, protocol: Protocol) {
        let mut assumption = self.assumption.lock();
        if !matches!(*assumption, Assumption::Assume(..)) {
            *assumption = Assumption::Assume(protocol, None);
        }
    }

    fn assumed(&self) -> Option<Protocol> {
        match *self.assumption.lock() {
            Assumption::Assume(protocol, _) => Some(protocol),
            Assumption::None | Assumption::Wait(_) => None,
        }
    }

    /// Assumes the other protocol after a request got no answer within `ttl`, unless it may have been sent
    /// under the previous assumption.
    fn switch(&self, ttl: Duration) {
        let now = Instant::now();
        if let Assumption::Assume(protocol, since) = &mut *self.assumption.lock() {
            if since.is_none_or(|since| now.duration_since(since) >= ttl) {
                (*protocol, *since) = (protocol.other(), Some(now));
            }
        }
    }

    fn get(&self, changes: u32) -> Option<Protocol> {
        let chosen = self.chosen.load(Ordering::Relaxed);
        (chosen >> 32 == u64::from(changes)).then_some(())?;
        match chosen & 0xff {
            1 => Some(Protocol::Udp),
            2 => Some(Protocol::Tcp),
            _ => None,
        }
    }

    fn set(&self, changes: u32, protocol: Protocol) {
        let protocol = if protocol.is_reliable() { 2 } else { 1 };
        self.chosen.store(u64::from(changes) << 32 | protocol, Ordering::Relaxed);
    }
}

impl ProtocolChoice {
    pub(super) fn new(
        rules: Rules,
        discovers: bool,
        monitor: Arc<Monitor>,
        announcements: Arc<Announcements>,
    ) -> Self {
        Self { rules, discovers, monitor, announcements }
    }

    /// Chooses the protocol for a method of a service, whose last choice is `last`.
    pub(super) fn of(
        &self,
        service: ServiceInstance,
        method: MethodId,
        last: &LastChoice,
    ) -> Choice {
        let changes = self.changes();
        if let Some(protocol) = last.get(changes) {
            return Choice::Over(protocol);
        }
        match self.choose(service, method) {
            Choice::Unknown(protocol) => match last.assumed() {
                Some(assumed) => Choice::Over(assumed),
                None => Choice::Unknown(protocol),
            },
            Choice::Over(protocol) => {
                if !self.rules.distinguish_methods_of(service) {
                    last.set(changes, protocol);
                }
                Choice::Over(protocol)
            }
            choice => choice,
        }
    }

    /// A number that changes with everything a choice depends on.
    fn changes(&self) -> u32 {
        self.monitor.changes().wrapping_add(self.announcements.changes())
    }

    fn choose(&self, service: ServiceInstance, method: MethodId) -> Choice {
        let preference = self.rules.preference(service, method);
        let location = self.monitor.location_of(service);
        if location == Some(Location::ThisHost) {
            return Choice::Over(preference.protocol());
        }
        match (preference, self.offered(service)) {
            (Preference::Required(protocol), Some(announced)) if !announced.has(protocol) => {
                Choice::Impossible(not_over(service, protocol, announced))
            }
            (Preference::Required(protocol) | Preference::Listed(protocol), None) => {
                self.request_confirmation(service, location);
                Choice::Over(protocol)
            }
            (preference, Some(announced)) => {
                Choice::Over(announced.only().unwrap_or(preference.protocol()))
            }
            (Preference::Default(protocol), None) if self.discovers => {
                self.request_confirmation(service, location);
                Choice::Unknown(protocol)
            }
            (Preference::Default(protocol), None) => Choice::Over(protocol),
        }
    }

    /// The announced protocols of a service; without service discovery, the listed ones.
    fn offered(&self, service: ServiceInstance) -> Option<Protocols> {
        let listed = || self.rules.listed(service).filter(|_| !self.discovers);
        self.announcements.of(service).or_else(listed)
    }

    fn request_confirmation(&self, service: ServiceInstance, location: Option<Location>) {
        if location.is_some() {
            self.announcements.request_confirmation(service);
        }
    }

    /// Whether the protocols of a service may still become known.
    fn may_be_announced(&self, service: ServiceInstance) -> bool {
        // Rules for single methods do not count.
        matches!(self.choose(service, MethodId::ANY), Choice::Unknown(_))
            && (self.announcements.is_listening() || self.monitor.location_of(service).is_none())
    }

    /// Waits until the protocols of an available service are known, for at most half of the time until
    /// `deadline`. After that, assumes one.
    pub(super) async fn resolve(
        &self,
        service: ServiceInstance,
        last: &LastChoice,
        deadline: Instant,
    ) {
        let now = Instant::now();
        let timeout = (deadline.saturating_duration_since(now) / 2).min(MAX_WAIT);
        let until = last.wait(now, timeout);
        let known = async {
            let (mut state, mut announced) = (self.monitor.watch(), self.announcements.watch());
            while self.may_be_announced(service) {
                let is_over = tokio::select! {
                    changed = state.changed() => changed.is_err(),
                    changed = announced.changed() => changed.is_err(),
                };
                if is_over {
                    return;
                }
            }
        };
        // After a timeout, the choice is still unknown.
        let _ = timeout_at(until, known).await;
        match self.choose(service, MethodId::ANY) {
            Choice::Unknown(protocol) => last.assume(protocol),
            Choice::Over(_) | Choice::Impossible(_) => last.stop_waiting(),
        }
    }

    /// Explains why no response came within `ttl`, if the service may not have the protocol. If that was
    /// assumed, assumes the other one from now on.
    pub(super) fn explain_silence(
        &self,
        service: ServiceInstance,
        last: &LastChoice,
        ttl: Duration,
    ) -> Option<UStatus> {
        let is_unknown = self.announcements.of(service).is_none();
        if !is_unknown || !self.discovers || !self.monitor.is_on_other_host(service) {
            return None;
        }
        last.switch(ttl);
        Some(unavailable(format!(
            "service {service} did not answer, and no offer of it was received: it may not have the \
             protocol of the request; {REMEDY}"
        )))
    }

    /// Whether a service is known to be on another host.
    pub(super) fn is_remote(&self, service: ServiceInstance) -> bool {
        match self.monitor.location_of(service) {
            Some(location) => location == Location::OtherHost,
            None => self.announcements.of(service).is_some(),
        }
    }
}

fn not_over(service: ServiceInstance, protocol: Protocol, announced: Protocols) -> UStatus {
    let has = announced.only().map_or_else(String::new, |only| format!(" but over {only}"));
    unavailable(format!(
        "service {service} is not offered over {protocol}{has}; change or remove its \
         `TransportBuilder::protocol`"
    ))
}

#[cfg(test)]
mod tests;
