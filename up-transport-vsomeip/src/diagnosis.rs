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

//! Finds out what keeps the transport from working, of which vsomeip tells its log at most: compares
//! what the configuration expects with what the system says. Uses the network's state, the effective
//! configuration, and mappings.
//!
//! Nothing here depends on vsomeip's version: it looks at interfaces, routes, and the sockets that
//! vsomeip has or has not opened.

mod checks;
mod expected;
mod facts;
mod tables;

use std::collections::BTreeSet;

pub(crate) use expected::Expected;

use crate::mapping::uri::ServiceInstance;
use crate::network::problem::Problem;
use facts::Facts;

/// What a look has found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    pub(crate) problems: BTreeSet<Problem>,
    /// Services with a port that nobody has opened, though they are offered.
    pub(crate) closed: BTreeSet<ServiceInstance>,
}

/// Looks again and again.
pub(crate) struct Diagnosis {
    expected: Expected,
    /// What the last look has found.
    suspected: Findings,
    /// Services whose ports vsomeip could not open.
    unopened: BTreeSet<ServiceInstance>,
}

impl Diagnosis {
    pub(crate) fn new(expected: Expected) -> Self {
        Self { expected, suspected: Findings::default(), unopened: BTreeSet::new() }
    }

    /// Looks at the system; `offered` are the services that the transport offers. Costs tens of
    /// microseconds, and more with many open files or sockets.
    pub(crate) fn look(
        &mut self,
        is_registered: bool,
        offered: &BTreeSet<ServiceInstance>,
    ) -> Findings {
        let facts = Facts::collect(&self.expected, is_registered, offered);
        self.confirm(checks::find(&self.expected, &facts))
    }

    /// What two looks in a row have found: much is true for a moment while vsomeip starts. Of the
    /// closed ports, those that were taken before: vsomeip may have other reasons to wait.
    fn confirm(&mut self, found: Findings) -> Findings {
        let taken = found.problems.iter().filter_map(Problem::unreachable_service);
        let closed = self.unopened.intersection(&found.closed).copied();
        self.unopened = closed.chain(taken).collect();
        let before = std::mem::replace(&mut self.suspected, found);
        Findings {
            problems: &before.problems & &self.suspected.problems,
            closed: &self.unopened & &self.suspected.closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::StackConfig;
    use crate::startup::Effective;
    use crate::testing::service;

    #[test]
    fn what_is_seen_once_is_no_problem() {
        let config = Effective::of(StackConfig::for_application("a", 1));
        let mut diagnosis = Diagnosis::new(Expected::of(&config, "/tmp".into()));
        let found = |problem: Option<Problem>| Findings {
            problems: problem.into_iter().collect(),
            ..Findings::default()
        };
        let lost = || Some(Problem::NoRoutingManager { host: None });
        assert_eq!(diagnosis.confirm(found(lost())), Findings::default());
        assert_eq!(diagnosis.confirm(found(lost())), found(lost()));
        assert_eq!(diagnosis.confirm(found(None)), found(None));
        assert_eq!(diagnosis.confirm(found(lost())), found(None));
    }

    #[test]
    fn closed_port_counts_if_it_was_taken() {
        let config = Effective::of(StackConfig::for_application("a", 1));
        let mut diagnosis = Diagnosis::new(Expected::of(&config, "/tmp".into()));
        let closed = |services: &[_]| Findings {
            closed: services.iter().copied().collect(),
            ..Findings::default()
        };
        let (first, second) = (service(1, 1), service(2, 1));
        let taken = Problem::PortInUse { service: first, port: 1, is_tcp: false };
        assert_eq!(diagnosis.confirm(closed(&[first])), Findings::default());
        let found = Findings { problems: [taken].into(), closed: [second].into() };
        assert_eq!(diagnosis.confirm(found), Findings::default());
        // Until it is open.
        assert_eq!(diagnosis.confirm(closed(&[first, second])), closed(&[first]));
        assert_eq!(diagnosis.confirm(closed(&[first])), closed(&[first]));
        assert_eq!(diagnosis.confirm(closed(&[])), Findings::default());
        assert_eq!(diagnosis.confirm(closed(&[first])), Findings::default());
    }
}
