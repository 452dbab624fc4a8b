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

//! Times the parts of the transport that do not use vsomeip: the mapping in both directions,
//! filters, dispatch and correlation. `cargo bench -p benchmarks --features pure`.
//!
//! With `--count <number of a case> <times>` it only runs a case so many times, for
//! `scripts/count-instructions`; with `--list` it lists their names.

use std::error::Error;

use criterion::Criterion;
use up_transport_vsomeip::benchmarking::cases;

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut cases = cases(runtime.handle())?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--list", ..] => cases.iter().for_each(|case| println!("{}", case.name)),
        ["--count", case, times, ..] => {
            let case = cases.get_mut(case.parse::<usize>()?).ok_or("no such case")?;
            for _ in 0..times.parse::<u64>()? {
                (case.run)()?;
            }
        }
        _ => {
            let mut criterion = Criterion::default().configure_from_args();
            for case in &mut cases {
                criterion.bench_function(case.name, |bencher| bencher.iter(&mut case.run));
            }
            criterion.final_summary();
        }
    }
    Ok(())
}
