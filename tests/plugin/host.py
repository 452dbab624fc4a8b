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

"""A host without Rust, which loads a plugin and does what the lines on its standard input say.

| command | does | answer |
|---|---|---|
| `load` | loads the plugin | `ok` |
| `start`, `stop` | starts, stops it, on a thread that ends then | `ok` |
| `unload` | closes the plugin | `ok` |
| `mapped` | | whether its code is still in memory: `yes` or `no` |
| `threads` | | how many threads there are |

The end of the input ends it.
"""

import _ctypes
import ctypes
import os
import sys
import threading


class Host:
    """The host of one plugin."""

    def __init__(self, path):
        self.path = os.path.realpath(path)
        self.plugin = None

    def load(self):
        self.plugin = ctypes.CDLL(self.path, mode=os.RTLD_LAZY | os.RTLD_LOCAL)
        return "ok"

    def start(self):
        return self.call("plugin_start")

    def stop(self):
        return self.call("plugin_stop")

    def call(self, name):
        function = self.plugin[name]
        function.restype = ctypes.c_bool
        results = []
        # The thread's variables of the plugin end with the thread: while there are any, it cannot be unloaded.
        thread = threading.Thread(target=lambda: results.append(function()))
        thread.start()
        thread.join()
        return "ok" if results == [True] else "failed"

    def unload(self):
        handle = self.plugin._handle
        self.plugin = None
        _ctypes.dlclose(handle)
        return "ok"

    def mapped(self):
        with open("/proc/self/maps") as maps:
            return "yes" if self.path in maps.read() else "no"

    def threads(self):
        names = []
        for task in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{task}/comm") as name:
                names.append(name.read().strip())
        return " ".join(sorted(names))


def say(line):
    """Writes a line at once: vsomeip writes to the same output, on threads of its own."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main():
    host = Host(sys.argv[1])
    commands = {name: getattr(host, name) for name in ("load", "start", "stop", "unload", "mapped", "threads")}
    say("ready")
    for line in sys.stdin:
        say(commands[line.strip()]())
    say("ended")


main()
