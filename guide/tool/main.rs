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

//! `guide links FOLDER` tells of links that lead nowhere. `guide run CHAPTER FOLDER` does what a chapter
//! says, in a folder. `guide supports RENDERER` and `guide` are for mdBook, whose preprocessor it is.

use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;

use guide::{blocks, links, preprocessor};

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let is_right = match arguments[..] {
        [] => {
            let mut input = String::new();
            io::stdin().read_to_string(&mut input)?;
            println!("{}", preprocessor::run(&input)?);
            true
        }
        ["supports", _] => true,
        ["links", folder] => {
            let broken = links::broken(Path::new(folder))?;
            broken.iter().for_each(|link| eprintln!("{link}"));
            broken.is_empty()
        }
        ["run", chapter, folder] => blocks::run(Path::new(chapter), Path::new(folder))?,
        _ => {
            eprintln!("usage: guide [supports RENDERER | links FOLDER | run CHAPTER FOLDER]");
            return Ok(ExitCode::from(2));
        }
    };
    Ok(if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
