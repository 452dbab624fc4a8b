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

//! Tests of finding the configuration that vsomeip reads.

use serde_json::json;
use up_rust::UCode;

use super::testing::Scene;
use super::*;
use crate::stack::{Application, StackConfig};

/// With a configuration that is given.
fn scene() -> Scene {
    Scene::new().with_application("given.json", "given", "app")
}

impl Scene {
    /// A file with a network and an application.
    fn with_application(self, relative: &str, network: &str, application: &str) -> Self {
        let config = StackConfig::for_application(application, 1).with_network(network);
        self.with_text(relative, &config.to_json())
    }

    fn found(&self, is_strict: bool) -> Result<Effective, UStatus> {
        let file = File::Given("given.json".into());
        let found = found("given".to_owned(), file, "app", &self.environment, "3.4.10")?;
        found.check(is_strict).map(|()| found.effective)
    }

    #[track_caller]
    fn assert_network(&self, expected: &str) {
        assert_eq!(self.found(false).unwrap().network(), expected);
    }
}

#[test]
fn given_configuration_is_effective() {
    let effective = scene().found(true).unwrap();
    assert_eq!(effective.config, StackConfig::for_application("app", 1).with_network("given"));
    assert_eq!((effective.source.as_str(), effective.application.as_str()), ("given", "app"));
}

#[test]
fn overriding_configuration_is_effective() {
    let scene = scene().with_application("vsomeip.json", "local", "app");
    scene.assert_network("local");
    let scene = scene.with_application("vsomeip/x.json", "folder", "other");
    scene.assert_network("folder");
    let applications = scene.found(false).unwrap().config.applications;
    let names: Vec<&str> = applications.iter().map(|application| &*application.name).collect();
    assert_eq!(names, ["other", "app"]);
    let scene = scene.with_application("x.json", "variable", "other");
    let scene = scene.with_variable("VSOMEIP_CONFIGURATION", "x.json");
    scene.assert_network("variable");
    assert!(scene.found(false).unwrap().own_application().is_none(), "not listed");
}

#[test]
fn malformed_override_leaves_defaults() {
    let effective = scene().with_text("vsomeip.json", "{").found(false).unwrap();
    assert_eq!(effective.config, StackConfig::default());
    assert_eq!(effective.network(), "vsomeip");
}

#[test]
fn override_is_an_error_when_strict() {
    let scene = scene().with_application("other.json", "other", "app");
    assert!(scene.found(true).is_ok());
    let error = scene.with_variable("VSOMEIP_CONFIGURATION", "other.json").found(true).unwrap_err();
    assert_eq!(error.get_code(), UCode::FAILED_PRECONDITION);
    assert!(error.get_message().starts_with("VSOMEIP_CONFIGURATION is set"), "{error}");
}

#[test]
fn partial_reading_is_an_error_when_strict() {
    let routing = StackConfig::for_application("app", 1).with_routing("host");
    let scene = scene()
        .with_text("given.json", &routing.to_json())
        .with_variable("VSOMEIP_MANDATORY_CONFIGURATION_FILES", "given.json");
    assert!(scene.found(false).is_ok());
    let error = scene.found(true).unwrap_err();
    assert_eq!(
        error.get_message(),
        "because of the name of a file, vsomeip ignores services, addresses and service discovery \
         in given, as \"app\" is not the routing manager; rename the file"
    );
}

#[test]
fn id_of_the_router_is_an_error() {
    for id in ["0", "zero"] {
        let text = format!(r#"{{ "applications": [{{ "name": "app", "id": "{id}" }}] }}"#);
        let error = scene().with_text("given.json", &text).found(false).unwrap_err();
        assert_eq!(error.get_code(), UCode::INVALID_ARGUMENT);
        assert!(error.get_message().contains("\"app\" has the id 0"), "{error}");
    }
    let other = r#"{ "applications": [{ "name": "app" }, { "name": "other", "id": "0" }] }"#;
    assert!(scene().with_text("given.json", other).found(false).is_ok(), "somebody else's");
}

#[test]
fn meaningless_override_is_no_error() {
    let scene = scene().with_text("given.json", r#"{ "network": "a/b" }"#);
    let error = scene.found(false).unwrap_err();
    assert!(error.get_message().starts_with("given: network: "), "{error}");
    let scene = scene.with_application("given.json", "given", "app");
    assert!(scene.with_text("vsomeip.json", r#"{ "network": "a/b" }"#).found(false).is_ok());
}

#[test]
fn configuration_module_is_always_an_error() {
    let scene = scene().with_variable("VSOMEIP_CONFIGURATION_MODULE", "m");
    assert_eq!(scene.found(false).unwrap_err().get_code(), UCode::FAILED_PRECONDITION);
}

/// Whether vsomeip gets a configuration of which the transport knows that one thread calls back.
fn is_completed(scene: &Scene) -> bool {
    let file = File::Given(scene.path("given.json"));
    let found = found("given".to_owned(), file, "app", &scene.environment, "3.4.10").unwrap();
    let mut effective = found.effective.clone();
    let derived = found.keeping_order(&mut effective);
    assert!(
        effective.max_dispatchers().is_some() || derived.is_some() == effective.one_dispatcher()
    );
    if let Some(derived) = &derived {
        let read = StackConfig::from_file(&derived.path).unwrap();
        assert_eq!(read.application("app").unwrap().max_dispatchers, Some(0));
        assert!(effective.one_dispatcher());
    }
    derived.is_some()
}

#[test]
fn silent_configuration_is_completed() {
    let silent = r#"{ "applications": [{ "name": "app", "id": "1" }] }"#;
    let scene = Scene::new().with_text("given.json", silent);
    assert!(is_completed(&scene));
    let scene = scene.with_variable("VSOMEIP_CONFIGURATION", "given.json");
    assert!(!is_completed(&scene), "vsomeip would not read the other one");
    assert!(is_completed(&Scene::new().with_text("given.json", "{}")));
}

/// Since vsomeip 3.5.6.
#[test]
fn other_unlisted_applications_are_left_alone() {
    let dispatching = |applications: serde_json::Value| {
        let config =
            json!({ "dispatching": { "max_dispatch_time": "7" }, "applications": applications });
        is_completed(&Scene::new().with_text("given.json", &config.to_string()))
    };
    assert!(!dispatching(json!([])));
    assert!(dispatching(json!([{ "name": "app" }])));
}

#[test]
fn given_dispatcher_count_is_kept() {
    for count in [0, 1, 10] {
        let application = json!({ "name": "app", "max_dispatchers": count });
        let config = json!({ "applications": [application] }).to_string();
        assert!(!is_completed(&Scene::new().with_text("given.json", &config)));
    }
}

#[test]
fn memory_keeps_order_by_default() {
    let silent =
        |name: &str, id| Application { max_dispatchers: None, ..Application::new(name, id) };
    let config = StackConfig {
        applications: vec![silent("a", 1), silent("b", 2)],
        ..StackConfig::default()
    };
    let dispatchers = |config: &StackConfig, own: &str| {
        let file = Source::Memory(Box::new(config.clone())).to_file(config).unwrap();
        let scene = Scene::new();
        let found = found("given".to_owned(), file, own, &scene.environment, "3.4.10").unwrap();
        let mut effective = found.effective.clone();
        let read = |path: &Path| StackConfig::from_file(path).unwrap().application(own).cloned();
        let derived = found.keeping_order(&mut effective);
        let path = derived.as_ref().map_or(found.file.path(), |derived| &derived.path);
        read(path).unwrap().max_dispatchers
    };
    for own in ["a", "b", "not listed"] {
        assert_eq!(dispatchers(&config, own), Some(0), "{own}");
    }
    let mut config = config;
    config.applications[0].max_dispatchers = Some(3);
    assert_eq!(dispatchers(&config, "a"), Some(3));
}
