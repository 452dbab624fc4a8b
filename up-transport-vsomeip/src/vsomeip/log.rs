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

//! The destination of vsomeip's own log, which is one for the whole process.

use vsomeip_sys::logging::{self, Destination};

/// Where vsomeip's own log goes. All transports of a process share it.
///
/// `logging.level` in vsomeip's configuration sets the lowest level. `Console` and `Bridged` both
/// require `logging.console` to be true, which is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum VsomeipLog {
    /// To the standard output, in vsomeip's own format.
    Console,
    /// To the `log` crate's logger, with the target `vsomeip`, instead of the standard output.
    /// vsomeip's `fatal` becomes `error`, its `verbose` becomes `trace`. As long as no logger is set,
    /// or all levels are off, lines go to the standard output, so that errors are not lost.
    #[default]
    Bridged,
    /// Nowhere.
    Silent,
}

impl VsomeipLog {
    fn destination(self) -> Destination {
        match self {
            Self::Console => Destination::Console,
            Self::Bridged => Destination::Log,
            Self::Silent => Destination::Nowhere,
        }
    }
}

/// Sets the destination; `None` keeps what was set before in this process.
pub(crate) fn direct(wanted: Option<VsomeipLog>) {
    match wanted {
        Some(wanted) => logging::set(wanted.destination()),
        None => logging::set_default(VsomeipLog::default().destination()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_log_has_its_destination() {
        assert_eq!(VsomeipLog::default(), VsomeipLog::Bridged);
        assert_eq!(VsomeipLog::Console.destination(), Destination::Console);
        assert_eq!(VsomeipLog::Bridged.destination(), Destination::Log);
        assert_eq!(VsomeipLog::Silent.destination(), Destination::Nowhere);
    }
}
