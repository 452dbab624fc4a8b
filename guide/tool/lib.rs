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

//! What makes the book of the guide, and tests it. It brings documents from elsewhere in the repository into
//! the book ([`preprocessor`]), looks whether the links of all documents lead somewhere ([`links`]), and does
//! what a chapter says ([`blocks`]). The Rust code is compiled and run by the package `guide-code`.

pub mod blocks;
pub mod links;
pub mod pages;
pub mod preprocessor;
