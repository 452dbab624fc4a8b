# Copyright (c) 2026 Contributors to the Eclipse Foundation
#
# See the NOTICE file(s) distributed with this work for additional
# information regarding copyright ownership.
#
# This program and the accompanying materials are made available under the
# terms of the Apache License Version 2.0 which is available at
# https://www.apache.org/licenses/LICENSE-2.0
#
# SPDX-License-Identifier: Apache-2.0

# Functions that the scripts of this folder share. Bash scripts source this file.
# shellcheck shell=bash

# say <text>…: prints a message.
say() { printf '%s\n' "$*"; }

# die <text>…: prints an error, and exits with status 1.
die() {
    printf '%s: error: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# step <name> <command>…: one of the checks; the script ends if it fails.
step() {
    say
    say "== $1"
    "${@:2}" || die "$1 failed: ${*:2}"
}

# bounded <duration> <command>…: ends a command that hangs, unless a user at a terminal can do so.
bounded() {
    if [[ -t 0 ]]; then "${@:2}"; else timeout "$@"; fi
}

# find_rust: rustup installs to a folder that a shell knows only after its next login.
find_rust() {
    # shellcheck source=/dev/null
    if [[ -f ${CARGO_HOME:-$HOME/.cargo}/env ]]; then . "${CARGO_HOME:-$HOME/.cargo}/env"; fi
}

# target_directory: the directory that cargo builds to.
target_directory() {
    local metadata
    metadata=$(cargo metadata --no-deps --format-version 1) || return
    sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p' <<<"$metadata"
}

# with_progress <command>…: runs a cargo command, and shows the progress of the vsomeip build, about
# which cargo is silent for minutes.
with_progress() {
    local target watcher status=0
    target=$(target_directory) || die "cargo does not report its target directory"
    watch_vsomeip "$target/vsomeip" "$(date +%s)" &
    watcher=$!
    # The progress of vsomeip would overwrite cargo's progress bar.
    CARGO_TERM_PROGRESS_WHEN=never "$@" || status=$?
    # It may have ended by itself.
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
    return "$status"
}

# watch_vsomeip <directory> <time>: follows the log of a build that writes to it after the given
# time, until that is done.
watch_vsomeip() {
    local directory=$1 since=$2 log="" percent shown="" shown_at=0 begin=0 elapsed
    while [[ $shown != 100% ]]; do
        sleep 1
        # The script may have been killed.
        kill -0 $$ 2>/dev/null || return 0
        if [[ -z $log ]]; then
            log=$(find "$directory" -maxdepth 2 -name build.log -newermt "@$since" -print -quit \
                2>/dev/null) || true
            [[ -n $log ]] || continue
            begin=$SECONDS
            say "building vsomeip from source, once for this target directory; its output goes to"
            say "$log"
        fi
        percent=$(percent_done "$log")
        elapsed=$((SECONDS - begin))
        if [[ -t 1 ]]; then
            # Short, so that a line of cargo's covers it.
            printf 'vsomeip: %s, %d s\e[K\r' "$percent" "$elapsed"
        elif [[ $percent != "$shown" ]] || ((elapsed - shown_at >= 15)); then
            say "building vsomeip: $percent after $elapsed s"
            shown_at=$elapsed
        fi
        shown=$percent
    done
    say "building vsomeip: done after $elapsed s"
}

# percent_done <log>: the last percentage that make printed. An earlier attempt may have written to
# the same log; each begins with the command that configures the build.
percent_done() {
    awk '/^"cmake" "-S"/ { percent = "0%" }
         match($0, /^\[ *[0-9]+%\]/) { percent = substr($0, 2, RLENGTH - 2); sub(/^ */, "", percent) }
         END { print percent == "" ? "0%" : percent }' "$1"
}
