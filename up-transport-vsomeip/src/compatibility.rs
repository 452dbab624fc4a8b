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

//! What a program written against 0.6.0 uses: it compiles against this version. `scripts/check-release`
//! runs it.

use std::path::Path;
use std::sync::Arc;

use up_rust::{UStatus, UTransport, UUri, UUID};

use crate::{
    ApplicationName, AuthorityName, ClientId, EventId, InstanceId, MethodId, RuntimeConfig,
    ServiceId, SessionId, SomeIpRequestId, UPTransportVsomeip, UProtocolReqId, UeId,
    VsomeipApplicationConfig,
};

type New = fn(
    VsomeipApplicationConfig,
    UUri,
    &AuthorityName,
    Option<RuntimeConfig>,
) -> Result<UPTransportVsomeip, UStatus>;

type NewWithConfig =
    fn(UUri, &AuthorityName, &Path, Option<RuntimeConfig>) -> Result<UPTransportVsomeip, UStatus>;

#[test]
fn constructors_keep_their_types() {
    let _: New = UPTransportVsomeip::new;
    let _: NewWithConfig = UPTransportVsomeip::new_with_config;
    let _: fn(&str, ClientId) -> VsomeipApplicationConfig = VsomeipApplicationConfig::new;
    // As uStreamer passes it on.
    let _: fn(Arc<UPTransportVsomeip>) -> Arc<dyn UTransport> = |transport| transport;
}

#[test]
fn type_names_keep_their_meaning() {
    let _: (AuthorityName, ApplicationName) = (String::new(), String::new());
    let _: (UeId, SomeIpRequestId) = (0_u32, 0_u32);
    let _: (ClientId, SessionId, ServiceId) = (0_u16, 0_u16, 0_u16);
    let _: (InstanceId, MethodId, EventId) = (0_u16, 0_u16, 0_u16);
    let _: UProtocolReqId = UUID::build();
}

#[test]
fn transport_can_be_shared_by_threads() {
    fn is_shared<T: Send + Sync + 'static>() {}
    is_shared::<UPTransportVsomeip>();
}
