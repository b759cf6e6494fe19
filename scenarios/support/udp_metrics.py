"""A metrics backend as production has one: a real UDP datagram for each metric.

The sendto() releases the GIL, as DogStatsD's does, so another thread may come in between two metrics of one flush.
Under explore nothing is sent: there the schedule says where another thread comes in, and the kernel is not asked.
"""

import socket

from flashflood import engine, udp_sink


class UdpMetrics:
    """arroyo's Metrics protocol; also keeps what it was given, for the invariants.

    list.append is atomic under the GIL and on a free-threaded build, so the books are right whatever races around them.
    """

    def __init__(self):
        self.counters = []
        self.timings = []
        self._socket = _connected() if engine() == "stress" else None

    def increment(self, name, value=1, tags=None):
        self.counters.append((name, value))
        if self._socket:
            self._send(f"{name}:{value}|c")

    def gauge(self, name, value, tags=None):
        if self._socket:
            self._send(f"{name}:{value}|g")

    def timing(self, name, value, tags=None):
        self.timings.append((name, value))
        if self._socket:
            self._send(f"{name}:{value}|ms")

    def _send(self, line):
        try:
            self._socket.send(line.encode())
        except OSError:
            pass  # a full socket buffer: UDP may drop, and the books do not depend on it

    def close(self):
        if self._socket:
            self._socket.close()


_address = None


def _connected():
    """A UDP socket that sends to the harness's sink."""
    global _address
    if _address is None:
        _address = udp_sink()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.connect(_address)
    return udp


def totals(pairs):
    """The sum for each metric of (name, value) pairs."""
    sums = {}
    for name, value in pairs:
        sums[name] = sums.get(name, 0) + value
    return sums
