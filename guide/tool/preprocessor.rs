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

//! Brings documents from elsewhere in the repository into the book, as a preprocessor of mdBook.
//!
//! A chapter that is nothing but `{{#include ../../config/NETWORK.md}}` is that document. Links in the
//! sources lead to files of the repository, so that they work there, too; here, those to documents that
//! are in the book lead to their chapters, and those to other files to the files of the checkout that
//! the book was made from.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::links::is_outside;
use crate::pages::{normalized, Page};

const INCLUDE: (&str, &str) = ("{{#include ", "}}");

/// Where things are: absolute paths.
struct Book {
    /// The folder of the chapters.
    source: PathBuf,
    /// The folder of the result.
    output: PathBuf,
    /// The chapters that are documents from elsewhere, by these.
    included: HashMap<PathBuf, PathBuf>,
}

/// Takes what mdBook gives a preprocessor, and returns what it wants back.
///
/// # Errors
///
/// Fails if this is not what mdBook gives, or a document cannot be read.
pub fn run(input: &str) -> io::Result<String> {
    let (context, mut book): (Value, Value) = serde_json::from_str(input)?;
    let root = PathBuf::from(context["root"].as_str().unwrap_or("."));
    let build = &context["config"]["build"]["build-dir"];
    let mut paths = Book {
        source: root.join("src"),
        output: normalized(&root.join(build.as_str().unwrap_or("book"))),
        included: HashMap::new(),
    };
    each_chapter(&mut book, &mut |chapter| {
        if let (Some(path), Some(document)) = (path_of(chapter), paths.document_of(chapter)) {
            paths.included.insert(document, path);
        }
        Ok(())
    })?;
    each_chapter(&mut book, &mut |chapter| paths.finish(chapter))?;
    Ok(book.to_string())
}

/// Calls a function for each chapter, at whatever depth.
fn each_chapter(
    value: &mut Value,
    call: &mut dyn FnMut(&mut Value) -> io::Result<()>,
) -> io::Result<()> {
    let parts: Vec<_> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(fields) => fields.values_mut().collect(),
        _ => return Ok(()),
    };
    for part in parts {
        each_chapter(part, call)?;
    }
    match value.get_mut("Chapter") {
        Some(chapter) => call(chapter),
        None => Ok(()),
    }
}

/// The path of a chapter below the folder of chapters.
fn path_of(chapter: &Value) -> Option<PathBuf> {
    chapter["path"].as_str().map(PathBuf::from)
}

impl Book {
    /// The document that a chapter is, if it is one from elsewhere.
    fn document_of(&self, chapter: &Value) -> Option<PathBuf> {
        let content = chapter["content"].as_str()?.trim();
        let included = content.strip_prefix(INCLUDE.0)?.strip_suffix(INCLUDE.1)?;
        let file = self.source.join(path_of(chapter)?);
        Some(normalized(&file.parent()?.join(included)))
    }

    /// Puts the document in the place of the chapter, and leads its links to where things are.
    fn finish(&self, chapter: &mut Value) -> io::Result<()> {
        let Some(path) = path_of(chapter) else { return Ok(()) };
        let (file, text) = match self.document_of(chapter) {
            Some(document) => {
                let text = fs::read_to_string(&document)?;
                (document, text)
            }
            None => (self.source.join(&path), chapter["content"].as_str().unwrap_or("").to_owned()),
        };
        chapter["content"] = Value::from(self.with_links(&text, &file, &path));
        Ok(())
    }

    /// A text of a file, as that of a chapter.
    fn with_links(&self, text: &str, file: &Path, chapter: &Path) -> String {
        let mut links = Page::read(text).links;
        // An image may be in a link.
        links.sort_by_key(|link| (link.range.end, link.range.start));
        let mut result = text.to_owned();
        for link in links.iter().rev() {
            let Some(target) = self.target(&link.target, file, chapter) else { continue };
            let written = format!("({})", link.target);
            if let Some(at) = result[link.range.clone()].rfind(&written) {
                let start = link.range.start + at;
                result.replace_range(start..start + written.len(), &format!("({target})"));
            }
        }
        result
    }

    /// Where a link leads to in the book; none if it stays as it is.
    fn target(&self, target: &str, file: &Path, chapter: &Path) -> Option<String> {
        if is_outside(target) || target.starts_with('#') {
            return None;
        }
        let (path, anchor) = match target.split_once('#') {
            Some((path, anchor)) => (path, format!("#{anchor}")),
            None => (target, String::new()),
        };
        let absolute = normalized(&folder_of(file).join(path));
        let folder = folder_of(chapter);
        let led = match (self.included.get(&absolute), absolute.strip_prefix(&self.source)) {
            (Some(other), _) => relative(folder, other).display().to_string(),
            (None, Ok(other)) => relative(folder, other).display().to_string(),
            (None, Err(_)) => {
                let led = relative(&self.output.join(folder), &absolute).display().to_string();
                // mdBook takes what ends in `.md` for a chapter.
                led.strip_suffix(".md").map(|it| format!("{it}%2Emd")).unwrap_or(led)
            }
        };
        Some(format!("{led}{anchor}"))
    }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

/// The way from a folder to a file; both absolute, or both relative to the same.
fn relative(folder: &Path, file: &Path) -> PathBuf {
    let common = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    up.chain(file.components().skip(common)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_become_chapters_and_links_follow() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("guide/src")).unwrap();
        fs::create_dir_all(root.join("config")).unwrap();
        fs::write(root.join("config/A.md"), "[x](x.json), [b](B.md#h), [![i](i.svg)](A.md)")
            .unwrap();
        let chapter = |path: &str, content: &str, items: Value| json!({ "Chapter": { "path": path, "content": content, "sub_items": items } });
        let inner = chapter("sub/b.md", "{{#include ../../../config/A.md}}", json!([]));
        let outer = chapter(
            "a.md",
            "[A](../../config/A.md#k) [s](sub/s.md) [w](https://w)",
            json!([inner]),
        );
        let context = json!({
            "root": root.join("guide"), "config": { "build": { "build-dir": "../target/guide" } }
        });
        let output = run(&json!([context, { "items": [outer, "Separator"] }]).to_string()).unwrap();
        let book: Value = serde_json::from_str(&output).unwrap();
        let outer = &book["items"][0]["Chapter"];
        assert_eq!(outer["content"], "[A](sub/b.md#k) [s](sub/s.md) [w](https://w)");
        assert_eq!(
            outer["sub_items"][0]["Chapter"]["content"],
            "[x](../../../config/x.json), [b](../../../config/B%2Emd#h), \
             [![i](../../../config/i.svg)](b.md)"
        );
    }
}
