"""How often one client may ask: a bucket of permissions that fills with time."""

import ipaddress
import threading
import time
from collections import OrderedDict

_MOST_CLIENTS = 10_000


class RateLimiter:
    """Buckets by client: `per_minute` flow in, at most twice as many are kept."""

    def __init__(self, per_minute: int) -> None:
        self._per_second = per_minute / 60
        self._full = 2.0 * per_minute
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str, *, now: float | None = None) -> float:
        """0.0 and one permission less if the client may go on, else the seconds until it may.

        Clients that were silent longest are forgotten beyond 10,000: then their bucket is full again.
        """
        now = time.monotonic() if now is None else now
        with self._lock:
            level, seen = self._buckets.pop(client, (self._full, now))
            level = min(self._full, level + (now - seen) * self._per_second)
            allowed = level >= 1
            self._buckets[client] = (level - 1 if allowed else level, now)
            if len(self._buckets) > _MOST_CLIENTS:
                self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - level) / self._per_second


def network_of(address: str) -> str:
    """The address that is counted: of IPv6 the network of 64 bits, which one client has to itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:  # so a socket that listens on `::` names clients of IPv4: all of them in one network
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network(f"{found}/64", strict=False))
