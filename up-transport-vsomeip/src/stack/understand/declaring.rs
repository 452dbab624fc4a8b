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

//! The macro that declares sections.

/// Declares sections. Each field has its JSON key, the form of its value unless it is a section or a
/// list of sections, and optionally a rule for repeated definitions in brackets. The default rule
/// follows the name of the section: `First` or `Last`. `looked_up` means that vsomeip looks up keys one
/// by one, `settled` that the section implements `Settle` itself.
macro_rules! sections {
    ($(
        $(#[$meta:meta])*
        $vis:vis struct $name:ident: $default:ident $($flag:ident)* {
            $(
                $(#[doc = $doc:literal])*
                $key:literal $(as $form:ident)? $([$rule:ident])? => $field:ident: $type:ty,
            )*
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        $vis struct $name {
            $( $(#[doc = $doc])* pub $field: $type, )*
            /// Keys without a field, unchanged.
            pub other: serde_json::Map<String, serde_json::Value>,
        }

        impl $crate::stack::understand::section::Section for $name {
            const NAME: &'static str = stringify!($name);
            const KEYS: &'static [&'static str] = &[$($key),*];
            const IS_LOOKED_UP: bool = sections!(@looked_up $($flag)*);

            fn rule_of(key: &str) -> Option<$crate::stack::understand::repeated::Rule> {
                use $crate::stack::understand::field::Field;
                Some(match key {
                    $($key => sections!(
                        @rule [$($rule)?]
                        <$type as Field<sections!(@form $($form)?)>>::rule(sections!(@rule [$default]))
                    ),)*
                    _ => return None,
                })
            }

            fn read_field(
                &mut self,
                key: &str,
                value: &$crate::stack::read::Tree,
                notes: &mut $crate::stack::warn::Notes<'_>,
            ) {
                use $crate::stack::understand::field::Field;
                match key {
                    $($key => {
                        Field::<sections!(@form $($form)?)>::read(&mut self.$field, value, notes)
                    })*
                    _ => {}
                }
            }

            fn other(&self) -> &serde_json::Map<String, serde_json::Value> {
                &self.other
            }

            fn other_mut(&mut self) -> &mut serde_json::Map<String, serde_json::Value> {
                &mut self.other
            }

            fn write_fields(&self) -> Vec<(String, $crate::stack::read::Tree)> {
                use $crate::stack::understand::field::Field;
                let fields = [
                    $(($key, Field::<sections!(@form $($form)?)>::write(&self.$field)),)*
                ];
                let fields = fields.into_iter();
                fields.filter_map(|(key, tree)| Some((key.to_owned(), tree?))).collect()
            }

            fn join(&mut self, later: Self) {
                use $crate::stack::understand::field::Field;
                use $crate::stack::understand::repeated::join_other;
                $(
                    if let Some(rule) = Self::rule_of($key) {
                        let later = later.$field;
                        Field::<sections!(@form $($form)?)>::join(&mut self.$field, later, rule);
                    }
                )*
                join_other(&mut self.other, later.other);
            }
        }

        impl $crate::stack::understand::schema::Documented for $name {
            fn keys() -> Vec<(&'static str, &'static str, serde_json::Value)> {
                use $crate::stack::understand::schema::HasSchema;
                vec![$((
                    $key,
                    concat!($($doc),*),
                    <$type as HasSchema<sections!(@form $($form)?)>>::schema(),
                )),*]
            }
        }

        sections!(@settle $name $($flag)*);
    )*};
    (@form) => { $crate::stack::understand::field::Sub };
    (@form Brief) => { Brief };
    (@form Several) => { Several };
    (@form $form:ident) => { $crate::stack::understand::field::As<$form> };
    (@rule []$($default:tt)*) => { $($default)* };
    (@rule [$rule:ident]$($default:tt)*) => {
        $crate::stack::understand::repeated::Rule::$rule
    };
    (@looked_up) => { false };
    (@looked_up looked_up $($flag:ident)*) => { true };
    (@looked_up settled $($flag:ident)*) => { sections!(@looked_up $($flag)*) };
    (@settle $name:ident) => {
        impl $crate::stack::understand::section::Settle for $name {}
    };
    (@settle $name:ident looked_up $($flag:ident)*) => { sections!(@settle $name $($flag)*); };
    (@settle $name:ident settled $($flag:ident)*) => {};
}

pub(in crate::stack) use sections;
