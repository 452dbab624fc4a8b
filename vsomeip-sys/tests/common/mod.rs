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

//! Applications in their own network, which run until they are dropped.

use std::ops::Deref;
use std::sync::mpsc::{channel, Receiver};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use vsomeip_sys::callback::StateCallback;
use vsomeip_sys::Application;

/// The timeout for anything that must happen. No test measures time, and valgrind is slow.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// A network of its own, and the configuration for it.
pub(crate) struct Network {
    name: String,
    config: tempfile::NamedTempFile,
}

impl Network {
    /// For two applications: the first one hosts the routing manager.
    pub(crate) fn of(host: &str, guest: &str) -> Self {
        let name = format!("sys-test-{}", std::process::id());
        let config = tempfile::NamedTempFile::new().unwrap();
        let json = format!(
            r#"{{ "unicast": "127.0.0.1", "network": "{name}", "routing": "{host}",
                  "logging": {{ "level": "warning", "console": "true", "dlt": "false" }},
                  "applications": [{{ "name": "{host}", "id": "0x5555" }},
                                   {{ "name": "{guest}", "id": "0x5556" }}],
                  "service-discovery": {{ "enable": "false" }} }}"#
        );
        std::fs::write(config.path(), json).unwrap();
        Self { name, config }
    }

    /// Starts one of the applications, and waits until it is registered.
    pub(crate) fn start(&self, name: &str) -> Running {
        self.start_and_tell(name, |_| {})
    }

    /// Like `start`; calls `listener` whenever the state may have changed.
    pub(crate) fn start_and_tell(
        &self,
        name: &str,
        listener: impl Fn(bool) + Send + Sync + 'static,
    ) -> Running {
        let application = Arc::new(Application::create(name, Some(self.config.path())).unwrap());
        let registered = registration_of(&application, listener);
        let running = application.clone();
        let thread = thread::spawn(move || running.run().unwrap());
        registered.recv_timeout(TIMEOUT).unwrap();
        Running { application, thread: Some(thread) }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for suffix in ["-0", "-5555", "-5556", ".lck"] {
            drop(std::fs::remove_file(std::env::temp_dir().join(format!("{}{suffix}", self.name))));
        }
    }
}

/// To be dropped before its network.
pub(crate) struct Running {
    application: Arc<Application>,
    thread: Option<JoinHandle<()>>,
}

fn registration_of(
    application: &Application,
    listener: impl Fn(bool) + Send + Sync + 'static,
) -> Receiver<()> {
    let (sender, receiver) = channel();
    let callback = StateCallback::new(move |registered| {
        if registered {
            // Only the first one is waited for.
            let _ = sender.send(());
        }
        listener(registered);
    });
    application.register_state_handler(callback).unwrap();
    receiver
}

impl Deref for Running {
    type Target = Application;

    fn deref(&self) -> &Application {
        &self.application
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.application.clear_all_handlers().unwrap();
        self.application.stop().unwrap();
        self.thread.take().unwrap().join().unwrap();
    }
}
