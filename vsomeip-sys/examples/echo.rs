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

//! An application that offers a service, calls it, and prints the messages.
//!
//! `cargo run --manifest-path vsomeip-sys/Cargo.toml --example echo`

use std::error::Error;
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use vsomeip_sys::callback::{guard, MessageHandlerFn, StateCallback};
use vsomeip_sys::{
    Application, Header, InstanceId, MajorVersion, Message, MessageType, MethodId, MinorVersion,
    ReturnCode, ServiceId,
};

const SERVICE: ServiceId = ServiceId(0x1234);
const INSTANCE: InstanceId = InstanceId(1);
const ECHO: MethodId = MethodId(0x0421);
const VERSION: MajorVersion = MajorVersion(1);
const TIMEOUT: Duration = Duration::from_secs(10);

/// A handler is a plain function, so what it needs is global.
static MESSAGES: OnceLock<Sender<Message>> = OnceLock::new();

/// Runs on a thread of vsomeip's, which waits for it: it only passes the message on.
extern "C" fn on_message(_generation: u64, message: &Message) {
    guard("echo", (), || {
        if let Some(messages) = MESSAGES.get() {
            // The receiver may be gone when the example ends.
            let _ = messages.send(message.clone());
        }
    });
}

fn main() -> Result<(), Box<dyn Error>> {
    let config = tempfile::NamedTempFile::with_suffix(".json")?;
    let network = format!("echo-{}", std::process::id());
    let json = format!(
        r#"{{ "unicast": "127.0.0.1", "network": "{network}", "routing": "echo",
              "logging": {{ "console": "false" }}, "service-discovery": {{ "enable": "false" }},
              "applications": [ {{ "name": "echo", "id": "0x1111" }} ] }}"#
    );
    std::fs::write(config.path(), json)?;
    let application = Application::create("echo", Some(config.path()))?;
    let (sender, messages) = channel();
    MESSAGES.get_or_init(|| sender);
    let (sender, states) = channel();
    application.register_state_handler(StateCallback::new(move |registered| {
        let _ = sender.send(registered);
    }))?;
    thread::scope(|scope| {
        let running = scope.spawn(|| application.run());
        let result = match states.recv_timeout(TIMEOUT) {
            Ok(true) => call(&application, &messages),
            other => Err(format!("not registered: {other:?}").into()),
        };
        // Also after a failure, or the scope would wait for `run` for ever.
        application.stop()?;
        running.join().map_err(|_| "the thread of the application has panicked")??;
        result
    })
}

fn call(application: &Application, messages: &Receiver<Message>) -> Result<(), Box<dyn Error>> {
    application.register_message_handler(
        SERVICE,
        INSTANCE,
        ECHO,
        MessageHandlerFn(on_message),
        0,
    )?;
    application.offer_service(SERVICE, INSTANCE, VERSION, MinorVersion(0))?;

    let header = Header::request(MessageType::Request, SERVICE, INSTANCE, ECHO, VERSION, false);
    let id = application.send_request(&header, b"hello")?;
    println!("sent      {id}");

    let request = messages.recv_timeout(TIMEOUT)?;
    println!("request   {:?} {:?}", request, request.payload());
    // The payload stays in vsomeip's buffer; for the response, it is copied once.
    application.send_response(&request, MessageType::Response, ReturnCode::Ok, request.as_ref())?;

    let response = messages.recv_timeout(TIMEOUT)?;
    println!("response  {:?} {:?}", response, response.payload());
    Ok(())
}
