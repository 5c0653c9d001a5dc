# SPDX-License-Identifier: MIT
"""Times that follow each other, each of some reads of several hubs; what happens to the hubs happens in between.

    times = Times(collectd, hubs)
    times.go("well", 2)
    with times.change():
        hub.fault("silent")
    times.go("bad", 5)
    times.reads("bad", "prod")      # all that began then and were dispatched then
"""
import time
from contextlib import contextmanager


class Times:
    def __init__(self, collectd, hubs):
        self.collectd, self.hubs, self.begun, self.spans = collectd, hubs, 0, {}

    def go(self, name, reads):
        self.collectd.wait_reads_of(self.hubs, reads)
        self.spans[name] = self.begun, time.time()

    @contextmanager
    def change(self):
        yield
        self.begun = time.time()

    def reads(self, name, hub):
        found = self.collectd.reads_between(hub, *self.spans[name])
        assert found, f"no read of {hub} while {name}"
        return found

    def waits_for_none(self, name, hub, hanging):
        """Each read of a hub that hangs takes its whole Timeout. A hub that waited for them were read as seldom."""
        count = len(self.reads(name, hub))
        return all(count > len(self.reads(name, other)) for other in hanging)
