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

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{bracketed, Attribute, Error, LitInt, Path, Result, Token, TypeBareFn, Visibility};

/// The largest pool, so that a typo in the size does not keep a build busy for minutes.
const MAX_SIZE: usize = 65_536;

/// Shims per row of the table. A power of two, so that `ROW | COLUMN` is the slot: unlike `+`, it
/// has no overflow to check in a debug build.
const ROW_WIDTH: usize = 256;

/// `#[…] pub static NAME: [extern "C" fn(…); size] = handler;`
pub(crate) struct HandlerPool {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    name: Ident,
    handler_type: TypeBareFn,
    size: usize,
    handler: Path,
}

impl Parse for HandlerPool {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        input.parse::<Token![static]>()?;
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        let array;
        bracketed!(array in input);
        let handler_type = array.parse()?;
        array.parse::<Token![;]>()?;
        let size = parse_size(&array)?;
        input.parse::<Token![=]>()?;
        let handler = input.call(Path::parse_mod_style)?;
        input.parse::<Token![;]>()?;
        check_handler_type(&handler_type)?;
        Ok(Self { attributes, visibility, name, handler_type, size, handler })
    }
}

fn parse_size(array: ParseStream<'_>) -> Result<usize> {
    let start = array.span();
    let literal = array.parse().ok().filter(|_: &LitInt| array.is_empty());
    let message = match literal.map(|literal| literal.base10_parse()) {
        Some(Ok(0)) => "a pool needs at least one handler",
        Some(Ok(size)) if size <= MAX_SIZE => return Ok(size),
        Some(_) => "a pool has at most 65,536 handlers",
        None => {
            "the size of a pool must be an integer literal such as `5000`: \
             a macro runs before constants are evaluated and sees no more than their names"
        }
    };
    Err(Error::new(start, message))
}

fn check_handler_type(handler_type: &TypeBareFn) -> Result<()> {
    let mut attributes = handler_type.inputs.iter().flat_map(|input| &input.attrs);
    let (span, message) = if let Some(unsafety) = &handler_type.unsafety {
        (unsafety.span, "a handler must be safe: remove `unsafe`")
    } else if let Some(span) = foreign_abi(handler_type) {
        (span, "a handler must be an `extern \"C\" fn`")
    } else if let Some(variadic) = &handler_type.variadic {
        (variadic.span(), "a handler cannot have variadic parameters")
    } else if let Some(attribute) = attributes.next() {
        (attribute.span(), "parameters cannot have attributes")
    } else {
        return Ok(());
    };
    Err(Error::new(span, message))
}

/// Where an ABI other than `"C"` is named, or none.
fn foreign_abi(handler_type: &TypeBareFn) -> Option<Span> {
    let abi = handler_type.abi.as_ref();
    match abi.and_then(|abi| abi.name.as_ref()) {
        Some(name) if name.value() == "C" => None,
        Some(name) => Some(name.span()),
        None => Some(handler_type.fn_token.span),
    }
}

impl HandlerPool {
    /// The table as one `static`. All else is local to its initialiser and mangled: neither
    /// visible to the caller nor exported.
    pub(crate) fn expand(&self) -> TokenStream {
        let (attributes, visibility, name) = (&self.attributes, &self.visibility, &self.name);
        let (handler_type, size) = (&self.handler_type, self.size);
        let functions = self.functions();
        let table = self.table();
        quote! {
            #(#attributes)*
            #visibility static #name: [#handler_type; #size] = {
                #functions
                #table
            };
        }
    }

    /// The shim, generic over its slot, and the one function which every shim calls.
    fn functions(&self) -> TokenStream {
        let handler = &self.handler;
        let bound = &self.handler_type.lifetimes;
        let lifetimes: Vec<_> = bound.iter().flat_map(|bound| &bound.lifetimes).collect();
        let inputs = &self.handler_type.inputs;
        let types: Vec<_> = inputs.iter().map(|input| &input.ty).collect();
        let output = &self.handler_type.output;
        let local = |name: String| Ident::new(&name, Span::mixed_site());
        let slot = local("slot".into());
        let arguments: Vec<_> = (0..types.len()).map(|n| local(format!("argument_{n}"))).collect();
        let usize = quote!(::core::primitive::usize);
        quote! {
            // The one place where the caller's handler is checked, so a misfit is one error.
            const __HANDLER_POOL_HANDLER:
                #bound extern "C" fn(#usize, #(#types),*) #output = #handler;

            // Never inlined: a small handler, copied into every shim, triples the compile time.
            // An `extern "C"` function does not unwind, which spares each shim its landing pad.
            #[inline(never)]
            extern "C" fn __handler_pool_shared<#(#lifetimes),*>(
                #slot: #usize, #(#arguments: #types),*
            ) #output {
                __HANDLER_POOL_HANDLER(#slot, #(#arguments),*)
            }

            #[inline(never)]
            extern "C" fn __handler_pool_shim<
                #(#lifetimes,)* const __ROW: #usize, const __COLUMN: #usize
            >(#(#arguments: #types),*) #output {
                __handler_pool_shared(__ROW | __COLUMN, #(#arguments),*)
            }
        }
    }

    /// The table, made of rows which are one generic constant: what is parsed and checked grows
    /// with the rows, not the shims. Shims of the last row beyond the size are never compiled.
    fn table(&self) -> TokenStream {
        let handler_type = &self.handler_type;
        let width = ROW_WIDTH.min(self.size);
        let columns = 0..width;
        let rows = (0..self.size).step_by(ROW_WIDTH);
        quote! {
            struct __HandlerPoolRow<const __ROW: ::core::primitive::usize>;

            impl<const __ROW: ::core::primitive::usize> __HandlerPoolRow<__ROW> {
                const SHIMS: [#handler_type; #width] =
                    [#(__handler_pool_shim::<__ROW, #columns>),*];
            }
            let rows = [#(__HandlerPoolRow::<#rows>::SHIMS),*];
            match <[_]>::first_chunk(<[[_; #width]]>::as_flattened(&rows)) {
                ::core::option::Option::Some(table) => *table,
                ::core::option::Option::None => ::core::unreachable!(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(size: usize) -> Result<usize> {
        let pool = format!("static POOL: [extern \"C\" fn(u64); {size}] = handler;");
        let pool: HandlerPool = syn::parse_str(&pool)?;
        Ok(count(pool.expand()))
    }

    fn count(tokens: TokenStream) -> usize {
        let of_tree = |tree| match tree {
            proc_macro2::TokenTree::Group(group) => 1 + count(group.stream()),
            _ => 1,
        };
        tokens.into_iter().map(of_tree).sum()
    }

    #[test]
    fn token_count_grows_with_rows_only() {
        let one_row = tokens(ROW_WIDTH).unwrap();
        let largest = tokens(MAX_SIZE).unwrap();
        assert!(largest < 3 * one_row, "{largest} tokens, one row {one_row}");
    }

    #[test]
    fn sizes_end_at_the_limit() {
        assert!(tokens(0).is_err());
        assert!(tokens(1).is_ok());
        assert!(tokens(MAX_SIZE + 1).is_err());
    }
}
