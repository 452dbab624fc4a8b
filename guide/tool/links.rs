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

//! Whether the links inside the repository lead somewhere: to a file, a folder, or a heading.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::pages::{line_of, normalized, Page};

/// A link that leads nowhere.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken {
    /// The document, relative to the root.
    pub document: PathBuf,
    /// The line of the link.
    pub line: usize,
    /// Where it should lead to.
    pub target: String,
    /// What is not there.
    pub missing: &'static str,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { document, line, target, missing } = self;
        write!(f, "{}:{line}: {target}: there is no such {missing}", document.display())
    }
}

/// All documents below a folder, without those of builds and hidden folders.
///
/// # Errors
///
/// Fails if a folder cannot be read.
pub fn documents(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name());
            // A symbolic link is the document of another folder.
            let kind = entry.file_type()?;
            if kind.is_dir() {
                let is_skipped = name == "target" || name.to_string_lossy().starts_with('.');
                if !is_skipped {
                    folders.push(path);
                }
            } else if kind.is_file() && path.extension().is_some_and(|it| it == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// All links below a folder that lead nowhere.
///
/// # Errors
///
/// Fails if a document cannot be read.
pub fn broken(root: &Path) -> io::Result<Vec<Broken>> {
    let mut broken = Vec::new();
    for document in documents(root)? {
        let text = fs::read_to_string(&document)?;
        for link in Page::read(&text).links {
            if let Some(missing) = missing(&document, &link.target)? {
                let line = line_of(&text, link.range.start);
                let document = document.strip_prefix(root).unwrap_or(&document).to_owned();
                broken.push(Broken { document, line, target: link.target, missing });
            }
        }
    }
    Ok(broken)
}

/// What a link of a document leads to that is not there.
fn missing(document: &Path, target: &str) -> io::Result<Option<&'static str>> {
    if is_outside(target) {
        return Ok(None);
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = document.parent().unwrap_or(Path::new(""));
    let file = if file.is_empty() { document.to_owned() } else { normalized(&folder.join(file)) };
    if !file.exists() {
        return Ok(Some("file"));
    }
    if anchor.is_empty() || file.extension().is_none_or(|it| it != "md") {
        return Ok(None);
    }
    let anchors = Page::read(&fs::read_to_string(file)?).anchors;
    Ok(if anchors.iter().any(|it| it == anchor) { None } else { Some("heading") })
}

/// Whether a link leads out of the repository.
#[must_use]
pub fn is_outside(target: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_that_leads_nowhere_is_found() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        let text =
            "# A b\n[1](#a-b) [2](#c)\n[3](sub/b.md#d) [4](sub/c.md) [5](sub) [6](https://x.y)\n";
        fs::write(folder.path().join("a.md"), text).unwrap();
        fs::write(folder.path().join("sub/b.md"), "## d\n[7](../a.md#a-b) [8](../a.md#a)\n")
            .unwrap();
        let broken = broken(folder.path()).unwrap();
        let shown: Vec<_> = broken.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "a.md:2: #c: there is no such heading",
                "a.md:3: sub/c.md: there is no such file",
                "sub/b.md:2: ../a.md#a: there is no such heading",
            ]
        );
    }
}
