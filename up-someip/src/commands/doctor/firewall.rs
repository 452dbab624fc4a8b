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
//! Whether a firewall of this host may be in the way.

use std::process::Command;

use up_transport_vsomeip::inspect::{Check, Inspection, Verdict};
use up_transport_vsomeip::stack::ServiceDiscovery;

use super::with;

const SUBJECT: &str = "firewall";
/// What list the rules. Both may be there, with rules of their own.
const TOOLS: [(&str, &[&str]); 2] = [("nft", &["list", "ruleset"]), ("iptables", &["-S"])];
/// How many rules are shown.
const SHOWN: usize = 3;

pub(super) fn check(inspection: &Inspection) -> Check {
    let rules: Vec<String> = TOOLS.iter().filter_map(|(tool, args)| rules(tool, args)).collect();
    if rules.is_empty() {
        let text =
            "the rules cannot be read; run as root, with nft or iptables installed, to see them";
        return with(Check::ok(SUBJECT, text), Verdict::Unknown, None);
    }
    judge(&rules.join("\n"), port(inspection))
}

fn port(inspection: &Inspection) -> u16 {
    let discovery = inspection.stack().service_discovery.as_ref();
    discovery.and_then(|it| it.port).unwrap_or(ServiceDiscovery::DEFAULT_PORT)
}

fn rules(tool: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(tool).args(args).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Rules that let nothing through, or not what is about the port, are suspicious. Whether one is met
/// cannot be told without a packet.
fn judge(rules: &str, port: u16) -> Check {
    let lines = || rules.lines().map(str::trim);
    let refusing: Vec<&str> = lines().filter(|line| refuses(line)).collect();
    let number = port.to_string();
    let is_let_in = lines().any(|line| {
        let lower = line.to_lowercase();
        lower.contains("accept")
            && lower.split(|c: char| !c.is_ascii_digit()).any(|it| it == number)
    });
    if refusing.is_empty() {
        return Check::ok(SUBJECT, "no rule drops or rejects anything");
    }
    let shown = refusing.iter().take(SHOWN).copied().collect::<Vec<_>>().join(" | ");
    if is_let_in {
        let text = format!("there are rules that drop packets, and one that lets in port {port}");
        return Check::ok(SUBJECT, text);
    }
    let text = format!("there are rules that drop or reject packets: {shown}");
    let remedy = format!(
        "let in UDP port {port} for service discovery, also to its multicast address, IGMP, and the \
         ports of the services"
    );
    with(Check::ok(SUBJECT, text), Verdict::Warning, Some(remedy))
}

fn refuses(line: &str) -> bool {
    let words = || line.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_lowercase);
    let is_refusing = words().any(|word| matches!(word.as_str(), "drop" | "reject"));
    // A policy of a chain that is about what leaves or passes by this host is not in the way.
    let is_elsewhere = line.starts_with("-P FORWARD")
        || line.starts_with("-A FORWARD")
        || line.contains("hook forward");
    is_refusing && !is_elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusing_rules_are_warned_of() {
        for (rules, verdict) in [
            ("", Verdict::Ok),
            ("-P INPUT ACCEPT\n-P FORWARD DROP\n-P OUTPUT ACCEPT\n", Verdict::Ok),
            ("-P INPUT DROP\n", Verdict::Warning),
            ("-P INPUT DROP\n-A INPUT -p udp --dport 30490 -j ACCEPT\n", Verdict::Ok),
            ("-A INPUT -p udp --dport 304901 -j ACCEPT\n-P INPUT DROP", Verdict::Warning),
            ("type filter hook input priority 0; policy drop;", Verdict::Warning),
            ("type filter hook forward priority 0; policy drop;", Verdict::Ok),
            ("udp dport 30490 reject", Verdict::Warning),
        ] {
            assert_eq!(judge(rules, 30490).verdict, verdict, "{rules}");
        }
    }
}
