"""Which addresses belong to the public internet. Of the standard library alone: the API asks it too."""

import ipaddress

# Outside 2000::/3 lie loopback, link-local, unique local, multicast, IPv4-mapped, IPv4-compatible and NAT64 addresses.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_REFUSED: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = (
    # 6to4 carries an IPv4 address that may be private, Teredo too; the others are for documents only
    *(ipaddress.IPv6Network(net) for net in ("2002::/16", "2001::/23", "2001:db8::/32", "3fff::/20")),
    # Named here because Python's `is_global` has changed its mind about them between patch releases
    *(ipaddress.IPv4Network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10")),
    # A routable address that every Azure machine can use to talk to its host
    ipaddress.IPv4Network("168.63.129.16/32"),
)


def is_public(address: str) -> bool:
    """Tell whether `address` (IPv4 or IPv6 text, a zone is allowed) belongs to the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _GLOBAL_UNICAST:
        return False
    # an address of the other version is in no network, so the versions need not be told apart
    if any(ip in net for net in _REFUSED):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
