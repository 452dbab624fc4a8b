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

//! The handler of a service's messages: passes them on together with the last values of its fields.

use std::sync::Arc;

use vsomeip_sys::Message;

use crate::services::values::LastValues;
use crate::services::Receive;
use crate::vsomeip::handler_pool::MessageSink;

pub(super) struct MessageHandler {
    pub(super) values: Arc<LastValues>,
    receive: Arc<dyn Receive>,
}

impl MessageHandler {
    pub(super) fn new(receive: Arc<dyn Receive>) -> Self {
        Self { values: Arc::default(), receive }
    }
}

impl MessageSink for MessageHandler {
    fn receive(&self, message: &Message) {
        self.receive.receive(message, &self.values);
    }
}
