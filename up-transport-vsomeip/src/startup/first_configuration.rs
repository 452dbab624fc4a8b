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

//! Which configuration vsomeip goes by in this process. Up to 3.4, it reads that of the first
//! application, and no other ever after.

use parking_lot::Mutex;
use up_rust::UStatus;

use crate::error::failed_precondition;
use crate::stack::StackConfig;
use crate::vsomeip::version::is_since;

/// The one of this process.
pub(crate) static OF_PROCESS: InForce = InForce::new();

/// What was read first.
pub(crate) struct InForce(Mutex<Option<First>>);

struct First {
    config: StackConfig,
    source: String,
}

impl InForce {
    const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Creates an application, for which vsomeip reads what `source` names, which says `config`.
    ///
    /// # Errors
    ///
    /// Those of `create`, and, if `is_strict`, `FAILED_PRECONDITION` if vsomeip goes by another
    /// configuration; else there is a warning.
    pub(crate) fn create<T>(
        &self,
        version: &str,
        config: &StackConfig,
        source: String,
        is_strict: bool,
        create: impl FnOnce() -> Result<T, UStatus>,
    ) -> Result<T, UStatus> {
        if !reads_one_per_process(version) {
            return create();
        }
        let config = comparable(config);
        // Locked until vsomeip has read it: the first here is the first there.
        let mut first = self.0.lock();
        match &*first {
            None => *first = Some(First { config, source }),
            Some(first) if first.config != config => {
                let text = format!(
                    "vsomeip {version} reads one configuration per process: {} is in force, and \
                     {source} is not read; let both say the same, with the applications of both",
                    first.source
                );
                if is_strict {
                    return Err(failed_precondition(text));
                }
                log::warn!("{text}");
            }
            Some(_) => {}
        }
        create()
    }
}

/// The order of the applications says which is the transport's own, and nothing to vsomeip.
fn comparable(config: &StackConfig) -> StackConfig {
    let mut config = config.clone();
    config.applications.sort_by(|one, other| one.name.cmp(&other.name));
    config
}

/// 3.5.0 and later keep one for each application. Of a version that is not known nothing is assumed.
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

    /// Whether an application with a configuration can be created, being strict.
    fn strictly(in_force: &InForce, version: &str, config: &StackConfig) -> Result<(), UStatus> {
        let source = format!("that of {}", config.applications[0].name);
        in_force.create(version, config, source, true, || Ok(()))
    }

    #[test]
    fn the_first_configuration_is_in_force() {
        let in_force = InForce::new();
        strictly(&in_force, "3.4.10", &config("a")).unwrap();
        strictly(&in_force, "3.4.10", &config("a")).unwrap();
        let error = strictly(&in_force, "3.4.10", &config("b")).unwrap_err();
        assert_eq!(error.get_code(), UCode::FAILED_PRECONDITION);
        assert_eq!(
            error.get_message(),
            "vsomeip 3.4.10 reads one configuration per process: that of a is in force, and that \
             of b is not read; let both say the same, with the applications of both"
        );
        let created = in_force.create("3.4.10", &config("b"), String::new(), false, || Ok(()));
        assert!(created.is_ok(), "only strictness makes it an error");
    }

    #[test]
    fn the_order_of_the_applications_does_not_matter() {
        let in_force = InForce::new();
        let mut both = config("a");
        both.applications.extend(config("b").applications);
        strictly(&in_force, "3.4.10", &both).unwrap();
        both.applications.reverse();
        strictly(&in_force, "3.4.10", &both).unwrap();
    }

    #[test]
    fn later_versions_have_one_for_each_application() {
        for version in ["3.5.0", "3.7.4", "4.0.0", "unknown"] {
            let in_force = InForce::new();
            strictly(&in_force, version, &config("a")).unwrap();
            strictly(&in_force, version, &config("b")).unwrap();
        }
        assert!(reads_one_per_process("3.4.9-r1"));
    }
}
