"""Which machines a source may lie on, and for how long we talk to one: the network under `source`.

Whoever may add a source must not read the newsroom's own machines through it. So a name is looked up once, addresses
that are not on the public internet are left out, and the connection goes to an address that was checked; a second
look-up could give another answer. This also holds for every redirect, as each asks for a connection here. Left is
what nobody can tell from here: public addresses of our own that trust us, and translation (NAT64) under other prefixes.
"""

import ipaddress
import socket
import time
from collections.abc import Iterable
from typing import Any

import httpcore2

CONNECT_SECONDS = 5.0
"""For one address; a host may have several."""

GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")
"""All that is handed out. Outside lie mapped, translated, local and multicast addresses."""

# Inside the public ranges, yet each can lead somewhere else: 6to4 and its relays, protocol assignments, documentation,
# and what answers inside every machine of Azure.
ELSEWHERE = tuple(
    ipaddress.ip_network(network)
    for network in ("2002::/16", "192.88.99.0/24", "192.0.0.0/24", "3fff::/20", "168.63.129.16/32")
)

PORTS = (80, 443, 8080, 8443)
"""Where web servers listen. Behind other ports of a public machine wait mail, databases and caches."""


class OutOfReach(Exception):
    """We must not, or cannot, connect; the text is a sentence for an editor."""


class TimeIsUp(Exception):
    """The whole conversation took longer than it may."""


def is_public(address: str) -> bool:
    """Whether a numeric address lies on the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (ip.ipv4_mapped or ip not in GLOBAL_IPV6):
        return ip.ipv4_mapped is not None and is_public(str(ip.ipv4_mapped))
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in ELSEWHERE)


class Reach(httpcore2.NetworkBackend):
    """Connects for one conversation that ends at `deadline` (of the monotonic clock)."""

    def __init__(self, deadline: float, *, allow_private: bool) -> None:
        self.deadline = deadline
        self.allow_private = allow_private
        self._system = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """A connection to the first address of `host` that may be reached and answers."""
        failure: httpcore2.ConnectError | httpcore2.ConnectTimeout | None = None
        for address in self._addresses(host, port):
            try:
                wait = min(CONNECT_SECONDS, _left(self.deadline))
                return _Bounded(self._system.connect_tcp(address, port, wait, local_address, None), self.deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise OutOfReach(f"{host} does not take connections.") from failure

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise OutOfReach(f"There is no server named {host}.") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        public = [address for address in addresses if self.allow_private or is_public(address)]
        if not public:
            raise OutOfReach(f"{host} lies in a private network, where sources must not lead.")
        if port not in PORTS and not self.allow_private:
            raise OutOfReach(f"Sources must not lead to port {port}, only to {', '.join(map(str, PORTS))}.")
        return public


class _Bounded(httpcore2.NetworkStream):
    """A stream on which nothing waits beyond the deadline; one byte a second would else keep us for days."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _Bounded(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


def _left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeIsUp
    return seconds
