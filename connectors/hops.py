"""The way to a custodian: one hop over HTTP, with the gateway's ticket and this party's own proof (bytes 13)."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Literal

import httpx
from pydantic import ValidationError

from connectors.contract.answers import Weigering
from connectors.contract.codes import TokenKlasse
from connectors.contract.signing import SigningKey
from connectors.contract.ticket import Proof, digest_of, prove
from connectors.errors import NotPermitted, NotVerified, PeerUnavailable

ELEMENT_BYTES = 32


@dataclass(frozen=True, slots=True)
class HttpHop:
    """Custodian `nr` for one class. `ticket` is the compact JWS that both custodians get."""

    nr: Literal[1, 2]
    url: str
    klasse: TokenKlasse
    ticket: str
    key: SigningKey
    http: httpx.Client
    clock: Callable[[], datetime]

    def evaluate(self, elements: bytes) -> bytes:
        """n * 32 bytes in, n * 32 + 64 bytes out, not yet verified.

        Raises PeerUnavailable, NotPermitted (budget, right, window) or NotVerified (ticket, proof, federation file).
        """
        address = f"{self.url}/v1/evaluate/{self.klasse}"
        proof = Proof(
            htm="POST",
            htu=address,
            iat=int(self.clock().timestamp()),
            jti=str(uuid.uuid4()),
            tkt=digest_of(self.ticket.encode("ascii")),
            bd=digest_of(elements),
            hop=self.nr,
            n=len(elements) // ELEMENT_BYTES,
        )
        headers = {
            "Authorization": f"Bearer {self.ticket}",
            "Schakel-Proof": prove(self.key, proof),
            "Content-Type": "application/octet-stream",
        }
        try:
            answer = self.http.post(address, content=elements, headers=headers)
        except httpx.HTTPError as error:
            raise PeerUnavailable(
                f"custodian {self.nr} cannot be reached ({type(error).__name__}); nothing is lost, try again later"
            ) from error
        self._refuse(answer)
        return answer.content

    def _refuse(self, answer: httpx.Response) -> None:
        status = answer.status_code
        if status == HTTPStatus.OK:
            return
        try:
            code = Weigering.model_validate_json(answer.content).code or "no reason given"
        except ValidationError:
            code = "no reason given"
        if status >= 500 or status < 400:
            raise PeerUnavailable(f"custodian {self.nr} cannot serve now (status {status}); try again later")
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY):
            raise NotVerified(
                f"custodian {self.nr} does not accept the request ({code}); check clock and federation file"
            )
        raise NotPermitted(f"custodian {self.nr} refuses ({code})")
