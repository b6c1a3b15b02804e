"""What the service calls is what it judged: public, or allowed by its operator, and nothing else on the way."""

import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config import Settings
from referrals.boundary.outgoing import Outgoing
from referrals.boundary.outgoing_places import WORDS, Unreachable, is_public
from tests.boundary.receiver import receiving, says

PRODUCTION = Settings(env="production")
OPEN = Settings(env="test", outgoing_allow=("127.0.0.1",))
PUBLIC = "93.184.216.34"


def at(*addresses):
    """A resolver that gives these addresses, and fails when it is asked a second time."""
    asked = []

    def look_up(host, port):
        asked.append(host)
        assert len(asked) == 1, "a second look-up could answer something else"
        return [(address, port) if "." in address else (address, port, 0, 0) for address in addresses]

    return look_up


def failure(settings, url, **more):
    with pytest.raises(Unreachable) as caught:
        Outgoing(settings, **more).send("POST", url, {}, b"{}")
    assert caught.value.code in WORDS
    assert str(caught.value) == caught.value.code
    return caught.value.code


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0", "0.0.0.0", "10.0.0.1",
        "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "168.63.129.16", "198.18.0.1", "224.0.0.1",
        "255.255.255.255", "240.0.0.1", "192.0.2.1", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[2002:7f00:1::]",
        "[2001:0:7f00:1::]", "[2001:db8::1]", "[fe80::1]", "[fe80::1%25eth0]", "[fd00:ec2::254]", "[ff02::1]", "[fec0::1]",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused_by_its_letters(host):
    def nobody(*asked):
        raise AssertionError("nothing is looked up")

    assert failure(PRODUCTION, f"https://{host}/", look_up=nobody) == "refused_address"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.org/", "refused_scheme"),
        ("ftp://example.org/", "refused_scheme"),
        ("file:///etc/passwd", "bad_url"),
        ("https://example.org:8443/", "refused_port"),
        ("https://example.org:0/", "bad_url"),
        ("https://example.org:99999/", "bad_url"),
        ("https://user:word@example.org/", "bad_url"),
        ("https://example.org@127.0.0.1/", "bad_url"),
        ("https://example.org\\@127.0.0.1/", "bad_url"),
        ("https://example.org./", "bad_url"),
        ("https://127.0.0.1./", "bad_url"),
        ("https://①②⑦.⓪.⓪.①/", "bad_url"),
        ("https://bücher.example/", "bad_url"),
        ("https://exa mple.org/", "bad_url"),
        ("https://example.org/\r\nX: y", "bad_url"),
        ("https://example.org/#part", "bad_url"),
        ("https://[::1/", "bad_url"),
        ("https:///path", "bad_url"),
        ("", "bad_url"),
        ("https://example.org/" + "a" * 2000, "bad_url"),
    ],
)
def test_an_address_that_could_be_read_in_two_ways_is_refused(url, code):
    with pytest.raises(Unreachable) as caught:
        Outgoing(PRODUCTION).refuse(url)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], [PUBLIC, "127.0.0.1"], ["10.0.0.7", PUBLIC], ["::1"], ["64:ff9b::a00:1"], ["fe80::1%eth0"]],
)
def test_a_name_is_refused_when_one_of_its_addresses_is(addresses):
    assert failure(PRODUCTION, "https://hooks.example.org/", look_up=at(*addresses)) == "refused_address"


def test_the_public_internet_is_public():
    assert all(is_public(ip_address(text)) for text in (PUBLIC, "8.8.8.8", "2606:4700::1111", "2a00:1450::1"))


def test_the_address_that_was_judged_is_called_and_the_name_is_not_asked_for_again():
    with receiving() as receiver:
        url = f"http://rebind.test:{receiver.port}/hook?place=1"
        reply = Outgoing(OPEN, look_up=at("127.0.0.1")).send("POST", url, {"X-Word": "said"}, b"[1]")
    (heard,) = receiver.heard
    assert (reply.status, reply.body) == (200, b"ok")
    assert (heard.path, heard.body, heard.headers["x-word"]) == ("/hook?place=1", b"[1]", "said")
    assert heard.headers["host"] == f"rebind.test:{receiver.port}"


def test_an_operator_may_allow_a_host_of_the_inside_by_its_name():
    with receiving() as receiver:
        inside = Settings(env="test", outgoing_allow=("hooks.inside",))
        url = f"http://hooks.inside:{receiver.port}/"
        assert Outgoing(inside, look_up=at("127.0.0.1")).send("GET", url, {}).status == 200
        assert failure(inside, f"http://other.inside:{receiver.port}/", look_up=at("127.0.0.1")) == "refused_address"
    assert len(receiver.heard) == 1


def test_a_redirect_is_an_answer_and_nothing_more(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with receiving() as receiver:
        receiver.answer = says(302, Location=f"http://127.0.0.1:{receiver.port}/inside", Set_Cookie="a=b")
        for _ in range(2):
            assert Outgoing(OPEN).send("POST", receiver.url, {}, b"{}").status == 302
    assert [heard.path for heard in receiver.heard] == ["/hook", "/hook"]
    assert "cookie" not in receiver.heard[1].headers


def drip(handler, line: bytes, times: int = 100) -> None:
    for _ in range(times):
        handler.wfile.write(line)
        handler.wfile.flush()
        time.sleep(0.05)


def slow_headers(handler, heard):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    drip(handler, b"X-Drop: 1\r\n")


def slow_body(handler, heard):
    handler.send_response(200)
    handler.end_headers()
    drip(handler, b".")


def endless_body(handler, heard):
    handler.send_response(200)
    handler.end_headers()
    drip(handler, b"x" * 65536, 20)


def no_http(handler, heard):
    handler.wfile.write(b"SSH-2.0-none\r\n")


@pytest.mark.parametrize(
    ("answer", "code"),
    [(slow_headers, "timeout"), (slow_body, "timeout"), (endless_body, "too_large"), (no_http, "closed")],
)
def test_an_answer_that_takes_too_long_or_too_much_is_cut(answer, code):
    with receiving(answer) as receiver:
        began = time.monotonic()
        assert failure(OPEN, receiver.url, seconds=0.3, most_bytes=1000) == code
        assert time.monotonic() - began < 1


def test_where_the_beginning_will_do_a_large_answer_is_cut_and_counts():
    with receiving(endless_body) as receiver:
        reply = Outgoing(OPEN, most_bytes=10).send("POST", receiver.url, {}, b"{}", cut=True)
    assert (reply.status, reply.body) == (200, b"x" * 10)


def test_who_does_not_speak_tls_is_told_apart_from_who_is_not_there():
    with receiving() as receiver:
        assert failure(OPEN, receiver.url.replace("http:", "https:")) == "tls"
    assert failure(OPEN, receiver.url) == "closed"


def test_a_resolver_that_hangs_or_knows_nothing_holds_up_nobody():
    assert failure(OPEN, "http://a.test/", seconds=0.1, look_up=lambda *asked: time.sleep(0.4)) == "timeout"
    assert failure(OPEN, "http://a.test/", look_up=lambda *asked: []) == "no_such_host"


def test_a_certificate_has_to_be_that_of_the_name_that_was_called(tmp_path, monkeypatch):
    certificate = certificate_of("hooks.test", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with receiving(certificate=certificate) as receiver:
        url = f"https://hooks.test:{receiver.port}/"
        assert Outgoing(OPEN, look_up=at("127.0.0.1")).send("POST", url, {}, b"{}").status == 200
        assert failure(OPEN, url.replace("hooks", "other"), look_up=at("127.0.0.1")) == "tls"
        monkeypatch.delenv("SSL_CERT_FILE")
        assert failure(OPEN, url, look_up=at("127.0.0.1")) == "tls"
    assert len(receiver.heard) == 1


def certificate_of(name, folder):
    """A key and a certificate that it signed itself, in one file."""
    key, called = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(called, called, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file
