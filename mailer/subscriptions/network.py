"""What a proof keeps of an IP address: all of it, its network, or nothing."""

from ipaddress import ip_address, ip_network
from typing import Literal

Precision = Literal["full", "truncated", "none"]

KEPT_BITS = {4: 24, 6: 48}
"""Of a truncated address: what a provider gives to a street or to a company."""


def kept(address: str, precision: Precision) -> str:
    """The address as `precision` allows it, a network as 203.0.113.0/24. What is no address is not kept at all."""
    try:
        version = ip_address(address).version
    except ValueError:
        return ""
    if precision == "truncated":
        return str(ip_network(f"{address}/{KEPT_BITS[version]}", strict=False))
    return address if precision == "full" else ""
