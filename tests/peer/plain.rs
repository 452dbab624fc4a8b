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

//! A vsomeip application without the transport.

use std::error::Error;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::sync::watch;
use up_rust::UUri;
use vsomeip_sys::callback::AvailabilityCallback;
use vsomeip_sys::{Application, InstanceId, MajorVersion, MinorVersion, ServiceId};

/// It runs until this is dropped.
pub(crate) struct Plain {
    application: Arc<Application>,
    thread: Option<JoinHandle<()>>,
}

impl Plain {
    pub(crate) fn start(name: &str, config: &Path) -> Result<Self, vsomeip_sys::Error> {
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

/// Requests a service, waits until it is available, and releases it, which no transport does.
pub(crate) async fn request_and_release(plain: &Plain, uri: &UUri) -> Result<(), Box<dyn Error>> {
    let version = MajorVersion(u8::try_from(uri.ue_version_major)?);
    let (service, instance) = (ServiceId(u16::try_from(uri.ue_id)?), InstanceId(1));
    let is_available = watch::Sender::new(false);
    let mut available = is_available.subscribe();
    let callback = AvailabilityCallback::new(move |_, _, version| {
        is_available.send_replace(version.is_some());
    });
    plain.register_availability_handler(service, instance, version, callback)?;
    plain.request_service(service, instance, version, MinorVersion::ANY)?;
    available.wait_for(|is_available| *is_available).await?;
    plain.release_service(service, instance)?;
    plain.unregister_availability_handler(service, instance, version)?;
    Ok(())
}
