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

//! The given configuration: a file, a folder, a `StackConfig` or an application.

use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use up_rust::UStatus;

use super::merging::merge_all;
use super::overrides::{Environment, Given};
use super::reading::{files_at, Files};
use crate::config::VsomeipApplicationConfig;
use crate::stack::read::Tree;
use crate::stack::{StackConfig, StackError};
use crate::uprotocol::code;

/// The source of a configuration.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A file, or a folder of files.
    File(PathBuf),
    Memory(Box<StackConfig>),
    /// An application, with vsomeip's defaults for everything else.
    Application(VsomeipApplicationConfig),
}

impl Source {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` if there is no such file, `INVALID_ARGUMENT` if it is not JSON.
    pub(crate) fn config(&self, version: &str) -> Result<StackConfig, UStatus> {
        match self {
            Self::File(path) if path.is_dir() => Ok(in_folder(path, version)?),
            Self::File(path) => Ok(StackConfig::from_file(path)?),
            Self::Memory(config) => Ok(StackConfig::clone(config)),
            Self::Application(application) => Ok(application.clone().into()),
        }
    }

    /// The name of the own application, if the source is just that.
    pub(crate) fn application(&self) -> Option<&str> {
        match self {
            Self::Application(application) => Some(&application.name),
            Self::File(_) | Self::Memory(_) => None,
        }
    }

    /// Its name in messages.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) => format!("the configuration {}", path.display()),
            Self::Memory(_) | Self::Application(_) => "the configuration in memory".to_owned(),
        }
    }

    /// The file or folder for vsomeip to read. Only needed while the application is created.
    ///
    /// # Errors
    ///
    /// `INTERNAL` if a temporary file cannot be written.
    pub(crate) fn to_file(&self, config: &StackConfig) -> Result<File, UStatus> {
        if let Self::File(path) = self {
            return Ok(File::Given(path.clone()));
        }
        write(config).map(File::Temporary).map_err(|error| {
            let message = format!("cannot write the configuration file: {error}");
            UStatus::fail_with_code(code::INTERNAL, message)
        })
    }
}

/// The files in a folder as one configuration. Fails if a file with the extension `json` is not JSON,
/// which vsomeip would ignore.
fn in_folder(folder: &Path, version: &str) -> Result<StackConfig, StackError> {
    for file in files_at(folder).iter().filter(|file| file.extension() == Some("json".as_ref())) {
        Tree::of_file(file)?;
    }
    let environment = Environment::of_process();
    let inputs = Given { source: "", path: folder, application: "" }.alone(&environment);
    Ok(merge_all(&Files::read(&inputs, &environment, version), version))
}

/// The file or folder for vsomeip.
pub(crate) enum File {
    Given(PathBuf),
    Temporary(NamedTempFile),
}

impl File {
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Temporary(file) => file.path(),
        }
    }
}

fn write(config: &StackConfig) -> io::Result<NamedTempFile> {
    let file = tempfile::Builder::new().prefix("up-vsomeip-").suffix(".json").tempfile()?;
    std::fs::write(file.path(), config.to_json())?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use up_rust::UCode;

    use super::*;

    const VERSION: &str = "3.4.10";

    fn in_file(text: &str) -> Result<StackConfig, UStatus> {
        let file = NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Source::File(file.path().to_owned()).config(VERSION)
    }

    fn in_files(files: &[(&str, &str)]) -> (TempDir, Result<StackConfig, UStatus>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let config = Source::File(folder.path().to_owned()).config(VERSION);
        (folder, config)
    }

    #[test]
    fn missing_file_is_not_found() {
        let error = Source::File("/does/not/exist.json".into()).config(VERSION).unwrap_err();
        assert_eq!(error.get_code(), UCode::NOT_FOUND);
        let text = "cannot read the configuration /does/not/exist.json: ";
        assert!(error.get_message().starts_with(text), "{error}");
    }

    #[test]
    fn text_that_is_not_json_is_an_error() {
        for (text, what) in
            [("{", ": not valid JSON: "), ("[]", ": not an object, so vsomeip ignores ")]
        {
            let error = in_file(text).unwrap_err();
            assert_eq!(error.get_code(), UCode::INVALID_ARGUMENT, "{text}");
            let message = error.get_message();
            assert!(message.starts_with("the configuration /"), "{message}");
            assert!(message.contains(what), "{message}");
        }
    }

    #[test]
    fn byte_order_mark_is_no_error() {
        let text = "\u{feff}{ \"applications\": [{ \"name\": \"a\", \"id\": \"1\" }] }";
        assert_eq!(in_file(text).unwrap().applications[0].name, "a");
    }

    #[test]
    fn folder_is_one_configuration() {
        let (_folder, config) = in_files(&[
            ("b.json", r#"{ "network": "b", "applications": [{ "name": "b", "id": "2" }] }"#),
            ("a.json", r#"{ "applications": [{ "name": "a", "id": "1" }] }"#),
            ("README", "no JSON"),
        ]);
        let config = config.unwrap();
        assert_eq!(config.own_application().map(|own| own.name.as_str()), Some("a"));
        assert_eq!(config.applications.len(), 2);
        assert_eq!(config.network.as_deref(), Some("b"));
    }

    #[test]
    fn error_names_file_in_folder() {
        let application = r#"{ "applications": [{ "name": "a", "id": "1" }] }"#;
        let (folder, config) = in_files(&[("a.json", application), ("b.json", "{")]);
        let error = config.unwrap_err();
        assert_eq!(error.get_code(), UCode::INVALID_ARGUMENT);
        let file = folder.path().join("b.json").display().to_string();
        assert!(error.get_message().contains(&file), "{error}");
    }

    #[test]
    fn temporary_file_has_configuration() {
        let config = StackConfig::for_application("a", 1).with_network("somewhere");
        let source = Source::Memory(Box::new(config.clone()));
        let file = source.to_file(&config).unwrap();
        assert_eq!(StackConfig::from_file(file.path()).unwrap(), config);
        let path = file.path().to_owned();
        drop(file);
        assert!(!path.exists());
    }
}
