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
//! `up-someip config check`.

use std::path::PathBuf;

use serde::Serialize;
use up_transport_vsomeip::inspect::{Finding, Inspection, Severity};

use super::Path;
use crate::errors::Failure;
use crate::exit::Exit;
use crate::Context;

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Configurations: JSON files, or folders of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<Path>,

    /// Exit with 2 if there are warnings, too
    #[arg(long)]
    strict: bool,
}

#[derive(Debug, Serialize)]
struct Line {
    configuration: PathBuf,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    text: String,
}

/// The last line of a configuration.
#[derive(Debug, Serialize)]
struct Sum {
    configuration: PathBuf,
    errors: usize,
    warnings: usize,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let mut exit = Exit::Ok;
    for path in &args.files {
        let sum = check(path, context)?;
        if sum.errors > 0 || (args.strict && sum.warnings > 0) {
            exit = Exit::Usage;
        }
        context.output.result(&sum, || sum.text())?;
    }
    Ok(exit)
}

fn check(path: &Path, context: &Context) -> Result<Sum, Failure> {
    let lines = lines(path, context.connection.name.as_deref());
    let count = |severity| lines.iter().filter(|line| line.severity == severity).count();
    let (errors, warnings) = (count("error"), count("warning"));
    for line in &lines {
        context.output.result(line, || line.text())?;
    }
    Ok(Sum { configuration: path.clone(), errors, warnings })
}

fn lines(path: &Path, application: Option<&str>) -> Vec<Line> {
    match Inspection::of_file_alone(path, application) {
        Ok(inspection) => {
            inspection.findings().into_iter().map(|finding| Line::of(path, finding)).collect()
        }
        Err(status) => vec![Line {
            configuration: path.clone(),
            severity: "error",
            file: None,
            place: None,
            text: status.message.clone().unwrap_or_default(),
        }],
    }
}

impl Line {
    fn of(path: &Path, finding: Finding) -> Self {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        // Of a single file, it goes without saying.
        let is_given = |file: &PathBuf| file.canonicalize().ok() == path.canonicalize().ok();
        let file = finding.file.filter(|file| !is_given(file));
        let configuration = path.clone();
        Self { configuration, severity, file, place: finding.place, text: finding.text }
    }

    fn text(&self) -> String {
        let Self { configuration, severity, file, place, text } = self;
        let file = file.as_ref().unwrap_or(configuration).display();
        match place {
            Some(place) => format!("{file}: {severity}: {place}: {text}"),
            None => format!("{file}: {severity}: {text}"),
        }
    }
}

impl Sum {
    fn text(&self) -> String {
        let Self { configuration, errors, warnings } = self;
        let path = configuration.display();
        if (*errors, *warnings) == (0, 0) {
            return format!("{path}: ok");
        }
        format!("{path}: {}, {}", number(*errors, "error"), number(*warnings, "warning"))
    }
}

fn number(count: usize, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {what}{s}")
}
