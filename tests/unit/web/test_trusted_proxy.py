"""Who is believed."""

from __future__ import annotations

from ipaddress import ip_network

from bridge.web.trusted_proxy import client_of, is_trusted

NETWORKS = (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"))


def test_only_trusted_proxies_are_believed() -> None:
    assert is_trusted("127.0.0.1", NETWORKS)
    assert is_trusted("10.1.2.3", NETWORKS)
    assert is_trusted("", NETWORKS), "a UNIX socket is this host"
    assert not is_trusted("203.0.113.9", NETWORKS)
    assert not is_trusted("nonsense", NETWORKS)


def test_the_client_is_the_last_address_that_no_proxy_of_ours_has() -> None:
    assert client_of("127.0.0.1", "198.51.100.7, 203.0.113.9, 10.1.1.1", NETWORKS) == "203.0.113.9"
    assert client_of("203.0.113.9", "198.51.100.7", NETWORKS) == "203.0.113.9", "what a stranger says is not believed"
    assert client_of("127.0.0.1", "", NETWORKS) == "127.0.0.1"
