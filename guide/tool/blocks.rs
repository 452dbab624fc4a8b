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

//! Types the commands of a chapter into a shell, one block after the other, and looks whether they do
//! what the chapter says.
//!
//! A block in `sh` succeeds if each of its commands does. A block in `text` right behind it is what it
//! prints: each of its lines comes, in this order, maybe with others in between; `…` stands for any text.
//! Comments in front of a block say more:
//!
//! | Comment | Meaning |
//! |---|---|
//! | `<!-- file: PATH -->` | the reader writes the block to this file |
//! | `<!-- not run: REASON -->` | is not executed; of commands, their syntax is checked |
//! | `<!-- until: TEXT -->` | goes on in another terminal, once it has printed this |
//! | `<!-- fails -->` | the last command fails |
//! | `<!-- prints nothing certain -->` | a block in `text` that is no output to compare |

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::pages::{Code, Page};

/// What the shell prints when a block is over.
const END: &str = "--8<-- end of block";
/// What it prints when a command has failed.
const FAILED: &str = "--8<-- status ";

/// What to do with a block.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Write the text to a file.
    Write {
        /// The file, relative to the folder in which the reader began.
        path: PathBuf,
        /// The text.
        text: String,
    },
    /// Type commands.
    Type {
        /// The commands.
        commands: String,
        /// The line in the chapter.
        line: usize,
        /// The text that they print before the reader goes on while they still run.
        until: Option<String>,
        /// Whether the last one fails.
        fails: bool,
        /// What they print.
        output: Vec<String>,
    },
    /// Look at the syntax of commands only.
    Parse {
        /// The commands.
        commands: String,
        /// The line in the chapter.
        line: usize,
    },
}

/// The steps of a chapter.
#[must_use]
pub fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for code in Page::read(text).code {
        let follows = steps.last_mut().and_then(|step| output_of(step, &code));
        if let Some(output) = follows {
            output.extend(
                code.text.lines().map(str::trim).filter(|it| !it.is_empty()).map(Into::into),
            );
        } else {
            steps.extend(step(code));
        }
    }
    steps
}

/// Where a block goes to, if it is the output of a step.
fn output_of<'a>(step: &'a mut Step, code: &Code) -> Option<&'a mut Vec<String>> {
    match step {
        Step::Type { output, .. } if code.info == "text" && code.comment.is_empty() => Some(output),
        _ => None,
    }
}

fn step(code: Code) -> Option<Step> {
    let Code { info, text, line, comment } = code;
    if let Some(path) = comment.strip_prefix("file: ") {
        return Some(Step::Write { path: path.into(), text: visible(&info, &text) });
    }
    if info != "sh" {
        return None;
    }
    if comment.starts_with("not run: ") {
        return Some(Step::Parse { commands: text, line });
    }
    let until = comment.strip_prefix("until: ").map(Into::into);
    let fails = comment == "fails";
    Some(Step::Type { commands: text, line, until, fails, output: Vec::new() })
}

/// What a reader sees: of Rust code, mdBook hides lines that begin with `# `.
fn visible(info: &str, text: &str) -> String {
    let is_rust = info.starts_with("rust");
    let lines = text.split_inclusive('\n');
    lines.filter(|line| !is_rust || !(line.starts_with("# ") || line.trim_end() == "#")).collect()
}

/// Does the steps of a chapter, and begins in a folder. Returns whether all is as the chapter says,
/// and prints what is not.
///
/// # Errors
///
/// Fails if there is no shell, or a file cannot be written.
pub fn run(chapter: &Path, folder: &Path) -> io::Result<bool> {
    let text = fs::read_to_string(chapter)?;
    let mut shell = Shell::start(folder)?;
    let mut is_right = true;
    for step in steps(&text) {
        let (line, problem) = match &step {
            Step::Write { path, text } => {
                let path = folder.join(path);
                fs::create_dir_all(path.parent().unwrap_or(folder))?;
                fs::write(path, text)?;
                continue;
            }
            Step::Parse { commands, line } => (line, syntax(commands)?),
            Step::Type { commands, line, until, fails, output } => {
                print!("{}:{line}\n{commands}", chapter.display());
                let printed = match until {
                    None => shell.type_in(commands)?,
                    Some(text) => shell.type_elsewhere(commands, text)?,
                };
                (line, problem(&printed, *fails, output))
            }
        };
        if let Some(problem) = problem {
            eprintln!("{}:{line}: error: {problem}", chapter.display());
            is_right = false;
            break;
        }
    }
    shell.end()?;
    Ok(is_right)
}

fn syntax(commands: &str) -> io::Result<Option<String>> {
    let checked = Command::new("bash").args(["-n", "-c", commands]).output()?;
    let errors = String::from_utf8_lossy(&checked.stderr).into_owned();
    Ok(if checked.status.success() { None } else { Some(errors) })
}

/// What is wrong with what a block has printed.
fn problem(printed: &[String], fails: bool, expected: &[String]) -> Option<String> {
    let failure = printed.iter().find(|line| line.starts_with(FAILED));
    match failure {
        Some(status) if !fails => return Some(format!("a command failed: {status}")),
        None if fails => return Some("it succeeded".to_owned()),
        _ => {}
    }
    let mut rest = printed.iter();
    let missing = expected.iter().find(|expected| !rest.any(|line| is_like(line, expected)))?;
    Some(format!("it does not print: {missing}"))
}

/// Whether a line is as expected, where `…` stands for any text.
fn is_like(line: &str, expected: &str) -> bool {
    let mut parts = expected.split('…').map(str::trim);
    let line = line.trim();
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else {
        return false;
    };
    let (mut last, mut is_open) = ("", false);
    for part in parts {
        is_open = true;
        last = part;
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    if is_open {
        last.is_empty() || line.ends_with(last)
    } else {
        rest.is_empty()
    }
}

/// A shell, and what goes on in other terminals.
struct Shell {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    folder: PathBuf,
    elsewhere: usize,
}

impl Shell {
    fn start(folder: &Path) -> io::Result<Self> {
        let mut command = Command::new("bash");
        command.arg("--norc").current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(io::Error::other("no pipe"));
        };
        let output = BufReader::new(output);
        Ok(Self { process, input, output, folder: folder.to_owned(), elsewhere: 0 })
    }

    /// Types commands, and returns what they print.
    fn type_in(&mut self, commands: &str) -> io::Result<Vec<String>> {
        // The commands may end this shell, or start another one that goes on reading.
        let before = "exec 2>&1; set -o pipefail";
        let trap = format!("trap 'printf \"%s\\n\" \"{FAILED}$?\"' ERR");
        writeln!(
            self.input,
            "{before}\n{trap}\n{commands}\ntrap - ERR; printf '\\n%s\\n' '{END}'"
        )?;
        self.input.flush()?;
        let mut printed = Vec::new();
        for line in self.output.by_ref().lines() {
            // What is no text is not compared.
            let Ok(line) = line else { continue };
            if line == END {
                return Ok(printed);
            }
            println!("  {line}");
            printed.push(line);
        }
        printed.push(format!("{FAILED}: the shell has ended"));
        Ok(printed)
    }

    /// Types commands into another terminal, and returns what they have printed when a text has come.
    fn type_elsewhere(&mut self, commands: &str, until: &str) -> io::Result<Vec<String>> {
        self.elsewhere += 1;
        let log = self.folder.join(format!("terminal-{}.log", self.elsewhere));
        File::create(&log)?;
        let log = log.display();
        // A group of its own: its end is that of all its processes.
        let start = format!("set -m\n(\n{commands}\n) >'{log}' 2>&1 </dev/null &\nset +m");
        let wait = format!(
            "until grep --quiet --fixed-strings -e '{until}' '{log}' || ! kill -0 $!; do sleep 0.1; done
             cat '{log}'; grep --quiet --fixed-strings -e '{until}' '{log}'"
        );
        self.type_in(&format!("{start}\n{wait}"))
    }

    /// Ends what goes on in other terminals, and the shell.
    fn end(mut self) -> io::Result<()> {
        // `jobs -p` lists the leaders of groups. The shell may have ended already.
        let end = "for it in $(jobs -p); do kill -TERM -- -\"$it\"; done; wait";
        drop(writeln!(self.input, "{end}"));
        drop(self.input);
        io::copy(&mut self.output, &mut io::sink())?;
        self.process.wait()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_right(chapter: &str) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chapter.md");
        fs::write(&path, chapter).unwrap();
        run(&path, folder.path()).unwrap()
    }

    #[test]
    fn commands_that_do_as_told_pass() {
        assert!(is_right("```sh\ncd /tmp\nx=1\n```\n```sh\necho a $x $PWD; echo b 7 c\n```\n```text\na 1 /tmp\nb … c\n```\n"));
        assert!(is_right(
            "<!-- file: a/b -->\n```toml\nx = 1\n```\n```sh\ncat a/b\n```\n```text\nx = 1\n```\n"
        ));
        assert!(is_right("<!-- fails -->\n```sh\nfalse\n```\n"));
    }

    #[test]
    fn other_output_is_noticed() {
        assert!(!is_right("```sh\necho b; echo a\n```\n```text\na\nb\n```\n"));
        assert!(!is_right("```sh\necho ab\n```\n```text\na\n```\n"));
    }

    #[test]
    fn failing_command_is_noticed() {
        assert!(!is_right("```sh\nfalse\ntrue\n```\n"));
        assert!(!is_right("```sh\nfalse | cat\n```\n"));
        assert!(!is_right("```sh\nexit 0\n```\n"));
        assert!(!is_right("<!-- fails -->\n```sh\ntrue\n```\n"));
        assert!(!is_right("<!-- not run: no root -->\n```sh\nif true; then\n```\n"));
    }

    #[test]
    fn failure_inside_a_started_shell_is_noticed() {
        assert!(is_right(
            "```sh\nbash\n```\n```sh\necho $SHLVL\n```\n```text\n…\n```\n```sh\nexit\n```\n"
        ));
        assert!(!is_right("```sh\nbash\n```\n```sh\nfalse\n```\n"));
    }

    #[test]
    fn other_terminal_goes_on_until_the_end() {
        let start = "<!-- until: ready -->\n```sh\ntouch there; echo ready; sleep 1000\n```\n";
        assert!(is_right(&format!("{start}```sh\nls\n```\n```text\nthere\n```\n")));
        assert!(!is_right("<!-- until: ready -->\n```sh\necho never\n```\n"));
    }

    #[test]
    fn hidden_lines_are_not_written() {
        assert_eq!(visible("rust,no_run", "a\n# b\n#\n#[c]\n"), "a\n#[c]\n");
        assert_eq!(visible("toml", "# b\n"), "# b\n");
    }
}
