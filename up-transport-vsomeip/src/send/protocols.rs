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

//! Over which protocol a request goes to a service of another host: what the builder says, else what
//! vsomeip's configuration lists, else what service discovery announces, else the builder's default.
//! Inside the host it makes no difference.

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
use crate::network::state::{Monitor, Place};
use crate::protocol::{Protocol, Protocols};
use rules::Preference;

pub(crate) use rules::{Rules, Told};

/// For how long an announcement is waited for before a protocol is assumed. Offers are repeated every
/// second or two, as a rule.
const MAX_WAIT: Duration = Duration::from_secs(3);

pub(super) const REMEDY: &str =
    "name its protocol by `TransportBuilder::protocol`, or list the service with \
                      the `unicast` of its host and its port in `services` of vsomeip's \
                      configuration";

/// Which protocol a request takes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Choice {
    Over(Protocol),
    /// Which protocols the service has may become known soon; this is the best guess until then.
    Unknown(Protocol),
    /// The service does not have the one that it must take.
    Impossible(UStatus),
}

pub(super) struct ProtocolChoice {
    rules: Rules,
    /// Whether services on other hosts are found.
    discovers: bool,
    monitor: Arc<Monitor>,
    announcements: Arc<Announcements>,
}

/// The choice for a service, as long as nothing has changed.
#[derive(Default)]
pub(crate) struct LastChoice {
    /// What was chosen, and the number of changes at that time.
    chosen: AtomicU64,
    assumption: Mutex<Assumption>,
}

/// What to do while it is not known which protocols a service has.
#[derive(Clone, Copy, Default)]
enum Assumption {
    #[default]
    None,
    /// Wait for an announcement until then.
    Wait(Instant),
    /// Take this protocol, which was not the first one if it has a beginning.
    Assume(Protocol, Option<Instant>),
}

impl LastChoice {
    /// Until when an announcement is waited for: for `patience` from the first time on that this is
    /// asked, however many ask.
    fn wait(&self, now: Instant, patience: Duration) -> Instant {
        let mut assumption = self.assumption.lock();
        match *assumption {
            Assumption::Assume(..) => now,
            // If that is long over, the service went and came back.
            Assumption::Wait(until) if now < until + MAX_WAIT => until,
            Assumption::None | Assumption::Wait(_) => {
                *assumption = Assumption::Wait(now + patience);
                now + patience
            }
        }
    }

    /// It is known now.
    fn no_longer_wait(&self) {
        let mut assumption = self.assumption.lock();
        if let Assumption::Wait(_) = *assumption {
            *assumption = Assumption::None;
        }
    }

    /// Assumes `protocol` from now on, unless another one is assumed already.
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

    /// Assumes the other protocol if a request got no answer within `ttl`, unless it may have been sent
    /// under the assumption before.
    fn refute(&self, ttl: Duration) {
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

    /// The protocol for a method of a service; `last` is that service's last choice.
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

    /// It changes with everything that a choice depends on.
    fn changes(&self) -> u32 {
        self.monitor.changes().wrapping_add(self.announcements.changes())
    }

    fn choose(&self, service: ServiceInstance, method: MethodId) -> Choice {
        let preference = self.rules.preference(service, method);
        let place = self.monitor.place_of(service);
        if place == Some(Place::ThisHost) {
            return Choice::Over(preference.protocol());
        }
        match (preference, self.offered(service)) {
            (Preference::Must(protocol), Some(announced)) if !announced.has(protocol) => {
                Choice::Impossible(not_over(service, protocol, announced))
            }
            (Preference::Must(protocol) | Preference::Listed(protocol), None) => {
                self.want_proof(service, place);
                Choice::Over(protocol)
            }
            (preference, Some(announced)) => {
                Choice::Over(announced.only().unwrap_or(preference.protocol()))
            }
            (Preference::Default(protocol), None) if self.discovers => {
                self.want_proof(service, place);
                Choice::Unknown(protocol)
            }
            (Preference::Default(protocol), None) => Choice::Over(protocol),
        }
    }

    /// The protocols that a service has; without service discovery, those that are listed.
    fn offered(&self, service: ServiceInstance) -> Option<Protocols> {
        let listed = || self.rules.listed(service).filter(|_| !self.discovers);
        self.announcements.of(service).or_else(listed)
    }

    fn want_proof(&self, service: ServiceInstance, place: Option<Place>) {
        if place.is_some() {
            self.announcements.want_proof(service);
        }
    }

    /// Whether it can still turn out what a service has.
    fn may_be_announced(&self, service: ServiceInstance) -> bool {
        // Whatever method: what the rules say of one alone is no reason to wait for another.
        matches!(self.choose(service, MethodId::ANY), Choice::Unknown(_))
            && (self.announcements.is_listening() || self.monitor.place_of(service).is_none())
    }

    /// Waits until it is known what an available service has, for half of the time until `deadline` at
    /// most, and assumes something then.
    pub(super) async fn settle(
        &self,
        service: ServiceInstance,
        last: &LastChoice,
        deadline: Instant,
    ) {
        let now = Instant::now();
        let patience = (deadline.saturating_duration_since(now) / 2).min(MAX_WAIT);
        let until = last.wait(now, patience);
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
        // Whether in time or not: what is unknown then is assumed.
        let _ = timeout_at(until, known).await;
        match self.choose(service, MethodId::ANY) {
            Choice::Unknown(protocol) => last.assume(protocol),
            Choice::Over(_) | Choice::Impossible(_) => last.no_longer_wait(),
        }
    }

    /// What there is to say when no response came within `ttl`, if it is not known that the service has
    /// the protocol. Where that was assumed, the other one is from then on.
    pub(super) fn doubt(
        &self,
        service: ServiceInstance,
        last: &LastChoice,
        ttl: Duration,
    ) -> Option<UStatus> {
        let is_unknown = self.announcements.of(service).is_none();
        if !is_unknown || !self.discovers || !self.monitor.is_on_other_host(service) {
            return None;
        }
        last.refute(ttl);
        Some(unavailable(format!(
            "service {service} did not answer, and none of its offers was heard: it may not have the \
             protocol that the request took; {REMEDY}"
        )))
    }

    /// Whether a service is on another host, as far as that is known.
    pub(super) fn is_elsewhere(&self, service: ServiceInstance) -> bool {
        match self.monitor.place_of(service) {
            Some(place) => place == Place::OtherHost,
            None => self.announcements.of(service).is_some(),
        }
    }
}

fn not_over(service: ServiceInstance, protocol: Protocol, announced: Protocols) -> UStatus {
    let has = announced.only().map_or_else(String::new, |only| format!(", but over {only}"));
    unavailable(format!(
        "service {service} is not offered over {protocol}, which `TransportBuilder::protocol` says{has}: \
         have it say something else, or nothing"
    ))
}

#[cfg(test)]
mod tests;
