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

//! `security`: which process may offer and use what; and `e2e`.

use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::form::{self, Either, Form, Word};
use super::section::sections;
use super::written::{self, ShortOr, ShortOrLong, WrittenShort};

sections! {
    /// Which process may offer and use what. Without this section, every process may do everything;
    /// if it is empty, vsomeip loads a library `libvsomeip-sec.so.1` to decide about it.
    pub struct Security {
        /// Whether anything is checked; false by default.
        "check_credentials" as "written::word" => check_credentials: Option<bool>,
        /// Whether other hosts may use services of this one; true by default.
        "allow_remote_clients" as "written::word" => allow_remote_clients: Option<bool>,
        /// Who may do what.
        "policies" => policies: Vec<Policy>,
    }

    /// Who may do what. Has either `allow` or `deny`.
    pub struct Policy {
        /// Whom it is for; without, it is for other hosts.
        "credentials" => credentials: Option<Credentials>,
        /// What they may do, and nothing else.
        "allow" => allow: Option<Permissions>,
        /// What they may not do.
        "deny" => deny: Option<Permissions>,
    }

    /// Processes: those with these ids; or those that are listed, or not listed.
    pub struct Credentials {
        /// Their user ids; with `gid`.
        "uid" => uid: Option<Ids>,
        /// Their group ids; with `uid`.
        "gid" => gid: Option<Ids>,
        /// The policy is for these.
        "allow" => allow: Vec<UserAndGroup>,
        /// The policy is for all but these.
        "deny" => deny: Vec<UserAndGroup>,
    }

    /// Processes with these ids.
    pub struct UserAndGroup {
        /// Their user ids: any, or a list.
        "uid" => uid: Option<Ids>,
        /// Their group ids: any, or a list.
        "gid" => gid: Option<Ids>,
    }

    /// What may be done, or may not.
    pub struct Permissions {
        /// Using services.
        "requests" => requests: Vec<Permission>,
        /// Offering services.
        "offers" => offers: Vec<Permission>,
    }

    /// What may be done with a service. There may be `instances` too, see vsomeip's documentation.
    pub struct Permission {
        /// The service id; required.
        "service" as "written::hex" => service: u16,
        /// The instance id, or `any`.
        "instance" => instance: Option<String>,
    }

    /// Ids, both ends included.
    pub struct IdRange {
        /// The first; `min` for the lowest.
        "first" as "written::word" => first: Option<IdBound>,
        /// The last; `max` for the highest.
        "last" as "written::word" => last: Option<IdBound>,
    }

    /// Checksums and counters that protect payloads of certain events and methods on their way between
    /// hosts.
    pub struct E2e {
        /// Whether there are any; false by default.
        "e2e_enabled" as "written::word" => e2e_enabled: Option<bool>,
        /// The events and how they are protected.
        "protected" => protected: Vec<E2eProtected>,
    }

    /// How the payload of an event, or of the requests and responses of a method, is protected. More
    /// keys depend on the profile.
    pub struct E2eProtected {
        /// The service id; required.
        "service_id" as "written::hex" => service_id: u16,
        /// The id of the event or method; required.
        "event_id" as "written::hex" => event_id: u16,
        /// `protector` for what is sent, `checker` for what is received, or `both`.
        "variant" => variant: Option<String>,
        /// How it is done: `CRC8` or `P01`, `CRC32` or `CSTM`, `P04`, `P07`, from vsomeip 3.5.0 on `P05`.
        "profile" => profile: Option<String>,
    }
}

/// Ids of users or groups.
#[derive(Clone, Debug, PartialEq)]
pub enum Ids {
    /// All.
    Any,
    /// One.
    One(u32),
    /// Several.
    List(Vec<IdOrRange>),
}

/// An id, or several that follow each other.
#[derive(Clone, Debug, PartialEq)]
pub enum IdOrRange {
    /// One.
    One(u32),
    /// Several.
    Range(IdRange),
}

/// An end of an [`IdRange`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdBound {
    /// The lowest id that there is.
    Min,
    /// The highest id that there is.
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
    fn parse(text: &str) -> Option<IdBound> {
        match text {
            "min" => Some(IdBound::Min),
            "max" => Some(IdBound::Max),
            _ => Either::parse(text).map(IdBound::Id),
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
    const EXPECTED: &'static str = "an id, or an object with `first` and `last`";

    fn from_short(text: &str) -> Result<Self, String> {
        form::parse::<Either, u32>(text).map(Self::One)
    }
    fn from_long(long: IdRange) -> Self {
        Self::Range(long)
    }
    fn written(&self) -> ShortOr<'_, IdRange> {
        match self {
            Self::One(id) => ShortOr::Short(id.to_string()),
            Self::Range(range) => ShortOr::Long(range),
        }
    }
}

struct IdsVisitor;

impl<'de> Visitor<'de> for IdsVisitor {
    type Value = Ids;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id, a list of ids, or \"any\"")
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Ids, E> {
        match (text, Either::parse(text)) {
            ("any", _) => Ok(Ids::Any),
            (_, Some(id)) => Ok(Ids::One(id)),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Ids, E> {
        self.visit_str(&number.to_string())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Ids, A::Error> {
        WrittenShort::read(de::value::SeqAccessDeserializer::new(list)).map(Ids::List)
    }
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdsVisitor)
    }
}

impl Serialize for Ids {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Any => serializer.serialize_str("any"),
            Self::One(id) => serializer.serialize_str(&id.to_string()),
            Self::List(list) => list.write(serializer),
        }
    }
}
