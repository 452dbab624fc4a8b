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

//! A vsomeip application that is no transport.

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use vsomeip_sys::{Application, Error};

/// It runs until this is dropped.
pub(crate) struct Plain {
    application: Arc<Application>,
    thread: Option<JoinHandle<()>>,
}

impl Plain {
    pub(crate) fn start(name: &str, config: &Path) -> Result<Self, Error> {
        let application = Arc::new(Application::create(name, Some(config))?);
        let running = application.clone();
        let thread = thread::spawn(move || running.run().expect("a run to the end"));
        Ok(Self { application, thread: Some(thread) })
    }
}

impl Deref for Plain {
    type Target = Application;

    fn deref(&self) -> &Application {
        &self.application
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        self.application.stop().expect("the end of the application");
        self.thread.take().map(JoinHandle::join).expect("one end").expect("no panic");
    }
}
