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

//! Errors and warnings about the configuration, which vsomeip does not report.

use std::path::{Path, PathBuf};

use up_rust::UStatus;

use super::effective::Effective;
use crate::error::invalid_argument;
use crate::stack::{nearest, Problem, StackError};

/// Warns about what vsomeip ignores or misreads. `name` is the name of the file `given` in messages.
pub(super) fn warn_of_reading(
    name: &str,
    given: &Path,
    unreadable: &[StackError],
    problems: &[(PathBuf, Problem)],
) {
    for error in unreadable {
        log::warn!("{error}; vsomeip ignores this file");
    }
    for (path, problem) in problems {
        if path == given {
            log::warn!("{name}: {problem}");
        } else {
            log::warn!("the configuration {}: {problem}", path.display());
        }
    }
}

/// # Errors
///
/// `INVALID_ARGUMENT` if a value would crash vsomeip or has no meaning. The latter is only a warning if
/// the given configuration is overridden.
pub(super) fn check(effective: &Effective, is_overridden: bool) -> Result<(), UStatus> {
    let Effective { config, source, .. } = effective;
    if let Some(text) = id_of_router(effective) {
        return Err(invalid_argument(format!("{source}: {text}")));
    }
    if let Err(error) = config.validate() {
        let text = format!("{source}: {error}");
        if !is_overridden {
            return Err(invalid_argument(text));
        }
        log::warn!("{text}");
    }
    for problem in config.suspicions() {
        log::warn!("{source}: {problem}");
    }
    if let Some(text) = unfit_to_route(effective) {
        log::warn!("{source}: {text}");
    }
    Ok(())
}

/// The client id of the routing manager, which vsomeip would not survive in another application.
pub(super) fn id_of_router(effective: &Effective) -> Option<String> {
    (effective.client_id() == Some(0)).then(|| {
        format!(
            "the application {:?} has the id 0, which is that of the routing manager; write one from \
             0x0001 on, or remove it to let vsomeip choose",
            effective.application
        )
    })
}

pub(super) fn unfit_to_route(effective: &Effective) -> Option<String> {
    is_unfit_to_route(effective).then(|| {
        format!(
            "with `security`, vsomeip does not let {:?} be the routing manager: no application will be \
             registered; name it in `routing`, and give it an `id` in `applications`",
            effective.application
        )
    })
}

/// Whether the own application may become the routing manager, but vsomeip would refuse it, since
/// `security` requires its client id.
fn is_unfit_to_route(effective: &Effective) -> bool {
    let host = effective.config.routing_host().filter(|host| !host.is_empty());
    let is_known = host.is_some() && effective.client_id().is_some();
    let may_route = host.is_none_or(|host| host == effective.application);
    effective.config.security.is_some() && may_route && !is_known
}

/// Warns if there are several dispatcher threads.
pub(super) fn warn_of_disorder(effective: &Effective) {
    if let Some(text) = disorder(effective) {
        log::warn!("{}: {text}", effective.source);
    }
}

pub(super) fn disorder(effective: &Effective) -> Option<String> {
    if effective.one_dispatcher() {
        return None;
    }
    let application = &effective.application;
    let what = match effective.max_dispatchers() {
        Some(count) => format!("`max_dispatchers` of the application {application:?} is {count}"),
        None => format!(
            "there is no `max_dispatchers` for the application {application:?}, where the transport \
             cannot add it, and 10 is vsomeip's default"
        ),
    };
    Some(format!(
        "{what}: vsomeip adds up to that many dispatcher threads while one is blocked for \
         `max_dispatch_time`, so messages may be reordered, and of several listeners for a message \
         only the last may run inline; write `\"max_dispatchers\": \"0\"`"
    ))
}

pub(super) fn warn_unless_listed(effective: &Effective) {
    if let Some(text) = not_listed(effective) {
        log::warn!("{} {text}", effective.source);
    }
}

/// To be read after the name of the configuration.
pub(super) fn not_listed(effective: &Effective) -> Option<String> {
    let Effective { config, application, .. } = effective;
    if effective.own_application().is_some() {
        return None;
    }
    let listed = config.applications.iter().map(|listed| listed.name.as_str());
    let hint =
        nearest(application, listed).map(|name| format!(", or write {name:?} if that is meant"));
    Some(format!(
        "does not list the application {application:?}: vsomeip chooses its client id; list it{}",
        hint.unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::{Application, Security, StackConfig};

    /// Of an application `app`, which may have an id.
    fn secured(routing: &str, id: Option<u16>) -> Effective {
        let config = StackConfig { security: Some(Security::default()), ..StackConfig::default() };
        let mut config = config.with_routing(routing);
        config.applications.push(Application { id, ..Application::new("app", 1) });
        Effective::of(config)
    }

    #[test]
    fn security_needs_id_of_router() {
        assert!(!is_unfit_to_route(&secured("app", Some(1))));
        assert!(!is_unfit_to_route(&secured("other", None)), "another application routes");
        for id in [None, Some(0xffff)] {
            assert!(is_unfit_to_route(&secured("app", id)), "{id:?}");
        }
        assert!(is_unfit_to_route(&secured("", Some(1))), "nobody is named");
        let mut open = secured("app", None);
        open.config.security = None;
        assert!(!is_unfit_to_route(&open));
    }
}
