"""What a command asks of the process that serves: only that one has the leased shares and the index.

The request goes to the address of the settings and proves by the gateway's own key whose it is (`gateway.web.own`).
"""

from typing import Final

import httpx
from pydantic import ValidationError

from connectors.contract.answers import Weigering
from gateway.clock import system_clock
from gateway.errors import Declined, NotReady
from gateway.ids import random_id
from gateway.settings import Settings, read_federation, read_signing_key
from gateway.web.own import own_headers

_EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


def ask_serving(settings: Settings, path: str, seconds: float) -> bytes:
    """The body of the serving gateway's answer to a POST. Raises BadSettings, NotReady when nobody answers, Declined
    with its own words."""
    signing = read_signing_key(settings, read_federation(settings))
    host = "127.0.0.1" if settings.host in _EVERYWHERE else settings.host
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}{path}"
    headers = own_headers(signing, "POST", path, random_id(), system_clock())
    try:
        answer = httpx.post(url, headers=headers, timeout=seconds, trust_env=False)
    except httpx.HTTPError as error:
        raise NotReady("the gateway does not answer: start it (`schakel-gateway serve`) and try again") from error
    if answer.status_code == httpx.codes.OK:
        return answer.content
    try:
        problem = Weigering.model_validate_json(answer.content)
    except ValidationError as error:
        raise NotReady("something else than the gateway answers at the address of the settings") from error
    ours = answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
    raise Declined(problem.detail or problem.title, problem.code or "refused", ours=ours)
