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

//! The host of the routing manager.

use crate::stack::read::Tree;
use crate::stack::understand::section::Settle;
use crate::stack::warn::Notes;
use crate::stack::RoutingHost;

/// vsomeip ignores a host with an invalid address.
impl Settle for RoutingHost {
    fn settle(&mut self, tree: &Tree, notes: &mut Notes<'_>) {
        if self.name.is_some() && self.unicast.is_none() && tree.get("unicast").is_some() {
            self.name = None;
            let what = "vsomeip ignores the name of a host whose `unicast` it cannot read";
            notes.warn(what, "correct the address, or remove it");
        }
    }
}
