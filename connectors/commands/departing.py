"""`withdraw`, `leave`: taking back, one record or everything."""

from typing import Annotated

import typer

from connectors.contract.codes import TokenDomein
from connectors.departing import leave as depart
from connectors.departing import withdraw as take_back
from connectors.departing import withdraw_case
from connectors.errors import InputRefused, PeerUnavailable
from connectors.terminal import Desk, command


@command
def withdraw(
    desk: Desk,
    record_id: Annotated[str | None, typer.Argument(help="A record id of this connector.")] = None,
    case: Annotated[
        str | None, typer.Option("--case", help="Every record of a case, by its reference in your own system.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Everything this party ever sent.")] = False,
    domain: Annotated[TokenDomein | None, typer.Option("--domain", help="With --all: only this domain.")] = None,
) -> None:
    """Withdraw a record, or all of them. Queued durably first: when the gateway is away it goes with the next call."""
    if (record_id is not None) + (case is not None) + all_ != 1:
        raise InputRefused("give a record id, --case or --all, and only one of them")
    with desk.house() as house:
        place = house.domein(domain) if domain else None
        if case is not None:
            done = withdraw_case(house, case)
        else:
            done = take_back(house, (record_id,) if record_id else (), place)
        pending = house.outbox.counts().pending_withdrawals
    desk.show({"acknowledged": done, "pending": pending}, [f"withdrawn: {done}, waiting for the gateway: {pending}"])


@command
def leave(
    desk: Desk,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; there is no way back.")] = False,
) -> None:
    """Leave for good: destroy this party's shares, so that no copy of its records can ever be matched."""
    if not yes and not desk.as_json:
        typer.confirm("Destroy this party's shares for good?", abort=True)
    with desk.house() as house:
        gone = depart(house)
    desk.show(
        {"shares_destroyed": gone.shares_destroyed, "gateway_told": gone.told},
        [f"shares destroyed: {gone.shares_destroyed}", "gateway acknowledged" if gone.told else "gateway is away"],
    )
    if not gone.told:
        raise PeerUnavailable("the shares are destroyed; run `leave` again when the gateway is back, so that it knows")
