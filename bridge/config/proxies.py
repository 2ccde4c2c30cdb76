"""Which peers are believed when they say who they speak for."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from bridge.config.reading import wrong

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    from bridge.model import Problem

NAME = "LEADBRIDGE_TRUSTED_PROXIES"


def read_proxies(text: str, problems: list[Problem]) -> tuple[IPv4Network | IPv6Network, ...]:
    """The networks of the trusted proxies, written as addresses or in CIDR form, comma separated."""
    networks = []
    for piece in filter(None, (one.strip() for one in text.split(","))):
        try:
            networks.append(ip_network(piece, strict=False))
        except ValueError:
            problems.append(wrong(NAME, text, "addresses or networks such as 10.0.0.0/8, comma separated"))
    return tuple(networks)
