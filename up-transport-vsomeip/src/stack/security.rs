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

//! `security`: which processes may offer and use which services; and `e2e`.

use super::read::Tree;
use super::understand::declaring::sections;
use super::understand::field::{scalar, Brief, Field, ShortOrLong};
use super::understand::repeated::Rule;
use super::understand::schema::HasSchema;
use super::understand::section::Section;
use super::understand::text::{Either, Form, Hex, Read, Text, Token, Word};
use super::warn::Notes;

sections! {
    /// Access control between processes. Without this section, there are no restrictions; if it is
    /// empty, vsomeip loads a library `libvsomeip-sec.so.1`, which decides.
    pub struct Security: First looked_up {
        /// Whether policies are enforced; false by default.
        "check_credentials" as Word => check_credentials: Option<bool>,
        /// Whether other hosts may use services of this host; true by default.
        "allow_remote_clients" as Word => allow_remote_clients: Option<bool>,
        /// The policies.
        "policies" => policies: Vec<Policy>,
    }

    /// A policy for some processes, with either `allow` or `deny`.
    pub struct Policy: Last {
        /// The processes; other hosts if absent.
        "credentials" => credentials: Option<Credentials>,
        /// The only things that they may do.
        "allow" => allow: Option<Permissions>,
        /// The things that they may not do.
        "deny" => deny: Option<Permissions>,
    }

    /// Processes, by their ids, or by lists of users and groups.
    pub struct Credentials: Last {
        /// The user ids; together with `gid`.
        "uid" as Several => uid: Option<Ids>,
        /// The group ids; together with `uid`.
        "gid" as Several => gid: Option<Ids>,
        /// Only these processes.
        "allow" => allow: Vec<UserAndGroup>,
        /// All processes except for these.
        "deny" => deny: Vec<UserAndGroup>,
    }

    /// Processes with these ids.
    pub struct UserAndGroup: Last {
        /// The user ids: any, or a list.
        "uid" as Several => uid: Option<Ids>,
        /// The group ids: any, or a list.
        "gid" as Several => gid: Option<Ids>,
    }

    /// What a policy allows or denies.
    pub struct Permissions: Last {
        /// Using these services.
        "requests" => requests: Vec<Permission>,
        /// Offering these services.
        "offers" => offers: Vec<Permission>,
    }

    /// A permission for a service. `instances` is also possible, see vsomeip's documentation.
    pub struct Permission: Last {
        /// The service id; required.
        "service" as Hex => service: u16,
        /// The instance id, or `any`.
        "instance" as Text => instance: Option<String>,
    }

    /// An inclusive range of ids.
    pub struct IdRange: Last {
        /// The first id; `min` for the lowest.
        "first" as Word => first: Option<IdBound>,
        /// The last id; `max` for the highest.
        "last" as Word => last: Option<IdBound>,
    }

    /// E2E protection: checksums and counters for payloads of certain events and methods between hosts.
    pub struct E2e: Last {
        /// Whether protection is on; false by default.
        "e2e_enabled" as Word [True] => e2e_enabled: Option<bool>,
        /// The protected events and methods.
        "protected" => protected: Vec<E2eProtected>,
    }

    /// The protection of an event, or of the requests and responses of a method. Further keys depend on
    /// the profile.
    pub struct E2eProtected: Last {
        /// The service id; required.
        "service_id" as Hex => service_id: u16,
        /// The id of the event or method; required.
        "event_id" as Hex => event_id: u16,
        /// `protector` for what is sent, `checker` for what is received, or `both`.
        "variant" as Token => variant: Option<String>,
        /// The profile: `CRC8` or `P01`, `CRC32` or `CSTM`, `P04`, `P07`, or `P05` since vsomeip 3.5.0.
        "profile" as Token => profile: Option<String>,
    }
}

/// Ids of users or groups.
#[derive(Clone, Debug, PartialEq)]
pub enum Ids {
    /// All ids.
    Any,
    /// One id.
    One(u32),
    /// A list of ids and ranges.
    List(Vec<IdOrRange>),
}

/// An id or a range of ids.
#[derive(Clone, Debug, PartialEq)]
pub enum IdOrRange {
    /// One id.
    One(u32),
    /// A range.
    Range(IdRange),
}

/// An end of an [`IdRange`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdBound {
    /// The lowest possible id.
    Min,
    /// The highest possible id.
    Max,
    /// This id.
    Id(u32),
}

impl IdBound {
    /// The id.
    pub fn value(self) -> u32 {
        match self {
            Self::Min => u32::MIN,
            Self::Max => u32::MAX,
            Self::Id(id) => id,
        }
    }
}

impl Form<IdBound> for Word {
    fn expected() -> String {
        "an id, \"min\" or \"max\"".to_owned()
    }
    fn read(text: &str) -> Read<IdBound> {
        match text {
            "min" => Read::Meant(Some(IdBound::Min)),
            "max" => Read::Meant(Some(IdBound::Max)),
            _ => Either::read(text).map(IdBound::Id),
        }
    }
    fn print(value: &IdBound) -> String {
        match value {
            IdBound::Min => "min".to_owned(),
            IdBound::Max => "max".to_owned(),
            IdBound::Id(id) => id.to_string(),
        }
    }
}

impl ShortOrLong for IdOrRange {
    type Long = IdRange;

    fn from_short(tree: &Tree, notes: &mut Notes<'_>) -> Option<Self> {
        scalar::<Either, u32>(tree, notes).map(Self::One)
    }
    fn from_long(long: IdRange) -> Self {
        Self::Range(long)
    }
    fn written(&self) -> Tree {
        match self {
            Self::One(id) => id.to_string().into(),
            Self::Range(range) => range.write(),
        }
    }
}

/// Any, one or several.
struct Several;

impl HasSchema<Several> for Option<Ids> {
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": ["string", "integer", "array"] })
    }
}

impl Field<Several> for Option<Ids> {
    fn read(&mut self, tree: &Tree, notes: &mut Notes<'_>) {
        *self = if !tree.is_scalar() {
            let mut list = Vec::new();
            Field::<Brief>::read(&mut list, tree, notes);
            Some(Ids::List(list))
        } else if tree.text() == "any" {
            Some(Ids::Any)
        } else {
            scalar::<Either, u32>(tree, notes).map(Ids::One)
        };
    }
    fn write(&self) -> Option<Tree> {
        Some(match self.as_ref()? {
            Ids::Any => Tree::from("any".to_owned()),
            Ids::One(id) => id.to_string().into(),
            Ids::List(list) => Tree::List(list.iter().map(ShortOrLong::written).collect()),
        })
    }
    fn join(&mut self, later: Self, _rule: Rule) {
        *self = self.take().or(later);
    }
}
