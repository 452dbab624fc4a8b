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

//! `security`.

use super::Findings;
use crate::stack::{
    Credentials, IdBound, IdOrRange, Ids, Permission, Policy, Routing, Security, StackConfig,
};

pub(super) fn check(config: &StackConfig, findings: &mut Findings) {
    let Some(security) = &config.security else { return };
    if *security == Security::default() {
        let what = "is empty, so vsomeip loads libvsomeip-sec.so.1, and checks nothing without it";
        findings.warning("security", what, "add `check_credentials` and `policies`, or remove it");
    }
    for (index, policy) in security.policies.iter().enumerate() {
        check_policy(&format!("security.policies[{index}]"), policy, findings);
    }
    if security.check_credentials == Some(true) && !knows_router(config) {
        let what = "the user and the group of the routing manager are unknown";
        findings.warning("security", what, "add `uid` and `gid` to `routing.host`");
    }
}

fn knows_router(config: &StackConfig) -> bool {
    let host = match &config.routing {
        Some(Routing::Section(section)) => section.host.as_ref(),
        _ => None,
    };
    let in_host = host.is_some_and(|host| host.uid.is_some() && host.gid.is_some());
    let credentials = config.routing_credentials.as_ref();
    in_host || credentials.is_some_and(|router| router.uid.is_some() && router.gid.is_some())
}

fn check_policy(place: &str, policy: &Policy, findings: &mut Findings) {
    match (&policy.allow, &policy.deny) {
        (None, None) => {
            findings.warning(place, "allows and denies nothing", "add `allow` or `deny`");
        }
        (Some(_), Some(_)) => {
            findings.warning(
                place,
                "has both `allow` and `deny`, of which vsomeip uses the last",
                "make it two policies",
            );
        }
        _ => {}
    }
    if let Some(credentials) = &policy.credentials {
        check_credentials(&format!("{place}.credentials"), credentials, findings);
    }
    for (key, permissions) in [("allow", &policy.allow), ("deny", &policy.deny)] {
        let Some(permissions) = permissions else { continue };
        check_permissions(&format!("{place}.{key}.requests"), &permissions.requests, findings);
        check_permissions(&format!("{place}.{key}.offers"), &permissions.offers, findings);
    }
}

fn check_credentials(place: &str, credentials: &Credentials, findings: &mut Findings) {
    if credentials.uid.is_some() != credentials.gid.is_some() {
        findings.warning(place, "has only one of `uid` and `gid`", "add the other, or \"any\"");
    }
    check_ids(&format!("{place}.uid"), credentials.uid.as_ref(), findings);
    check_ids(&format!("{place}.gid"), credentials.gid.as_ref(), findings);
    for (key, list) in [("allow", &credentials.allow), ("deny", &credentials.deny)] {
        for (index, ids) in list.iter().enumerate() {
            for (id, ids) in [("uid", &ids.uid), ("gid", &ids.gid)] {
                let place = format!("{place}.{key}[{index}].{id}");
                if matches!(ids, None | Some(Ids::One(_))) {
                    let what = "is missing or not a list, so it matches no process";
                    findings.warning(&place, what, "write a list such as [\"1000\"], or \"any\"");
                }
                check_ids(&place, ids.as_ref(), findings);
            }
        }
    }
}

fn check_ids(place: &str, ids: Option<&Ids>, findings: &mut Findings) {
    let Some(Ids::List(list)) = ids else { return };
    for (index, id) in list.iter().enumerate() {
        let IdOrRange::Range(range) = id else { continue };
        let place = format!("{place}[{index}]");
        match (range.first.map(IdBound::value), range.last.map(IdBound::value)) {
            (Some(first), Some(last)) if first > last => {
                findings.warning(place, "`first` is after `last`", "swap them");
            }
            (Some(_), Some(_)) => {}
            _ => findings.warning(place, "lacks `first` or `last`", "write both ends"),
        }
    }
}

fn check_permissions(place: &str, permissions: &[Permission], findings: &mut Findings) {
    for (index, permission) in permissions.iter().enumerate() {
        let place = format!("{place}[{index}]");
        findings.id(format!("{place}.service"), permission.service);
        let instance = permission.instance.as_deref();
        if instance.is_none() && !permission.other.contains_key("instances") {
            findings.warning(place, "is for no instance", "add `instance`, or `instances`");
        }
    }
}
