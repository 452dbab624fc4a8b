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

//! Pins processes to a core.

use nix::sched::{sched_getaffinity, sched_setaffinity, CpuSet};
use nix::unistd::Pid;

use crate::runner::Failure;

/// Has what `start` starts run on one core only: a process is where the thread is that starts it.
pub(crate) fn on<R>(core: usize, start: impl FnOnce() -> Result<R, Failure>) -> Result<R, Failure> {
    let this_thread = Pid::from_raw(0);
    let all = sched_getaffinity(this_thread)?;
    let mut one = CpuSet::new();
    one.set(core)?;
    sched_setaffinity(this_thread, &one)
        .map_err(|error| format!("core {core} cannot be used, leave out --pin: {error}"))?;
    let started = start();
    sched_setaffinity(this_thread, &all)?;
    started
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_spawned_process_is_pinned() {
        let affinity = || sched_getaffinity(Pid::from_raw(0)).map_err(Failure::from);
        let before = affinity().unwrap();
        let core = (0..CpuSet::count()).find(|core| before.is_set(*core).unwrap()).unwrap();
        let meanwhile = on(core, affinity).unwrap();
        let cores = (0..CpuSet::count()).filter(|core| meanwhile.is_set(*core).unwrap());
        assert_eq!(cores.collect::<Vec<_>>(), [core]);
        assert_eq!(affinity().unwrap(), before);
        on(core, || Err::<(), _>("not started".into())).unwrap_err();
        assert_eq!(affinity().unwrap(), before);
    }
}
