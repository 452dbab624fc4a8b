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

//! Counters for the recorder of the crate `metrics`. Uses nothing but the counters.

use metrics::{counter, describe_counter, describe_gauge, gauge, Unit};

use crate::metrics::Metrics;

const LATE_CALLS: &str = "up_vsomeip_late_calls_total";
const WAITING: &str = "up_vsomeip_waiting";

impl Metrics {
    /// Passes this snapshot to the recorder that the process has installed with the crate
    /// [`metrics`](https://docs.rs/metrics), such as an exporter to Prometheus; without one, nothing
    /// happens. Call it before the recorder is read, or every few seconds: messages never touch the
    /// recorder. Costs some microseconds. Needs the feature `metrics`.
    ///
    /// ```no_run
    /// # async fn example(transport: up_transport_vsomeip::UPTransportVsomeip) {
    /// let mut interval = tokio::time::interval(std::time::Duration::from_secs(5));
    /// loop {
    ///     interval.tick().await;
    ///     transport.metrics().record("hello_service");
    /// }
    /// # }
    /// ```
    ///
    /// | metric | type | labels |
    /// |---|---|---|
    /// | `up_vsomeip_<field>_total`, for each counter of [`Metrics`] | counter | `application` |
    /// | `up_vsomeip_late_calls_total`, of the whole process | counter | |
    /// | `up_vsomeip_waiting`, for each field of [`Waiting`](crate::Waiting) | gauge | `application`, `for` |
    ///
    /// The label `application` is what is passed here; it tells transports of one process apart. The
    /// label `for` is `listeners`, `services`, `subscribers`, `responses` or `answers`. All count
    /// messages, unless the field's documentation says otherwise.
    pub fn record(&self, application: &str) {
        for (name, documentation, value) in self.counters() {
            describe_counter!(name, Unit::Count, description(documentation));
            counter!(name, "application" => application.to_owned()).absolute(value);
        }
        describe_counter!(
            LATE_CALLS,
            Unit::Count,
            "Dropped because the registration that they were for had ended, in this process"
        );
        counter!(LATE_CALLS).absolute(self.late_calls);
        describe_gauge!(WAITING, Unit::Count, "Messages that wait in the transport");
        let waiting = self.waiting;
        for (what, count) in [
            ("listeners", waiting.for_listeners),
            ("services", waiting.for_services),
            ("subscribers", waiting.for_subscribers),
            ("responses", waiting.for_responses),
            ("answers", waiting.for_answers),
        ] {
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            gauge!(WAITING, "application" => application.to_owned(), "for" => what).set(count);
        }
    }
}

/// The first sentence of a counter's documentation, as far as it has no links.
fn description(documentation: &'static str) -> &'static str {
    documentation.split(['.', ':', ';', '(']).next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use metrics::with_local_recorder;
    use metrics_util::debugging::{DebugValue, DebuggingRecorder};

    use super::*;
    use crate::metrics::{Counters, Waiting};

    /// What a recorder has, by name and labels: unit, description and value.
    type Recorded = HashMap<String, (Option<Unit>, Option<String>, DebugValue)>;

    fn recorded(record: impl FnOnce()) -> Recorded {
        let recorder = DebuggingRecorder::new();
        with_local_recorder(&recorder, record);
        let metrics = recorder.snapshotter().snapshot().into_vec().into_iter();
        metrics
            .map(|(key, unit, description, value)| {
                let labels = key.key().labels().map(|it| format!("{}={}", it.key(), it.value()));
                let name = [key.key().name().to_owned()].into_iter().chain(labels);
                let description = description.map(|text| text.to_string());
                (name.collect::<Vec<_>>().join(" "), (unit, description, value))
            })
            .collect()
    }

    fn counted() -> Counters {
        let counters = Counters::default();
        counters.sent.increment();
        counters.sent.increment();
        counters.listener_panics.increment();
        counters
    }

    #[test]
    fn counters_have_names_units_and_descriptions() {
        let recorded = recorded(|| counted().snapshot(Waiting::default(), 7).record("one"));
        let expected = |text: &str, value| {
            (Some(Unit::Count), Some(text.to_owned()), DebugValue::Counter(value))
        };
        assert_eq!(
            recorded["up_vsomeip_sent_total application=one"],
            expected("Passed to vsomeip", 2)
        );
        assert_eq!(
            recorded["up_vsomeip_listener_panics_total application=one"],
            expected("Panics in listeners", 1)
        );
        assert_eq!(recorded["up_vsomeip_late_calls_total"].2, DebugValue::Counter(7));
        for (name, (unit, description, _)) in recorded {
            let description = description.unwrap_or_default();
            assert!(unit == Some(Unit::Count) && description.len() > 10, "{name}: {description}");
            assert!(!description.contains("]("), "{name}: {description}");
        }
    }

    #[test]
    fn every_counter_is_recorded() {
        let snapshot = counted().snapshot(Waiting::default(), 0);
        let fields = format!("{snapshot:?}").matches(": ").count();
        // `waiting` holds its own fields.
        assert_eq!(recorded(|| snapshot.record("one")).len(), fields - 1);
    }

    #[test]
    fn waiting_messages_are_gauges() {
        let waiting = Waiting {
            for_listeners: 1,
            for_services: 2,
            for_subscribers: 3,
            for_responses: 4,
            for_answers: usize::MAX,
        };
        let recorded = recorded(|| Counters::default().snapshot(waiting, 0).record("one"));
        for (what, expected) in [
            ("listeners", 1.0),
            ("services", 2.0),
            ("subscribers", 3.0),
            ("responses", 4.0),
            ("answers", f64::from(u32::MAX)),
        ] {
            let name = format!("up_vsomeip_waiting application=one for={what}");
            assert_eq!(recorded[&name].2, DebugValue::Gauge(expected.into()), "{what}");
        }
    }

    #[test]
    fn applications_have_separate_counters() {
        let recorded = recorded(|| {
            counted().snapshot(Waiting::default(), 0).record("one");
            Counters::default().snapshot(Waiting::default(), 0).record("two");
        });
        let sent = |name| &recorded[&format!("up_vsomeip_sent_total application={name}")].2;
        assert_eq!((sent("one"), sent("two")), (&DebugValue::Counter(2), &DebugValue::Counter(0)));
    }
}
