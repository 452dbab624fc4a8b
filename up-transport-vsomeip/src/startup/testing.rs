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

//! A temporary folder and environment, for tests of the files that vsomeip reads.

use std::collections::HashMap;
use std::path::PathBuf;

use tempfile::TempDir;

use super::overrides::Environment;

pub(super) struct Scene {
    pub(super) folder: TempDir,
    pub(super) environment: Environment,
}

impl Scene {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().canonicalize().unwrap();
        let environment = Environment { variables: HashMap::new(), directory, user: None };
        Self { folder, environment }
    }

    pub(super) fn path(&self, relative: &str) -> PathBuf {
        self.environment.directory.join(relative)
    }

    pub(super) fn with_text(self, relative: &str, text: &str) -> Self {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(super) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.environment.variables.insert(name.to_owned(), value.into());
        self
    }
}
