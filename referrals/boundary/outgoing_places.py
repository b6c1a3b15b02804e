"""Where this service may call out to: which addresses belong to the public, and how a URL has to be written."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from config import Settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_URL = 2000
HTTP, HTTPS = "http", "https"
USUAL_PORTS = {HTTP: 80, HTTPS: 443}
MAPPED, NAT64 = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")
# An IPv4 address stands in the last 32 bits of these: it is what decides.
CARRIES_IPV4 = (MAPPED, NAT64)
LAST_32_BITS = 0xFFFF_FFFF
ASSIGNED_IPV6 = IPv6Network("2000::/3")
# The tables of special-purpose addresses (RFC 6890 and IANA's registries), and the metadata service of one cloud.
NOT_PUBLIC: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
            "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        ),
    )
)  # fmt: skip
_PRINTABLE = re.compile(r"[\x21-\x5b\x5d-\x7e]+")  # no backslash: browsers and libraries read it differently
_HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class Unreachable(Exception):
    """Nothing came back, and `code` (one of WORDS) says why. It never holds what was sent or heard."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


WORDS = {
    "bad_url": "This is not an address that can be called: write https://, a host and a path, in plain letters.",
    "refused_scheme": "Only https:// is called.",
    "refused_port": "This port is not called.",
    "refused_address": "This host is not on the public internet, so it is not called.",
    "no_such_host": "The host was not found",
    "timeout": "It took too long",
    "tls": "The connection could not be secured",
    "too_large": "The answer was too large",
    "closed": "The connection was refused or broken off",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in its parts, read once: what was judged is what is called. `path` holds the query too."""

    scheme: str
    host: str
    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What an instance calls. `networks` and `hosts` are those that its operator allows in spite of the table."""

    http: bool
    ports: frozenset[int]
    networks: tuple[Network, ...]
    hosts: frozenset[str]

    def target(self, url: str) -> Target:
        """The parts of a URL that may be called, as far as its letters tell."""
        parts = _split(url)
        if parts.scheme != HTTPS and not (self.http and parts.scheme == HTTP):
            raise Unreachable("refused_scheme")
        port = parts.port if parts.port is not None else USUAL_PORTS[parts.scheme]
        if not self.http and port not in self.ports:
            raise Unreachable("refused_port")
        host = self._host(parts)
        return Target(parts.scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))

    def _host(self, parts: SplitResult) -> str:
        host = parts.hostname or ""
        if (literal := _literal(host)) is not None:
            self.refuse_unless_allowed(host, [literal])
        return host

    def refuse_unless_allowed(self, host: str, addresses: Iterable[Address]) -> None:
        """One address that may not be called is enough, whatever the others are."""
        if host not in self.hosts and not all(map(self._may_be_called, addresses)):
            raise Unreachable("refused_address")

    def _may_be_called(self, address: Address) -> bool:
        meant = _carried(address)
        return any(
            each.version == place.version and each in place for each in (address, meant) for place in self.networks
        ) or is_public(meant)


def rules_from(settings: Settings) -> Rules:
    """Internal places are allowed by name or by network."""
    networks, hosts = [], set()
    for word in settings.outgoing_allow:
        try:
            networks.append(ip_network(word))
        except ValueError:
            hosts.add(word)
    return Rules(not settings.in_production, settings.outgoing_ports, tuple(networks), frozenset(hosts))


def is_public(address: Address) -> bool:
    """Whether it belongs to the internet and to nobody's inside."""
    if isinstance(address, IPv6Address) and address not in ASSIGNED_IPV6:
        return False
    return not any(address.version == place.version and address in place for place in NOT_PUBLIC)


def _carried(address: Address) -> Address:
    carries = isinstance(address, IPv6Address) and any(address in place for place in CARRIES_IPV4)
    return IPv4Address(int(address) & LAST_32_BITS) if carries else address


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST_URL or not _PRINTABLE.fullmatch(url):
        raise Unreachable("bad_url")
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise Unreachable("bad_url") from None
    if not is_whole or "@" in parts.netloc or parts.fragment:
        raise Unreachable("bad_url")
    return parts


def _literal(host: str) -> Address | None:
    """The address that a host is written as, None for a name. 0x7f.1 and 2130706433 are neither."""
    if ":" in host:
        return _address(host)
    if not _HOST_NAME.fullmatch(host):
        raise Unreachable("bad_url")
    return _address(host) if _NUMBER.fullmatch(host.rpartition(".")[2]) else None


def _address(text: str) -> Address:
    try:
        return ip_address(text)
    except ValueError:
        raise Unreachable("refused_address") from None
