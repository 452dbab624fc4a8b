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

//! An application of its own, in a network of its own, that runs until it is dropped.

use std::io::Write;
use std::ops::Deref;
use std::sync::mpsc::{channel, Receiver};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use vsomeip_sys::callback::StateCallback;
use vsomeip_sys::Application;

/// How long to wait for what must happen. No test measures time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Running {
    application: Arc<Application>,
    thread: Option<JoinHandle<()>>,
    network: String,
}

impl Running {
    /// Starts an application that hosts the routing manager, and waits until it is registered.
    pub(crate) fn start(name: &str) -> Self {
        let network = format!("sys-test-{}", std::process::id());
        let mut config = tempfile::NamedTempFile::new().unwrap();
        write!(
            config,
            r#"{{ "unicast": "127.0.0.1", "network": "{network}", "routing": "{name}",
                  "logging": {{ "level": "warning", "console": "true", "dlt": "false" }},
                  "applications": [{{ "name": "{name}", "id": "0x5555" }}],
                  "service-discovery": {{ "enable": "false" }} }}"#
        )
        .unwrap();
        let application = Arc::new(Application::create(name, Some(config.path())).unwrap());
        let registered = registration_of(&application);
        let running = application.clone();
        let thread = thread::spawn(move || running.run().unwrap());
        registered.recv_timeout(PATIENCE).unwrap();
        Self { application, thread: Some(thread), network }
    }
}

fn registration_of(application: &Application) -> Receiver<()> {
    let (sender, receiver) = channel();
    let callback = StateCallback::new(move |registered| {
        if registered {
            // Only the first one is waited for.
            let _ = sender.send(());
        }
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
        for suffix in ["-0", "-5555", ".lck"] {
            let path = std::env::temp_dir().join(format!("{}{suffix}", self.network));
            drop(std::fs::remove_file(path));
        }
    }
}
