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

//! Diagnoses problems that vsomeip only logs, if at all, by comparing the configuration with the
//! interfaces, routes and sockets of the system. Uses `network`, the effective configuration, and
//! mappings.

mod checks;
pub(crate) mod examination;
mod expected;
mod facts;
mod sockets;
mod tables;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use expected::Expected;

use crate::mapping::uri::ServiceInstance;
use crate::network::problem::Problem;
use expected::{Port, User};
use facts::{interfaces, Glance, Inquiry};

/// How often a port is retried. The service is unavailable for a moment each time, and retrying fails if
/// another application offers another service at the port.
const MAX_ATTEMPTS: u8 = 5;

/// The results of one inspection.
#[derive(Debug, Default, PartialEq, Eq)]
struct Findings {
    /// Problems other than those with ports.
    problems: BTreeSet<Problem>,
    /// Ports in use by another program.
    taken: BTreeSet<(User, Port)>,
    /// Needed ports that are not open.
    closed: BTreeSet<(User, Port)>,
}

/// The confirmed problems, and services to reoffer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Diagnosed {
    pub(crate) problems: BTreeSet<Problem>,
    /// Services to offer again, so that vsomeip retries their ports.
    pub(crate) closed: BTreeSet<ServiceInstance>,
}

/// The number of inspections without a change or a problem after which full ones become rare, and how
/// many are skipped then.
const SETTLED: u32 = 5;
const RARELY: u32 = 15;

/// The state between inspections.
pub(crate) struct Diagnosis {
    expected: Expected,
    inquiry: Inquiry,
    last: Option<Glance>,
    /// The number of inspections in a row without a change or a problem.
    calm: u32,
    /// The problems that the last inspection found.
    suspected: BTreeSet<Problem>,
    /// Ports that vsomeip could not open, and how often they were retried since they are free.
    unopened: BTreeMap<(User, Port), u8>,
}

impl Diagnosis {
    pub(crate) fn new(expected: Expected) -> Self {
        let (suspected, unopened) = (BTreeSet::new(), BTreeMap::new());
        let inquiry = Inquiry::default();
        Self { expected, inquiry, last: None, calm: 0, suspected, unopened }
    }

    /// Inspects the system; `offered` are the services that the transport offers. Takes some hundred
    /// microseconds, and longer with thousands of open files or sockets; a fraction of that while nothing
    /// changes and there is no problem.
    pub(crate) fn look(
        &mut self,
        is_registered: bool,
        offered: BTreeSet<ServiceInstance>,
    ) -> Diagnosed {
        let interfaces = interfaces(self.expected.group);
        let glance = Glance { is_registered, offered, interfaces };
        if !self.is_needed(&glance) {
            return Diagnosed::default();
        }
        let facts = self.inquiry.facts(&self.expected, &glance);
        self.last = Some(glance);
        self.confirm(checks::find(&self.expected, &facts))
    }

    /// Whether there is a reason for more than a glance.
    fn is_needed(&mut self, glance: &Glance) -> bool {
        let is_well = self.suspected.is_empty() && self.unopened.is_empty();
        let is_calm = is_well && glance.is_registered && self.last.as_ref() == Some(glance);
        self.calm = if is_calm { self.calm.wrapping_add(1) } else { 0 };
        self.calm < SETTLED || self.calm.is_multiple_of(RARELY)
    }

    /// Confirms what two inspections in a row have found, since much is only transient while vsomeip
    /// starts.
    fn confirm(&mut self, found: Findings) -> Diagnosed {
        let Findings { mut problems, taken, closed } = found;
        // vsomeip may have other reasons not to open a port that was never in use.
        self.unopened.retain(|port, _| closed.contains(port));
        let mut services = BTreeSet::new();
        for ((user, _), attempts) in &mut self.unopened {
            if let User::Service(service) = *user {
                if *attempts < MAX_ATTEMPTS {
                    *attempts += 1;
                    services.insert(service);
                }
            }
        }
        self.unopened.extend(taken.into_iter().map(|port| (port, 0)));
        problems.extend(self.unopened.keys().map(|(user, port)| port_in_use(*user, *port)));
        let before = std::mem::replace(&mut self.suspected, problems);
        Diagnosed { problems: &before & &self.suspected, closed: services }
    }
}

fn port_in_use(user: User, port: Port) -> Problem {
    let Port { is_tcp, number: port } = port;
    match user {
        User::Service(service) => Problem::PortInUse { service, port, is_tcp },
        User::Discovery => Problem::DiscoveryPortInUse { port },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::StackConfig;
    use crate::startup::{Effective, NetworkFiles};
    use crate::testing::service;

    fn diagnosis() -> Diagnosis {
        let config = Effective::of(StackConfig::for_application("a", 1));
        let files = NetworkFiles::in_folder("/tmp".as_ref(), "net");
        Diagnosis::new(Expected::of(&config, files, true))
    }

    const PORT: Port = Port { is_tcp: false, number: 1 };

    fn needed(id: u16) -> (User, Port) {
        (User::Service(service(id, 1)), PORT)
    }

    fn closed(ports: &[(User, Port)]) -> Findings {
        Findings { closed: ports.iter().copied().collect(), ..Findings::default() }
    }

    fn taken(ports: &[(User, Port)]) -> Findings {
        Findings { taken: ports.iter().copied().collect(), ..Findings::default() }
    }

    fn in_use(ids: &[u16]) -> BTreeSet<Problem> {
        ids.iter().map(|id| port_in_use(needed(*id).0, PORT)).collect()
    }

    #[test]
    fn single_observation_is_no_problem() {
        let mut diagnosis = diagnosis();
        let lost = Problem::NoRoutingManager { host: None };
        let mut problems = |found: &[&Problem]| {
            let problems = found.iter().copied().cloned().collect();
            diagnosis.confirm(Findings { problems, ..Findings::default() }).problems
        };
        assert_eq!(problems(&[&lost]), [].into());
        assert_eq!(problems(&[&lost]), [lost.clone()].into());
        assert_eq!(problems(&[]), [].into());
        assert_eq!(problems(&[&lost]), [].into());
    }

    #[test]
    fn port_is_in_use_until_it_is_open() {
        let mut diagnosis = diagnosis();
        let (first, second) = (needed(1), needed(2));
        assert_eq!(diagnosis.confirm(taken(&[first])).problems, [].into());
        let Diagnosed { problems, closed: again } = diagnosis.confirm(closed(&[first, second]));
        assert_eq!((problems, again), (in_use(&[1]), [service(1, 1)].into()));
        let Diagnosed { problems, closed: again } = diagnosis.confirm(taken(&[first]));
        assert_eq!((problems, again), (in_use(&[1]), [].into()));
        assert_eq!(diagnosis.confirm(closed(&[])), Diagnosed::default());
        assert_eq!(diagnosis.confirm(closed(&[first])), Diagnosed::default());
    }

    #[test]
    fn closed_port_is_retried_a_few_times() {
        let mut diagnosis = diagnosis();
        let ports = [needed(1), (User::Discovery, PORT)];
        let mut attempts = |found: fn(&[_]) -> Findings| {
            diagnosis.confirm(found(&ports));
            let looks = (0..20).map(|_| diagnosis.confirm(closed(&ports)));
            looks.filter(|it| it.closed == [service(1, 1)].into()).count()
        };
        assert_eq!(attempts(closed), 0);
        assert_eq!(attempts(taken), usize::from(MAX_ATTEMPTS));
        assert_eq!(attempts(taken), usize::from(MAX_ATTEMPTS), "and anew when it was taken again");
    }
    fn glance() -> Glance {
        Glance { is_registered: true, offered: [service(1, 1)].into(), interfaces: None }
    }

    /// How many of the next looks are more than a glance.
    fn thorough(diagnosis: &mut Diagnosis, glance: &Glance, looks: u32) -> u32 {
        (0..looks).map(|_| u32::from(diagnosis.is_needed(glance))).sum()
    }

    fn calm() -> Diagnosis {
        let mut diagnosis = diagnosis();
        diagnosis.last = Some(glance());
        assert_eq!(thorough(&mut diagnosis, &glance(), SETTLED + 2 * RARELY), SETTLED - 1 + 2);
        diagnosis
    }

    #[test]
    fn change_ends_calm() {
        for changed in [
            Glance { is_registered: false, ..glance() },
            Glance { offered: [].into(), ..glance() },
            Glance { interfaces: Some(Vec::new()), ..glance() },
        ] {
            let mut diagnosis = calm();
            assert_eq!(thorough(&mut diagnosis, &changed, 1), 1, "{changed:?}");
            diagnosis.last = Some(changed);
            assert_eq!(thorough(&mut diagnosis, &glance(), SETTLED), SETTLED);
        }
    }

    #[test]
    fn suspicion_ends_calm() {
        let mut diagnosis = calm();
        diagnosis.confirm(taken(&[needed(1)]));
        assert_eq!(thorough(&mut diagnosis, &glance(), RARELY), RARELY);
        let mut diagnosis = calm();
        let problems = [Problem::NoRoutingManager { host: None }].into();
        diagnosis.confirm(Findings { problems, ..Findings::default() });
        assert_eq!(thorough(&mut diagnosis, &glance(), RARELY), RARELY);
    }

    #[test]
    fn unregistered_application_is_never_calm() {
        let mut diagnosis = diagnosis();
        let waiting = Glance { is_registered: false, ..glance() };
        diagnosis.last = Some(Glance { is_registered: false, ..glance() });
        assert_eq!(thorough(&mut diagnosis, &waiting, 4 * RARELY), 4 * RARELY);
    }
}
