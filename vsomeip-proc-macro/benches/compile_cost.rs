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

//! Measures what a pool adds to a release build, compared with the approach of the original article: a
//! named, exported function per slot, and a `match` to find it.
//!
//! Each pool is a crate of its own which is compiled by `cargo build --release`, dependencies built
//! before. Counted is the CPU time, user and system, of cargo and all it starts, which depends
//! little on what else the machine does: the least of several rounds, less that of a crate without
//! a pool.

#![expect(clippy::unwrap_used, reason = "a failure ends the measurement")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use nix::sys::resource::{getrusage, UsageWho};
use nix::sys::time::TimeValLike;
use tempfile::TempDir;

const ROUNDS: usize = 3;
const POOL_SIZES: [u32; 4] = [100, 1_000, 5_000, 10_000];
const BASELINE_SIZES: [u32; 2] = [1_000, 10_000];

/// The article's second macro, with the parameters of a message handler.
const BASELINE_MACRO: &str = r#"
use proc_macro::TokenStream;
use quote::{format_ident, quote};
use syn::{parse_macro_input, LitInt};

#[proc_macro]
pub fn generate_extern_fns(input: TokenStream) -> TokenStream {
    let num_fns = parse_macro_input!(input as LitInt).base10_parse::<usize>().unwrap();
    let mut generated_fns = quote! {};
    let mut match_arms = Vec::with_capacity(num_fns);
    for i in 0..num_fns {
        let extern_fn_name = format_ident!("extern_on_msg_wrapper_{}", i);
        generated_fns.extend(quote! {
            #[no_mangle]
            pub extern "C" fn #extern_fn_name(generation: u64, message: &Message) {
                on_message(#i, generation, message);
            }
        });
        match_arms.push(quote! { #i => #extern_fn_name, });
    }
    let expanded = quote! {
        #generated_fns

        pub fn get_extern_fn(listener_id: usize) -> extern "C" fn(u64, &Message) {
            match listener_id {
                #(#match_arms)*
                _ => panic!("Listener ID out of range"),
            }
        }
    };
    expanded.into()
}
"#;

/// What every measured crate contains: the function behind the slots, as long as the article's.
/// `extern "C"` goes before it for the pool and is left out for the baseline, as in the article.
const SHARED_FUNCTION: &str = r#"
fn on_message(slot: usize, generation: u64, message: &Message) {
    println!("Calling extern function #{slot}");
    let registry = REGISTRY.lock().unwrap();
    if let Some(listener) = registry.get(&slot) {
        let listener = Arc::clone(listener);
        listener(generation, message);
    } else {
        println!("Listener not found for ID {slot}");
    }
}

pub type Listener = dyn Fn(u64, &Message) + Send + Sync;
type Registry = HashMap<usize, Arc<Listener>>;
pub static REGISTRY: LazyLock<Mutex<Registry>> = LazyLock::new(Default::default);
pub struct Message(pub u64);

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
"#;

#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// The shared function alone.
    Nothing,
    Pool,
    Baseline,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Pool => "pool",
            Self::Baseline => "baseline",
        }
    }
}

struct Case {
    way: Way,
    functions: u32,
    /// The least of all rounds so far.
    cpu_seconds: f64,
}

impl Case {
    fn new(way: Way, functions: u32) -> Self {
        Self { way, functions, cpu_seconds: f64::INFINITY }
    }

    fn package(&self) -> String {
        format!("{}_{}", self.way.name(), self.functions)
    }

    fn source(&self) -> String {
        let functions = self.functions;
        let before = match self.way {
            Way::Nothing => "pub ".to_owned(),
            Way::Pool => format!(
                "vsomeip_proc_macro::handler_pool! {{
                     pub static POOL: [extern \"C\" fn(u64, &Message); {functions}] = on_message;
                 }}
                 extern \"C\" "
            ),
            Way::Baseline => format!("baseline_macro::generate_extern_fns!({functions});"),
        };
        before + SHARED_FUNCTION.trim_start()
    }
}

/// A workspace with a package per case, and the baseline's macro.
struct Workspace {
    directory: TempDir,
}

impl Workspace {
    fn new(cases: &[Case]) -> Self {
        let workspace = Self { directory: tempfile::tempdir().unwrap() };
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let dependencies = "[lib]\nproc-macro = true\n[dependencies]\nquote = \"1\"\nsyn = \"2\"";
        workspace.write_package("baseline_macro", dependencies, BASELINE_MACRO);
        let dependencies = format!(
            "[dependencies]\nbaseline_macro = {{ path = \"../baseline_macro\" }}\n\
             vsomeip-proc-macro = {{ path = {here:?} }}"
        );
        for case in cases {
            workspace.write_package(&case.package(), &dependencies, &case.source());
        }
        let root = "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\nexclude = [\"target\"]\n";
        fs::write(workspace.path("Cargo.toml"), root).unwrap();
        // The versions of this build: nothing is looked up or downloaded.
        fs::copy(here.join("../Cargo.lock"), workspace.path("Cargo.lock")).unwrap();
        workspace
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write_package(&self, name: &str, dependencies: &str, source: &str) {
        let manifest =
            format!("[package]\nname = \"{name}\"\nedition = \"2021\"\n{dependencies}\n");
        fs::create_dir_all(self.path(name).join("src")).unwrap();
        fs::write(self.path(name).join("Cargo.toml"), manifest).unwrap();
        fs::write(self.path(name).join("src/lib.rs"), source).unwrap();
    }

    fn cargo(&self, command: &str, package: &str) {
        let output = Command::new(env!("CARGO"))
            .args([command, "--release", "--offline", "--package", package])
            .arg("--target-dir")
            .arg(self.path("target"))
            .current_dir(self.directory.path())
            .output()
            .unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{package}: {message}");
    }

    /// The CPU seconds which the package costs, all its dependencies being built.
    fn measure(&self, package: &str) -> f64 {
        self.cargo("clean", package);
        let before = cpu_seconds_of_children();
        self.cargo("build", package);
        cpu_seconds_of_children() - before
    }
}

fn cpu_seconds_of_children() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let microseconds = (usage.user_time() + usage.system_time()).num_microseconds();
    f64::from(u32::try_from(microseconds).unwrap()) / 1e6
}

fn print_table(cases: &[Case], nothing: f64) {
    let baseline = |functions| {
        let case =
            cases.iter().find(|case| case.way == Way::Baseline && case.functions == functions);
        case.map(|case| case.cpu_seconds - nothing)
    };
    println!("way       functions   CPU s   µs/function   ratio to baseline");
    for case in cases.iter().filter(|case| case.way != Way::Nothing) {
        let seconds = case.cpu_seconds - nothing;
        let each = seconds * 1e6 / f64::from(case.functions);
        let ratio =
            baseline(case.functions).map_or("-".to_owned(), |of| format!("{:.3}", seconds / of));
        let (way, functions) = (case.way.name(), case.functions);
        println!("{way:<9} {functions:>9} {seconds:>7.3} {each:>13.1} {ratio:>19}");
    }
}

fn main() {
    let mut cases = vec![Case::new(Way::Nothing, 0)];
    cases.extend(POOL_SIZES.map(|functions| Case::new(Way::Pool, functions)));
    cases.extend(BASELINE_SIZES.map(|functions| Case::new(Way::Baseline, functions)));

    let workspace = Workspace::new(&cases);
    workspace.cargo("build", &cases[0].package());
    // Round by round, so that a busy spell of the machine does not hit one way alone.
    for _ in 0..ROUNDS {
        for case in &mut cases {
            let seconds = workspace.measure(&case.package());
            case.cpu_seconds = case.cpu_seconds.min(seconds);
        }
    }

    let nothing = cases[0].cpu_seconds;
    println!("A crate without a pool costs {nothing:.3} s of CPU; below is what the pool adds.");
    print_table(&cases, nothing);
    let added = |way| {
        let case = cases.iter().rfind(|case| case.way == way).unwrap();
        case.cpu_seconds - nothing
    };
    let ratio = added(Way::Pool) / added(Way::Baseline);
    let verdict = if ratio <= 1.0 / 3.0 { "met" } else { "MISSED" };
    println!("10,000 functions cost {ratio:.3} of the baseline; a third at most: {verdict}.");
}
