"""A metrics backend as production has one: a real UDP datagram for each metric.

The sendto() releases the GIL, as DogStatsD's does, so another thread may come in between two metrics of one flush.
"""

import socket

from flashflood import udp_sink


class UdpMetrics:
    """arroyo's Metrics protocol; also keeps what it was given, for the invariants.

    list.append is atomic under the GIL and on a free-threaded build, so the books are right whatever races around them.
    """

    _address = None

    def __init__(self):
        if UdpMetrics._address is None:
            UdpMetrics._address = udp_sink()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(self._address)
        self.counters = []
        self.timings = []

    def increment(self, name, value=1, tags=None):
        self.counters.append((name, value))
        self._send(f"{name}:{value}|c")

    def gauge(self, name, value, tags=None):
        self._send(f"{name}:{value}|g")

    def timing(self, name, value, tags=None):
        self.timings.append((name, value))
        self._send(f"{name}:{value}|ms")

    def _send(self, line):
        try:
            self._socket.send(line.encode())
        except OSError:
            pass  # a full socket buffer: UDP may drop, and the books do not depend on it

    def close(self):
        self._socket.close()


def totals(pairs):
    """The sum for each metric of (name, value) pairs."""
    sums = {}
    for name, value in pairs:
        sums[name] = sums.get(name, 0) + value
    return sums
