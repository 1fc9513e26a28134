"""A real OPA server behind `opa-python-client`, in one adapter that fails closed.

Rules it upholds (design page policy, "Engines"): one attempt, no retries; no redirect is followed (a 302 would turn
the POST into a GET without input); no proxy, netrc or CA path from the environment; a total deadline that a slow drip
cannot stretch; strict built-in errors; the bundle revision in the answer's provenance is the expected one; the
answer has exactly the agreed shape. Everything else is EngineUnavailable or EngineFault, never an allow.
"""

import json
import threading
from typing import Any, Final

import requests
from opa_client.opa import OpaClient
from pydantic import JsonValue

from gateway.policy.answer import Answer, read_answer
from gateway.policy.codes import ReasonCode
from gateway.policy.deadline import Allowance, DeadlineAdapter
from gateway.policy.errors import EngineFault, EngineUnavailable
from gateway.policy.opa_address import OpaAddress
from gateway.policy.question import question_text

_PACKAGE: Final = "schakel.decision"
_RULE: Final = "answer"
_QUERY: Final = {"strict-builtin-errors": "true", "provenance": "true"}
_KEYS: Final = frozenset({"result", "provenance", "decision_id"})


class _Client(OpaClient):  # type: ignore[misc]  # opa-python-client ships no types
    """The client with a session of our own: one attempt, no redirects, nothing from the environment."""

    def __init__(self, address: OpaAddress, allowance: Allowance) -> None:
        self._address = address
        self._allowance = allowance
        super().__init__(
            host=f"[{address.host}]" if ":" in address.host else address.host,
            port=address.port,
            ssl=address.tls,
            retries=0,
            timeout=(address.deadline / 2, address.deadline),
        )

    def _init_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.max_redirects = 0
        session.headers["Accept-Encoding"] = "identity"
        if self._address.ca is not None:
            session.verify = str(self._address.ca)
        if self._address.client_certificate is not None:
            certificate, key = self._address.client_certificate
            session.cert = (str(certificate), str(key))
        adapter = DeadlineAdapter(self._allowance)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        return session


class OpaServerEngine:
    """One client per thread; `revision` is the bundle revision that the server must report with every answer."""

    name = "opa"

    def __init__(self, address: OpaAddress, revision: str) -> None:
        self._address = address
        self._revision = revision
        self._local = threading.local()

    def decide(self, question: JsonValue) -> Answer:
        """The server's answer; see `PolicyEngine.decide`. Takes at most the address's deadline."""
        body = json.loads(question_text(question))
        client, allowance = self._client()
        allowance.start(self._address.deadline)
        try:
            reply = client.query_rule(body, _PACKAGE, _RULE, query_params=_QUERY)
        except requests.exceptions.TooManyRedirects:
            raise EngineFault("the OPA server redirects", ReasonCode.BELEID_ONGELDIG) from None
        except requests.exceptions.JSONDecodeError:
            raise EngineFault("the OPA server's reply is not JSON") from None
        except (requests.exceptions.RequestException, OSError, ValueError):
            raise EngineUnavailable("the OPA server gave no answer in time") from None
        return self._checked(reply)

    def _checked(self, reply: Any) -> Answer:
        if not isinstance(reply, dict) or not {"result", "provenance"} <= set(reply) <= _KEYS:
            raise EngineFault("the OPA server's reply is not the agreed shape")
        provenance = reply["provenance"]
        bundles = provenance.get("bundles") if isinstance(provenance, dict) else None
        if not isinstance(bundles, dict) or not bundles:
            raise EngineFault("the OPA server serves no bundle", ReasonCode.BELEID_ONGELDIG)
        for served in bundles.values():
            if not isinstance(served, dict) or served.get("revision") != self._revision:
                raise EngineFault("the OPA server serves another bundle", ReasonCode.BELEID_ONGELDIG)
        return read_answer(json.dumps(reply["result"]))

    def _client(self) -> tuple[_Client, Allowance]:
        found: tuple[_Client, Allowance] | None = getattr(self._local, "client", None)
        if found is None:
            allowance = Allowance()
            found = self._local.client = (_Client(self._address, allowance), allowance)
        return found
