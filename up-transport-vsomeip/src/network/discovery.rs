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

//! Asks vsomeip which services are offered on the routing manager's host. Available services that are not
//! among them are on another host.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::mpsc::{unbounded_channel, UnboundedReceiver, UnboundedSender};
use vsomeip_sys::callback::OfferedServicesCallback;

use crate::mapping::uri::ServiceInstance;
use crate::network::state::{Monitor, State};
use crate::vsomeip::application::SomeIp;

/// Asks one question at a time, since vsomeip keeps one callback for all answers.
pub(crate) struct Discovery {
    application: Arc<dyn SomeIp>,
    monitor: Arc<Monitor>,
    answered: UnboundedSender<BTreeSet<ServiceInstance>>,
    answers: UnboundedReceiver<BTreeSet<ServiceInstance>>,
    /// The services that were available at the time of the pending question.
    asked: Option<BTreeSet<ServiceInstance>>,
}

impl Discovery {
    pub(crate) fn new(application: Arc<dyn SomeIp>, monitor: Arc<Monitor>) -> Self {
        let (answered, answers) = unbounded_channel();
        Self { application, monitor, answered, answers, asked: None }
    }

    /// Asks, unless a question is pending.
    pub(crate) fn ask(&mut self, state: &State) {
        if self.asked.is_some() {
            return;
        }
        let answered = self.answered.clone();
        let callback = OfferedServicesCallback::new(move |services| {
            // Fails when the transport has ended.
            let _ = answered.send(services.iter().map(ServiceInstance::from).collect());
        });
        match self.application.ask_for_offered_services(callback) {
            Ok(()) => self.asked = Some(state.services.keys().copied().collect()),
            Err(error) => log::warn!("vsomeip cannot be asked for the offered services: {error}"),
        }
    }

    /// Stops waiting for an answer: the routing manager may have died before answering.
    pub(crate) fn give_up(&mut self) {
        self.asked = None;
    }

    /// Waits for an answer, and passes it to the monitor.
    pub(crate) async fn answer(&mut self) {
        // Always `Some`, as `self` holds a sender.
        if let Some(offered) = self.answers.recv().await {
            self.monitor.set_offered(offered, &self.asked.take().unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::state::Location;
    use crate::testing::{service, Call, Vsomeip};

    fn discovery() -> (Arc<Vsomeip>, Arc<Monitor>, Discovery) {
        let (vsomeip, monitor) = (Arc::new(Vsomeip::default()), Arc::new(Monitor::default()));
        let discovery = Discovery::new(Arc::new(vsomeip.mock()), monitor.clone());
        (vsomeip, monitor, discovery)
    }

    #[tokio::test]
    async fn only_one_question_is_pending() {
        let (vsomeip, monitor, mut discovery) = discovery();
        discovery.ask(&monitor.state());
        discovery.ask(&monitor.state());
        assert_eq!(vsomeip.calls(), [Call::AskForOfferedServices]);
        discovery.answered.send(BTreeSet::new()).unwrap();
        discovery.answer().await;
        discovery.ask(&monitor.state());
        assert_eq!(vsomeip.calls(), [Call::AskForOfferedServices]);
        discovery.give_up();
        discovery.ask(&monitor.state());
        assert_eq!(vsomeip.calls(), [Call::AskForOfferedServices]);
    }

    #[tokio::test]
    async fn later_service_has_no_location() {
        let (_vsomeip, monitor, mut discovery) = discovery();
        let version = Some(vsomeip_sys::MajorVersion(1));
        let (here, there, late) = (service(1, 1), service(2, 1), service(3, 1));
        monitor.set_available(here, version, || true);
        monitor.set_available(there, version, || true);
        discovery.ask(&monitor.state());
        monitor.set_available(late, version, || true);
        discovery.answered.send([here].into()).unwrap();
        discovery.answer().await;
        let location = |service| monitor.state().locations.get(&service).copied();
        assert_eq!(location(here), Some(Location::ThisHost));
        assert_eq!(location(there), Some(Location::OtherHost));
        assert_eq!(location(late), None);
    }
}
