"""Who is at the other end: what a proxy says of it is believed only of proxies that are trusted."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    Networks = tuple[IPv4Network | IPv6Network, ...]


def is_trusted(address: str, networks: Networks) -> bool:
    """Whether an address is one of a trusted proxy. No address (a UNIX socket) is this host itself."""
    if not address:
        return True
    try:
        known = ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in networks)


def client_of(peer: str, forwarded_for: str, networks: Networks) -> str:
    """The address of the client: the last one in X-Forwarded-For that no trusted proxy has, else the peer's."""
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    client = peer
    while hops and is_trusted(client, networks):
        client = hops.pop()
    return client
