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

//! The control thread of a transport: runs deadlines, waiting requests, network monitoring and the
//! shutdown, but never listeners, which could block it. Uses no other module.

use std::io;
use std::thread;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use vsomeip_sys::callback::guard;

const THREAD_NAME: &str = "up-vsomeip-ctl";

type End = Box<dyn FnOnce(Runtime) + Send>;

/// The control thread. It ends when this is dropped, or after the function given to [`end`](Self::end).
pub(crate) struct Control {
    runtime: Handle,
    end: oneshot::Sender<End>,
}

impl Control {
    /// # Errors
    ///
    /// Fails if no thread can be started.
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (end, is_told) = oneshot::channel::<End>();
        thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(move || {
            // An error means that there was nothing to end.
            if let Ok(end) = runtime.block_on(is_told) {
                guard("end of a transport", (), || end(runtime));
            }
        })?;
        Ok(Self { runtime: handle, end })
    }

    /// Spawns tasks on this thread, which run until the end.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Runs `end` on this thread, with the runtime, whose tasks only run while `end` blocks on it.
    pub(crate) fn end(self, end: impl FnOnce(Runtime) + Send + 'static) {
        // The thread exists until it receives this.
        drop(self.end.send(Box::new(end)));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn tasks_run_until_the_end() {
        let control = Control::start().unwrap();
        let (sender, receiver) = channel();
        let told = sender.clone();
        control.runtime().spawn(async move {
            told.send(thread::current().name().map(str::to_owned)).unwrap();
            std::future::pending::<()>().await;
        });
        assert_eq!(receiver.recv().unwrap().as_deref(), Some(THREAD_NAME));
        control.end(move |runtime| {
            drop(runtime);
            sender.send(None).unwrap();
        });
        assert_eq!(receiver.recv(), Ok(None));
        // The task has let go of its sender.
        assert!(receiver.recv().is_err());
    }

    #[test]
    fn dropped_control_ends_its_tasks() {
        let control = Control::start().unwrap();
        let (sender, receiver) = channel();
        control.runtime().spawn(async move {
            sender.send(()).unwrap();
            std::future::pending::<()>().await;
            drop(sender);
        });
        receiver.recv().unwrap();
        drop(control);
        // The task has let go of its sender.
        assert!(receiver.recv().is_err());
    }
}
