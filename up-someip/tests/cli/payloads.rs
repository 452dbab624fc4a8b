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

//! Payloads in all their forms, there and back through an echo.

use std::path::PathBuf;

use prost_reflect::prost::Message;
use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
};
use serde_json::json;

use crate::tool::{Bench, Outcome, Running, PATIENT};

struct Echo {
    bench: Bench,
    _server: Running,
}

impl Echo {
    fn new() -> Self {
        let bench = Bench::new();
        let server = bench.serve(&["--quiet"]);
        Self { bench, _server: server }
    }

    fn line<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
        [&["call", "0x1234.1.1"], &PATIENT[..], arguments].concat()
    }

    fn call(&self, arguments: &[&str]) -> Outcome {
        self.bench.run(&Self::line(arguments))
    }

    fn write(&self, name: &str, content: &[u8]) -> String {
        let path = self.bench.network().folder().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// `message Wheel { int32 number = 1; string name = 2; }` and `message Empty {}` in `brakes`.
fn descriptor_set() -> Vec<u8> {
    let field = |name: &str, number, kind: Type| FieldDescriptorProto {
        name: Some(name.to_owned()),
        number: Some(number),
        label: Some(Label::Optional.into()),
        r#type: Some(kind.into()),
        ..Default::default()
    };
    let message = |name: &str, field| DescriptorProto {
        name: Some(name.to_owned()),
        field,
        ..Default::default()
    };
    let wheel = vec![field("number", 1, Type::Int32), field("name", 2, Type::String)];
    let file = FileDescriptorProto {
        name: Some("brakes.proto".to_owned()),
        package: Some("brakes".to_owned()),
        message_type: vec![message("Wheel", wheel), message("Empty", Vec::new())],
        syntax: Some("proto3".to_owned()),
        ..Default::default()
    };
    FileDescriptorSet { file: vec![file] }.encode_to_vec()
}

#[test]
fn payload_survives_in_each_form() {
    let echo = Echo::new();
    let file = echo.write("payload", b"from a file");
    for (arguments, expected) in [
        (&["grün"][..], "grün"),
        (&["--hex", "0x6869"], "hi"),
        (&["--hex", "00:01 fe_ff"], "0x0001feff"),
        (&["--file", &file], "from a file"),
        (&["--print", "hex", "hi"], "0x6869"),
        (&[], "(empty)"),
        (&["--", "--hex"], "--hex"),
    ] {
        let out = echo.call(arguments).prints(0);
        assert!(out.ends_with(&format!(" ms: {expected}\n")), "{arguments:?}: {out}");
    }
}

#[test]
fn binary_file_comes_back_unchanged() {
    let echo = Echo::new();
    let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let input = echo.write("input", &content);
    let output = echo.bench.command(&Echo::line(&["--file", &input, "--print", "raw"])).output();
    assert!(output.unwrap().stdout == content, "not the same");
    let piped = Echo::line(&["--file", "-", "--json"]);
    let answer = echo.bench.run_with_input(&piped, &content).json(0);
    assert_eq!(answer["payload"]["bytes"], 100_000);
    assert_eq!(answer["payload"]["text"], json!(null));
}

#[test]
fn protobuf_is_json_both_ways() {
    let echo = Echo::new();
    let set = echo.write("set.bin", &descriptor_set());
    let types = ["--proto-set", &set, "--type", "brakes.Wheel"];
    let request = [r#"{"number": 3}"#];
    let answer = echo.call(&[&["--json"][..], &types, &request].concat()).json(0);
    assert_eq!(answer["payload"]["hex"], "0803");
    assert_eq!(answer["payload"]["message"], json!({ "number": 3, "name": "" }));
    let out = echo.call(&[&types[..], &["--hex", "0803"]].concat()).prints(0);
    assert!(out.ends_with(" ms: {\"name\":\"\",\"number\":3}\n"), "{out}");
    let other = [&types[..], &["--answer-type", "brakes.Empty"], &request].concat();
    let out = echo.call(&other).prints(0);
    assert!(out.ends_with(" ms: {}\n"), "{out}");
}

#[test]
fn other_payload_than_message_is_told() {
    let echo = Echo::new();
    let set = echo.write("set.bin", &descriptor_set());
    let types = ["--proto-set", &set, "--type", "brakes.Wheel", "--json", "--hex", "ff"];
    let payload = echo.call(&types).json(0)["payload"].clone();
    assert_eq!(payload["hex"], "ff");
    assert!(payload["problem"].as_str().unwrap().starts_with("no brakes.Wheel: "), "{payload}");
}

#[test]
fn wrong_payloads_are_explained() {
    let bench = Bench::new();
    let folder: PathBuf = bench.network().folder().to_owned();
    let set = folder.join("set.bin");
    std::fs::write(&set, descriptor_set()).unwrap();
    std::fs::write(folder.join("text"), b"no set").unwrap();
    let (set, text) = (set.to_str().unwrap(), folder.join("text"));
    let typed = |name| ["--proto-set", set, "--type", name];
    let wheel = typed("brakes.Wheel");
    let unknown = typed("brakes.Whel");
    let no_set = ["--proto-set", text.to_str().unwrap(), "--type", "brakes.Wheel"];
    for (arguments, parts) in [
        (&["--hex", "abc"][..], &["an odd number of digits"][..]),
        (&["--hex", "zz"], &["Invalid character"]),
        (&["--file", "/does/not/exist"], &["/does/not/exist: No such file"]),
        (&["text", "--hex", "00"], &["cannot be used with"]),
        (&["--type", "brakes.Wheel", "{}"], &["--proto-set"]),
        (&["--proto-set", set, "{}"], &["--type"]),
        (&[&wheel[..], &["{\"nmber\":1}"]].concat(), &["no JSON of brakes.Wheel", "nmber"]),
        (&[&wheel[..], &["{} {}"]].concat(), &["no JSON of brakes.Wheel", "trailing"]),
        (&[&unknown[..], &["{}"]].concat(), &["has no message brakes.Whel", "it has brakes.Empty"]),
        (&[&no_set[..], &["{}"]].concat(), &["is no descriptor set", "protoc"]),
    ] {
        bench.run(&[&["call", "0x1234.1.1"], arguments].concat()).fails(2, parts);
    }
}
