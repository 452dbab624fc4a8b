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

//! The configuration that vsomeip uses in this process. Up to 3.4, it reads only that of the first
//! application.

use parking_lot::{Mutex, MutexGuard};
use up_rust::UStatus;

use super::effective::Effective;
use crate::error::failed_precondition;
use crate::stack::StackConfig;
use crate::vsomeip::version::is_since;

/// The first configuration of this process.
pub(crate) static OF_PROCESS: FirstConfiguration = FirstConfiguration::new();

/// The configuration that vsomeip has read first.
pub(crate) struct FirstConfiguration(Mutex<Option<Effective>>);

/// The creation of an application. Turns do not overlap if vsomeip reads one configuration per process.
pub(crate) struct Turn<'a> {
    version: &'a str,
    /// `None` where each application has a configuration of its own.
    first: Option<MutexGuard<'a, Option<Effective>>>,
}

impl FirstConfiguration {
    const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Waits for the turn of an application with this version of vsomeip.
    pub(crate) fn turn<'a>(&'a self, version: &'a str) -> Turn<'a> {
        Turn { version, first: reads_one_per_process(version).then(|| self.0.lock()) }
    }
}

impl Turn<'_> {
    /// The configuration that vsomeip uses for an application with the configuration `own`. Warns if it
    /// is another one.
    ///
    /// # Errors
    ///
    /// `FAILED_PRECONDITION` if it is another configuration and `is_strict`.
    pub(crate) fn in_force(&self, own: Effective, is_strict: bool) -> Result<Effective, UStatus> {
        let Some(first) = self.first.as_deref().and_then(Option::as_ref) else { return Ok(own) };
        if comparable(&first.config) != comparable(&own.config) {
            let text = self.conflict(first, &own);
            if is_strict {
                return Err(failed_precondition(text));
            }
            log::warn!("{text}");
        }
        Ok(Effective { application: own.application, ..first.clone() })
    }

    fn conflict(&self, first: &Effective, own: &Effective) -> String {
        format!(
            "vsomeip {} reads one configuration per process: {} is in force, and {} is not read; \
             give both the same content, with the applications of both",
            self.version, first.source, own.source
        )
    }

    /// Whether vsomeip has read its configuration already, and will read no other.
    pub(crate) fn is_over(&self) -> bool {
        self.first.as_deref().is_some_and(Option::is_some)
    }

    /// Remembers what vsomeip is about to read.
    pub(crate) fn keep(&mut self, in_force: &Effective) {
        if let Some(first) = &mut self.first {
            first.get_or_insert_with(|| in_force.clone());
        }
    }
}

/// Ignores the order of the applications, which has no meaning for vsomeip.
fn comparable(config: &StackConfig) -> StackConfig {
    let mut config = config.clone();
    config.applications.sort_by(|one, other| one.name.cmp(&other.name));
    config
}

/// 3.5.0 and later keep one for each application, and so may an unknown version.
fn reads_one_per_process(version: &str) -> bool {
    is_since(version, [3, 5, 0]) == Some(false)
}

#[cfg(test)]
mod tests {
    use up_rust::UCode;

    use super::*;

    fn config(name: &str) -> StackConfig {
        StackConfig::for_application(name, 1)
    }

    /// What an application goes by after those before it.
    fn create(
        process: &FirstConfiguration,
        version: &str,
        config: StackConfig,
        is_strict: bool,
    ) -> Result<Effective, UStatus> {
        let mut turn = process.turn(version);
        let in_force = turn.in_force(Effective::of(config), is_strict)?;
        turn.keep(&in_force);
        Ok(in_force)
    }

    #[test]
    fn first_configuration_applies_to_process() {
        let process = FirstConfiguration::new();
        create(&process, "3.4.10", config("a").with_network("n"), true).unwrap();
        let second = create(&process, "3.4.10", config("b"), false).unwrap();
        assert_eq!(second.config, config("a").with_network("n"));
        assert_eq!(second.source, "that of a");
        assert_eq!(second.application, "b");
        assert!(second.own_application().is_none(), "not listed in the first");
    }

    /// It was completed for the first application, and no other one can be read.
    #[test]
    fn completion_applies_to_whole_process() {
        let process = FirstConfiguration::new();
        let both = || {
            let mut config = config("a");
            config.applications.extend(self::config("b").applications);
            config.applications.iter_mut().for_each(|it| it.max_dispatchers = None);
            Effective::of(config)
        };
        let mut turn = process.turn("3.4.10");
        assert!(!turn.is_over());
        let mut first = both();
        first.complete();
        turn.keep(&first);
        drop(turn);
        let turn = process.turn("3.4.10");
        assert!(turn.is_over());
        assert!(turn.in_force(both(), true).unwrap().one_dispatcher());
        let second = Effective { application: "b".to_owned(), ..both() };
        assert!(!turn.in_force(second, true).unwrap().one_dispatcher());
        assert!(!process.turn("3.5.0").is_over());
    }

    #[test]
    fn other_configuration_fails_when_strict() {
        let process = FirstConfiguration::new();
        create(&process, "3.4.10", config("a"), true).unwrap();
        create(&process, "3.4.10", config("a"), true).unwrap();
        let error = create(&process, "3.4.10", config("b"), true).unwrap_err();
        assert_eq!(error.get_code(), UCode::FAILED_PRECONDITION);
        assert_eq!(
            error.get_message(),
            "vsomeip 3.4.10 reads one configuration per process: that of a is in force, and that \
             of b is not read; give both the same content, with the applications of both"
        );
    }

    #[test]
    fn unread_configuration_is_not_the_first() {
        let process = FirstConfiguration::new();
        let turn = process.turn("3.4.10");
        turn.in_force(Effective::of(config("a")), true).unwrap();
        // Its client id is in use, so vsomeip never sees it.
        drop(turn);
        let second = create(&process, "3.4.10", config("b"), true).unwrap();
        assert_eq!(second.config, config("b"));
    }

    #[test]
    fn order_of_applications_is_ignored() {
        let process = FirstConfiguration::new();
        let mut both = config("a");
        both.applications.extend(config("b").applications);
        create(&process, "3.4.10", both.clone(), true).unwrap();
        both.applications.reverse();
        let second = create(&process, "3.4.10", both, true).unwrap();
        assert_eq!(second.application, "b");
    }

    #[test]
    fn later_versions_read_one_per_application() {
        for version in ["3.5.0", "3.7.4", "4.0.0", "unknown"] {
            let process = FirstConfiguration::new();
            create(&process, version, config("a"), true).unwrap();
            let second = create(&process, version, config("b"), true).unwrap();
            assert_eq!(second.config, config("b"), "{version}");
        }
        assert!(reads_one_per_process("3.4.9-r1"));
    }
}
