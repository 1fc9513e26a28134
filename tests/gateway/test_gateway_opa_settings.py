"""How the settings name the OPA server: over TLS with a private CA, and nothing weak."""

from pathlib import Path

import pytest

from gateway.errors import BadSettings
from gateway.settings import opa_server_address, read_settings
from tests.gateway.gateway_world import make_layout


def settings_file(root: Path, *lines: str) -> Path:
    """A gateway's settings that ask an OPA server."""
    path = make_layout(root / "federation").gateway / "gateway.toml"
    text = path.read_text().replace('policy_engine = "embedded"', 'policy_engine = "opa"')
    path.write_text("\n".join([*lines, text]))
    return path


def test_an_opa_server_elsewhere_is_known_by_its_ca_and_knows_us_by_our_certificate(tmp_path: Path) -> None:
    """Paths are relative to the file, and handed to the adapter as they are."""
    path = settings_file(
        tmp_path,
        'opa_url = "https://opa.example:8181"',
        'opa_ca = "ca.pem"',
        'opa_certificate = "us.pem"',
        'opa_key = "us.key"',
    )
    for name in ("ca.pem", "us.pem", "us.key"):
        (path.parent / name).write_text("x")
    address = opa_server_address(read_settings(path, {}))
    assert address is not None
    assert (address.host, address.port, address.tls) == ("opa.example", 8181, True)
    assert address.ca == path.parent / "ca.pem"
    assert address.client_certificate == (path.parent / "us.pem", path.parent / "us.key")


def test_the_embedded_engine_has_no_address(tmp_path: Path) -> None:
    """A laptop asks no server."""
    path = make_layout(tmp_path / "federation").gateway / "gateway.toml"
    assert opa_server_address(read_settings(path, {})) is None


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (['opa_url = "http://opa.example:8181"'], "https"),
        (['opa_url = "https://user:secret@opa.example"'], "credentials"),
        (['opa_url = "https://opa.example"', 'opa_ca = "none.pem"'], "none.pem"),
        (['opa_url = "https://opa.example"', 'opa_certificate = "us.pem"'], "both or neither"),
        ([], "opa_url"),
    ],
)
def test_a_weak_or_broken_address_is_refused_at_the_start(tmp_path: Path, lines: list[str], message: str) -> None:
    """Plain HTTP beyond this machine, credentials, a file that is not there, half a client certificate, no address."""
    with pytest.raises(BadSettings, match=message) as caught:
        opa_server_address(read_settings(settings_file(tmp_path, *lines), {}))
    assert "secret" not in str(caught.value)
