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
//! `up-someip config explain`.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;
use up_transport_vsomeip::inspect::{Inspection, Origin, Setting};

use super::Path;
use crate::commands::list::observer::{inspect, inspect_file};
use crate::commands::list::table::table;
use crate::errors::Failure;
use crate::exit::Exit;
use crate::Context;

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// A configuration: a JSON file, or a folder of them; that of --config unless given
    #[arg(value_name = "FILE")]
    file: Option<Path>,

    /// Show only settings whose place begins so, such as service-discovery
    #[arg(long, value_name = "PREFIX", default_value = "")]
    only: String,

    /// Leave out what has its default
    #[arg(long)]
    set: bool,
}

#[derive(Debug, Serialize)]
struct Explanation {
    application: String,
    vsomeip: String,
    /// In the order in which vsomeip reads them.
    files: Vec<PathBuf>,
    variables: Vec<Variable>,
    overrides: Vec<String>,
    settings: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Variable {
    name: String,
    value: String,
}

#[derive(Debug, Serialize)]
struct Row {
    setting: String,
    value: Value,
    /// `file`, `memory`, `variable`, `command line`, `transport` or `vsomeip`.
    origin: &'static str,
    /// Which file or variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let inspection = match &args.file {
        Some(path) => inspect_file(path, context)?,
        None => inspect(context)?,
    };
    let explanation = explanation(&inspection, args);
    context.output.result(&explanation, || explanation.text())?;
    Ok(Exit::Ok)
}

fn explanation(inspection: &Inspection, args: &Args) -> Explanation {
    let is_shown = |row: &Row| {
        row.setting.starts_with(&args.only)
            && !(args.set && matches!(row.origin, "transport" | "vsomeip"))
    };
    let is_in_memory = inspection.settings().iter().any(|setting| setting.origin == Origin::Memory);
    let files = inspection.files().into_iter().filter(|_| !is_in_memory);
    let variables = inspection.variables().into_iter();
    Explanation {
        application: inspection.application().to_owned(),
        vsomeip: inspection.vsomeip_version(),
        files: files.map(|file| file.path).collect(),
        variables: variables.map(|(name, value)| Variable { name, value }).collect(),
        overrides: inspection.overrides().to_vec(),
        settings: inspection.settings().into_iter().map(Row::of).filter(is_shown).collect(),
    }
}

impl Row {
    fn of(setting: Setting) -> Self {
        let (origin, from) = match setting.origin {
            Origin::File(path) => ("file", Some(path.display().to_string())),
            Origin::Variable(name) => ("variable", Some(name)),
            Origin::Memory => ("memory", None),
            Origin::Caller => ("command line", None),
            Origin::Transport => ("transport", None),
            _ => ("vsomeip", None),
        };
        Self { setting: setting.place, value: setting.value, origin, from }
    }

    fn from(&self) -> String {
        match (self.origin, &self.from) {
            (_, Some(from)) => from.clone(),
            ("transport" | "vsomeip", None) => format!("default of {}", self.origin),
            ("memory", None) => "the options of this command".to_owned(),
            (origin, None) => origin.to_owned(),
        }
    }

    fn value(&self) -> String {
        match &self.value {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        }
    }
}

impl Explanation {
    fn text(&self) -> String {
        let mut lines = vec![format!(
            "application {:?}, read by the rules of vsomeip {}",
            self.application, self.vsomeip
        )];
        let mut list = |title: &str, items: Vec<String>| {
            if !items.is_empty() {
                lines.push(title.to_owned());
                lines.extend(items.into_iter().map(|item| format!("  {item}")));
            }
        };
        list(
            "files, in the order in which vsomeip reads them:",
            self.files.iter().map(|path| path.display().to_string()).collect(),
        );
        list(
            "variables that are set:",
            self.variables.iter().map(|it| format!("{}={}", it.name, it.value)).collect(),
        );
        list("not what was given:", self.overrides.clone());
        lines.push(String::new());
        let rows = self.settings.iter().map(|row| [row.setting.clone(), row.value(), row.from()]);
        let head = ["SETTING", "VALUE", "FROM"].map(str::to_owned);
        lines.push(table(std::iter::once(head).chain(rows)));
        lines.join("\n")
    }
}
