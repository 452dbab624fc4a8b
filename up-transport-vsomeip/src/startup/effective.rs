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

//! The configuration that vsomeip uses, and the application in it that the transport runs as.

use crate::stack::settle::definitions::CHOSEN_BY_VSOMEIP;
use crate::stack::{Application, StackConfig};

/// The configuration that vsomeip has read.
#[derive(Clone, Debug)]
pub(crate) struct Effective {
    pub(crate) config: StackConfig,
    /// Its origin, for messages.
    pub(crate) source: String,
    /// The name of the transport's own application.
    pub(crate) application: String,
    /// The application that has one dispatcher thread if the configuration does not set
    /// `max_dispatchers`.
    pub(super) completed: Option<String>,
}

impl Effective {
    /// The configuration that vsomeip has read from `source`.
    pub(super) fn new(config: StackConfig, source: String, application: String) -> Self {
        Self { config, source, application, completed: None }
    }

    /// The transport's own application, if it is listed. If not, vsomeip chooses its client id and uses
    /// defaults.
    pub(crate) fn own_application(&self) -> Option<&Application> {
        self.config.application(&self.application)
    }

    /// Whether vsomeip has one dispatcher thread, which keeps messages in order.
    pub(crate) fn one_dispatcher(&self) -> bool {
        match self.max_dispatchers() {
            Some(count) => count == 0,
            None => self.completed.as_ref() == Some(&self.application),
        }
    }

    /// Makes one dispatcher thread the default.
    pub(super) fn complete(&mut self) {
        self.completed = Some(self.application.clone());
    }

    /// The configured number of additional dispatcher threads.
    pub(super) fn max_dispatchers(&self) -> Option<u32> {
        self.own_application()?.max_dispatchers
    }

    /// Whether the own application is listed, or has vsomeip's defaults: later versions of vsomeip have
    /// a section `dispatching` for applications that are not listed.
    pub(super) fn is_listed_or_default(&self) -> bool {
        self.own_application().is_some() || !self.config.other.contains_key("dispatching")
    }

    /// The configured client id; `None` if vsomeip chooses one.
    pub(crate) fn client_id(&self) -> Option<u16> {
        self.own_application()?.id.filter(|id| *id != CHOSEN_BY_VSOMEIP)
    }

    /// The name of the network.
    pub(crate) fn network(&self) -> &str {
        self.config.network.as_deref().unwrap_or("vsomeip")
    }
}

#[cfg(test)]
impl Effective {
    /// The configuration `config` as that of its first application.
    pub(crate) fn of(config: StackConfig) -> Self {
        let application = config.applications[0].name.clone();
        Self::new(config, format!("that of {application}"), application)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two applications, of which the second calls back on two threads.
    fn effective(application: &str) -> Effective {
        let mut config = StackConfig::for_application("first", 0x0101);
        config
            .applications
            .push(Application { max_dispatchers: Some(1), ..Application::new("second", 0xffff) });
        config.applications.push(Application::new("third", 0x0103));
        Effective { application: application.to_owned(), ..Effective::of(config) }
    }

    #[test]
    fn application_is_found_by_name() {
        let id = |name: &str| effective(name).own_application().map(|own| own.id);
        assert_eq!(id("third"), Some(Some(0x0103)));
        assert_eq!(id("fourth"), None);
    }

    #[test]
    fn order_depends_on_own_dispatchers() {
        assert!(effective("first").one_dispatcher());
        assert!(!effective("second").one_dispatcher());
        assert!(!effective("third").one_dispatcher(), "vsomeip's default");
        assert!(!effective("fourth").one_dispatcher(), "not listed");
    }

    #[test]
    fn only_silent_configuration_is_completed() {
        let completed = |application: &str| {
            let mut effective = effective(application);
            effective.complete();
            effective
        };
        for silent in ["third", "fourth"] {
            assert!(completed(silent).one_dispatcher(), "{silent}");
        }
        assert!(!completed("second").one_dispatcher(), "it says 1");
        let other = Effective { application: "fourth".to_owned(), ..completed("third") };
        assert!(!other.one_dispatcher(), "another application");
    }

    #[test]
    fn client_id_may_be_left_to_vsomeip() {
        assert_eq!(effective("first").client_id(), Some(0x0101));
        assert_eq!(effective("second").client_id(), None);
        assert_eq!(effective("fourth").client_id(), None);
    }

    #[test]
    fn network_has_the_default_of_vsomeip() {
        assert_eq!(effective("first").network(), "vsomeip");
        let config = StackConfig::for_application("first", 1).with_network("other");
        assert_eq!(Effective::of(config).network(), "other");
    }
}
