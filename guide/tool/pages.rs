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

//! What is read of a Markdown document. Ground: uses nothing.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A link, or an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it leads to, as written.
    pub target: String,
    /// Where it is in the text, with its brackets.
    pub range: Range<usize>,
}

/// A fenced block of code, with the comment in front of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The language and what else stands behind the fence.
    pub info: String,
    /// The content.
    pub text: String,
    /// The number of its first line in the document.
    pub line: usize,
    /// The comment right in front of it, `<!-- … -->`; empty if there is none.
    pub comment: String,
}

/// What is read of a document.
#[derive(Debug, Default)]
pub struct Page {
    /// All links.
    pub links: Vec<Link>,
    /// The anchors of its headings, as GitHub and mdBook make them.
    pub anchors: Vec<String>,
    /// All fenced blocks.
    pub code: Vec<Code>,
}

impl Page {
    /// Reads a document.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut page = Self::default();
        let mut headings = HashMap::new();
        let (mut heading, mut code, mut comment) = (None::<String>, None::<Code>, String::new());
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(Link { target: dest_url.into_string(), range });
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let anchor = anchor_of(&heading.take().unwrap_or_default());
                    page.anchors.push(unique(&mut headings, anchor));
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    code = Some(Code {
                        info: info.into_string(),
                        text: String::new(),
                        line: line_of(text, range.start) + 1,
                        comment: std::mem::take(&mut comment),
                    });
                }
                Event::End(TagEnd::CodeBlock) => page.code.extend(code.take()),
                Event::Html(html) => comment.push_str(&html),
                Event::Start(Tag::HtmlBlock) => comment.clear(),
                Event::End(TagEnd::HtmlBlock) => comment = content_of(&comment),
                Event::Text(part) | Event::Code(part) => {
                    if let Some(code) = &mut code {
                        code.text.push_str(&part);
                    } else if let Some(heading) = &mut heading {
                        heading.push_str(&part);
                    } else {
                        comment.clear();
                    }
                }
                _ => {}
            }
        }
        page
    }
}

/// The number of the line, from 1, of a position.
#[must_use]
pub fn line_of(text: &str, position: usize) -> usize {
    text.bytes().take(position).filter(|byte| *byte == b'\n').count() + 1
}

/// The content of a comment, in one line.
fn content_of(comment: &str) -> String {
    let inner = comment.trim().strip_prefix("<!--").and_then(|it| it.strip_suffix("-->"));
    inner.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn anchor_of(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|it| match it {
        ' ' => Some('-'),
        _ if it.is_alphanumeric() || it == '-' || it == '_' => Some(it.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}

fn unique(seen: &mut HashMap<String, usize>, anchor: String) -> String {
    let count = seen.entry(anchor.clone()).or_default();
    *count += 1;
    if *count == 1 {
        anchor
    } else {
        format!("{anchor}-{}", *count - 1)
    }
}

/// A path without `.` and `..`.
#[must_use]
pub fn normalized(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_those_of_github() {
        let page = Page::read("# `services[]`, a list\n## Two words\n## Two words\n");
        assert_eq!(page.anchors, ["services-a-list", "two-words", "two-words-1"]);
    }

    #[test]
    fn comment_belongs_to_the_next_block_only() {
        let text =
            "<!-- not run:\n root -->\n```sh\na\nb\n```\n\n<!-- x -->\ntext\n\n```sh\nc\n```\n";
        let page = Page::read(text);
        assert_eq!(page.code[0].comment, "not run: root");
        assert_eq!((page.code[0].text.as_str(), page.code[0].line), ("a\nb\n", 4));
        assert_eq!(page.code[1].comment, "");
    }

    #[test]
    fn path_is_normalized() {
        assert_eq!(normalized(Path::new("a/./b/../../c")), Path::new("c"));
        assert_eq!(normalized(Path::new("a/../../c")), Path::new("../c"));
    }
}
