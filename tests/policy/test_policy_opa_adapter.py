"""The OPA adapter against a server that misbehaves on purpose: nothing but a whole, right answer is an allow."""

import datetime
import gzip
import http.server
import ipaddress
import json
import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gateway.policy import opa_process
from gateway.policy.archive import read_system
from gateway.policy.codes import ReasonCode
from gateway.policy.deadline import MAX_REPLY_BYTES
from gateway.policy.errors import EngineFault, EngineUnavailable, PolicySourceError
from gateway.policy.opa_address import opa_address
from gateway.policy.opa_server import OpaServerEngine
from tests.policy.questions import ALLOWED
from tests.policy.rooms import ROOT, patient

QUESTION = ALLOWED["RIEC-analist matcht in weging"]
REVISION = "r-1"


def good_reply():
    """What a right server with revision r-1 would answer."""
    return {
        "result": {
            "decision": True,
            "context": {
                "reden": [],
                "verplichtingen": [{"code": "LOG", "params": []}],
                "reikwijdte": "bekend_onbekend",
                "beleid": {"revisie": "2026.11.2", "matrix_rijen": [12]},
            },
        },
        "provenance": {"version": "1.22.2", "bundles": {"bundle.tar.gz": {"revision": REVISION}}},
    }


class Hostile(http.server.BaseHTTPRequestHandler):
    """Answers what the test tells it to; counts requests and remembers the last one."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, json.loads(body)))
        self.server.behave(self)

    def do_GET(self):
        self.server.seen.append((self.path, None))
        reply(self, json.dumps(good_reply()).encode())

    def log_message(self, *args):
        pass


def reply(handler, body, status=200, headers=()):
    """Send one reply."""
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers:
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def serving(behave, context=None):
    """A server on loopback that behaves so; yields it and its URL."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    server.daemon_threads = True
    server.behave, server.seen = behave, []
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server, f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def says(value):
    """A behaviour: answer this JSON."""
    return lambda handler: reply(handler, json.dumps(value).encode())


def engine_at(url, deadline=5.0, ca=None):
    """The adapter, expecting revision r-1."""
    return OpaServerEngine(replace(opa_address(url, ca), deadline=deadline), REVISION)


def test_a_right_answer_is_taken():
    """The control: a whole answer of the right revision allows, asked strictly, with the question as input."""
    with serving(says(good_reply())) as (server, url):
        assert engine_at(url).decide(QUESTION).decision is True
    path, body = server.seen[0]
    assert path.startswith("/v1/data/schakel/decision/answer?")
    assert {"strict-builtin-errors=true", "provenance=true"} <= set(path.partition("?")[2].split("&"))
    assert body == {"input": QUESTION}


def altered(**changes):
    """The right reply with parts replaced; a key given as None is left out."""
    value = {**good_reply(), **changes}
    return {key: part for key, part in value.items() if part is not None}


def result_with(**changes):
    """The right reply with another result."""
    return altered(result={**good_reply()["result"], **changes})


def context_with(**changes):
    """The right reply with another context in its result."""
    return result_with(context={**good_reply()["result"]["context"], **changes})


FAULTS = {
    "undefined": altered(result=None),
    "empty object": {},
    "a list": [good_reply()],
    "extra key": altered(explanation=[]),
    "warning": altered(warning={"code": "api_usage_warning"}),
    "no provenance": altered(provenance=None),
    "no bundles": altered(provenance={"bundles": {}}),
    "bundles not an object": altered(provenance={"bundles": [{"revision": REVISION}]}),
    "wrong revision": altered(provenance={"bundles": {"b": {"revision": "r-2"}}}),
    "a second bundle of another revision": altered(
        provenance={"bundles": {"a": {"revision": REVISION}, "b": {"revision": "r-2"}}}
    ),
    "bare true": altered(result=True),
    "decision as text": result_with(decision="true"),
    "decision as number": result_with(decision=1),
    "no context": altered(result={"decision": True}),
    "extra key in result": result_with(allow=True),
    "allow with a reason": context_with(
        reden=[{"code": "SLEEPNET", "nl": "-", "en": "-", "grondslag": "-", "handelingsperspectief": "-"}]
    ),
    "allow without a row": context_with(beleid={"revisie": "2026.11.2", "matrix_rijen": []}),
    "refusal without reason": result_with(decision=False),
    "unknown obligation": context_with(verplichtingen=[{"code": "LOG", "params": []}, {"code": "BEL", "params": []}]),
    "no LOG": context_with(verplichtingen=[]),
    "unknown scope": context_with(reikwijdte="alles"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_anything_but_the_agreed_answer_is_a_fault(name):
    """A reply that is not exactly an answer by the expected rules is an EngineFault."""
    with serving(says(FAULTS[name])) as (_, url), pytest.raises(EngineFault):
        engine_at(url).decide(QUESTION)


def test_wrong_revision_says_that_the_rules_are_not_valid():
    """Another bundle's answer becomes the refusal BELEID_ONGELDIG."""
    with serving(says(FAULTS["wrong revision"])) as (_, url), pytest.raises(EngineFault) as caught:
        engine_at(url).decide(QUESTION)
    assert caught.value.code is ReasonCode.BELEID_ONGELDIG


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status):
    """A redirect to a place that would allow is a fault, and that place is never asked."""
    with serving(lambda h: reply(h, b"", status, [("Location", f"{h.server.away}/v1/data/x")])) as (server, url):
        server.away = url
        with pytest.raises(EngineFault):
            engine_at(url).decide(QUESTION)
        assert len(server.seen) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 500, 502, 503])
def test_an_error_status_is_no_answer_and_is_not_retried(status):
    """An error status is EngineUnavailable after one attempt, even with an allowing body."""
    body = json.dumps(good_reply()).encode()
    with serving(lambda handler: reply(handler, body, status)) as (server, url):
        with pytest.raises(EngineUnavailable):
            engine_at(url).decide(QUESTION)
        assert len(server.seen) == 1


def test_not_json_is_a_fault():
    """A reply that is not JSON is an EngineFault."""
    with serving(lambda handler: reply(handler, b"<html>true</html>")) as (_, url), pytest.raises(EngineFault):
        engine_at(url).decide(QUESTION)


def drip(handler, head=b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"):
    """Send byte after byte, each soon enough for a time-out per read."""
    for byte in head + b" " * 2000:
        try:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.02)


@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_slow_drip_ends_at_the_deadline(part):
    """A server that drips its headers or its body is unavailable when the deadline passes, not later."""

    def behave(handler):
        if part == "headers":
            drip(handler, b"HTTP/1.1 200 OK\r\nX-Slow: ")
        else:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n")
            drip(handler, b"")

    with serving(behave) as (_, url):
        started = time.monotonic()
        with pytest.raises(EngineUnavailable):
            engine_at(url, deadline=0.4).decide(QUESTION)
        # 2,000 bytes at 20 ms each would take 40 s.
        assert time.monotonic() - started < 10


def test_a_silent_server_is_unavailable():
    """A server that accepts and says nothing is EngineUnavailable."""
    gate = threading.Event()
    with serving(lambda handler: gate.wait(5)) as (_, url):
        with pytest.raises(EngineUnavailable):
            engine_at(url, deadline=0.3).decide(QUESTION)
        gate.set()


def test_a_flood_is_cut_off():
    """A reply larger than the bound is EngineUnavailable."""
    with (
        serving(lambda handler: reply(handler, b" " * (MAX_REPLY_BYTES + 1024))) as (_, url),
        pytest.raises(EngineUnavailable),
    ):
        engine_at(url).decide(QUESTION)


def test_nobody_listening_is_unavailable():
    """A closed port is EngineUnavailable."""
    with serving(says({})) as (_, url):
        pass
    with pytest.raises(EngineUnavailable):
        engine_at(url).decide(QUESTION)


def test_proxy_variables_are_ignored(monkeypatch):
    """A proxy named by the environment is never asked."""
    with serving(says(good_reply())) as (_, url), serving(says(good_reply())) as (proxy, proxy_url):
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy_url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert engine_at(url).decide(QUESTION).decision is True
        assert proxy.seen == []


def certificate(folder, name, host):
    """A self-signed certificate for a host; returns the paths of certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, key_path = folder / f"{name}.pem", folder / f"{name}.key"
    pem.write_bytes(built.public_bytes(Encoding.PEM))
    key_path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return pem, key_path


def tls_of(pem, key):
    """A server's TLS context."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    return context


LOOPBACK = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


def test_the_private_ca_is_trusted(tmp_path):
    """Over TLS a server that the given CA vouches for is believed."""
    pem, key = certificate(tmp_path, "right", LOOPBACK)
    with serving(says(good_reply()), tls_of(pem, key)) as (_, url):
        assert engine_at(url, ca=pem).decide(QUESTION).decision is True


@pytest.mark.parametrize("wrong", ["other ca", "other host", "public roots"])
def test_a_wrong_certificate_is_unavailable(wrong, tmp_path, monkeypatch):
    """A certificate of another CA or host is never believed, whatever the environment says."""
    host = x509.DNSName("opa.example") if wrong == "other host" else LOOPBACK
    pem, key = certificate(tmp_path, "served", host)
    other, _ = certificate(tmp_path, "other", LOOPBACK)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(pem))
    ca = {"other ca": other, "other host": pem, "public roots": None}[wrong]
    with serving(says(good_reply()), tls_of(pem, key)) as (server, url):
        with pytest.raises(EngineUnavailable):
            engine_at(url, ca=ca).decide(QUESTION)
        assert server.seen == []


@pytest.mark.parametrize(
    "url",
    ["http://opa.example:8181", "ftp://127.0.0.1", "http://127.0.0.1:8181/v1", "http://u:p@127.0.0.1", "127.0.0.1"],
)
def test_an_unsafe_address_is_refused(url):
    """Plain HTTP beyond this machine, a path, credentials or another scheme is refused with a remedy."""
    with pytest.raises(PolicySourceError):
        opa_address(url)


@pytest.mark.opa
def test_a_real_server_with_another_revision_is_refused(opa_url):
    """A real OPA server that serves other rules than expected gives no allow."""
    engine = OpaServerEngine(patient(opa_url), "2026.11.1-0123456789abcdef")
    with pytest.raises(EngineFault) as caught:
        engine.decide(QUESTION)
    assert caught.value.code is ReasonCode.BELEID_ONGELDIG


@pytest.mark.opa
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/data"),
        ("POST", "/v1/data"),
        ("POST", "/v1/data/schakel/decision"),
        ("GET", "/v1/data/schakel/decision/answer"),
        ("POST", "/v1/data/schakel/decision/answer?explain=full"),
        ("PUT", "/v1/policies/x"),
        ("GET", "/v1/policies"),
        ("PATCH", "/v1/data/schakel"),
        ("POST", "/v1/query"),
        ("POST", "/v1/compile"),
        ("GET", "/metrics"),
        ("GET", "/v1/config"),
    ],
)
def test_every_other_path_of_a_real_server_is_closed(opa_url, method, path):
    """system.authz closes all but the decision path and health."""
    with requests.Session() as session:
        session.trust_env = False
        assert session.request(method, opa_url + path, data="{}", timeout=20).status_code == 401


@pytest.mark.opa
def test_a_changed_byte_keeps_a_real_server_from_starting(opa_binary, bundle, monkeypatch):
    """A bundle that changed after it was signed is not served."""

    pack = opa_process.bundle_archive

    def tampered(rules, system, key):
        content = gzip.decompress(pack(rules, system, key))
        return gzip.compress(content.replace(b'"subjecten_per_vraag": 25', b'"subjecten_per_vraag": 99'))

    monkeypatch.setattr(opa_process, "bundle_archive", tampered)
    system = read_system(ROOT / "deploy" / "opa" / "system")
    with pytest.raises(EngineUnavailable), opa_process.opa_server(opa_binary, bundle, system):
        pass
