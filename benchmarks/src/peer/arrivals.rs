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

//! Checks the received messages, whose numbers must be 1, 2, 3 …

use crate::peer::{now_ns, Measured};

#[derive(Default)]
pub(crate) struct Arrivals {
    last: u64,
    out_of_order: u64,
    times_ns: Vec<u64>,
}

impl Arrivals {
    pub(crate) fn start(&mut self, count: u64) {
        (self.last, self.out_of_order) = (0, 0);
        self.times_ns.clear();
        self.times_ns.reserve(usize::try_from(count).unwrap_or_default());
    }

    pub(crate) fn note(&mut self, number: u64) {
        if number != self.last + 1 {
            self.out_of_order += 1;
        }
        self.last = number;
    }

    /// Notes also how long the message was on its way.
    pub(crate) fn note_timed(&mut self, number: u64, sent_ns: u64) {
        self.note(number);
        self.times_ns.push(now_ns().unwrap_or_default().saturating_sub(sent_ns));
    }

    pub(crate) fn out_of_order(&self) -> u64 {
        self.out_of_order
    }

    pub(crate) fn measured(&mut self, elapsed_ns: u64, out_of_order: u64) -> Measured {
        self.times_ns.sort_unstable();
        Measured {
            elapsed_ns,
            out_of_order,
            p50_ns: percentile(&self.times_ns, 50),
            p99_ns: percentile(&self.times_ns, 99),
        }
    }
}

fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_repetitions_break_order() {
        let mut arrivals = Arrivals::default();
        arrivals.start(5);
        [1, 2, 4, 5, 5].into_iter().for_each(|number| arrivals.note(number));
        assert_eq!(arrivals.out_of_order(), 2);
        arrivals.start(2);
        [1, 2].into_iter().for_each(|number| arrivals.note(number));
        assert_eq!(arrivals.out_of_order(), 0);
    }

    #[test]
    fn percentiles_are_among_the_values() {
        let values: Vec<u64> = (0..=100).collect();
        assert_eq!((percentile(&values, 50), percentile(&values, 99)), (50, 99));
        assert_eq!(percentile(&[7], 99), 7);
        assert_eq!(percentile(&[], 50), 0);
    }
}
