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
//! A transport that looks at a network and disturbs nobody.

use std::path::Path;

use up_transport_vsomeip::inspect::Inspection;
use up_transport_vsomeip::TransportBuilder;

use crate::connect::{Configuration, Purpose};
use crate::errors::Failure;
use crate::Context;

/// What vsomeip would find for this command.
///
/// # Errors
///
/// Fails if the configuration cannot be read.
pub(crate) fn inspect(context: &Context) -> Result<Inspection, Failure> {
    let name = context.connection.name.as_deref();
    Ok(match context.connection.configuration(&[]) {
        Configuration::File(path) => Inspection::of_file(path, name)?,
        Configuration::Memory(stack) => Inspection::of_stack(*stack, name)?,
    })
}

/// What vsomeip would find for a file.
///
/// # Errors
///
/// Fails if it cannot be read.
pub(crate) fn inspect_file(path: &Path, context: &Context) -> Result<Inspection, Failure> {
    Ok(Inspection::of_file(path, context.connection.name.as_deref())?)
}

/// Describes a transport that looks at the network. Where a routing manager runs, it is an application of
/// its own beside those of the configuration, as the one that is configured may run. Otherwise it is
/// that one.
///
/// # Errors
///
/// Fails if the options contradict each other.
pub(crate) fn builder(
    context: &Context,
    inspection: &Inspection,
) -> Result<TransportBuilder, Failure> {
    let builder = context.connection.builder(Purpose::default())?;
    let is_beside = context.connection.name.is_none() && inspection.has_routing_manager();
    let name = format!("up-someip-{}", std::process::id());
    Ok(if is_beside { builder.application_name(name) } else { builder })
}
