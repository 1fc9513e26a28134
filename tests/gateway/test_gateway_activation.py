"""Rules come in force because two convenant owners signed them, and go out of force when one no longer stands behind
them. Signatures are verified, never claimed; a running gateway follows at the next question."""

import base64
import json
import shutil
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue
from sqlalchemy import select
from typer.testing import CliRunner, Result

from connectors.contract.codes import Betrouwbaarheid, Rol
from connectors.contract.exits import Exit
from connectors.contract.signing import SigningKey, Unverified, read_key_file, write_secret_file
from connectors.contract.ticket import Handelende
from deploy.demo.federation import OFFICER, OWNERS, Layout
from gateway.app import open_ground, open_house
from gateway.cli import app
from gateway.errors import BadSettings, Conflict, Malformed, PolicyRefused
from gateway.ledger.decisions import find_decision
from gateway.ledger.entries import Event
from gateway.ledger.verify import stored_leaves, verify
from gateway.permit.activation import Changed, Given, Ground, activate, in_force, judges, withdraw
from gateway.policy.bundle import PolicyBundle, load_bundle, make_bundle
from gateway.policy.changes import CHANGES
from gateway.policy.errors import PolicySourceError
from gateway.policy.shelf import keep_withdrawal, kept
from gateway.policy.signatures import Word, sign_bundle, standing_owners
from gateway.settings import pinned_owners, read_federation, read_settings
from gateway.store import migrate, reading
from tests.gateway.gateway_world import (
    POLITIE,
    ROOT,
    START,
    World,
    build_world,
    codes_of,
    deliver,
    make_layout,
    open_casus,
    put_question,
    riec_row,
    tokens,
)

RULES = load_bundle(ROOT / "policies" / "opa")
FIRST, SECOND = OWNERS


def narrower(versie: str = "2027.1") -> PolicyBundle:
    """Other rules: a question may be about one subject."""
    bounds = RULES.table("thresholds") | {"subjecten_per_vraag": 1}
    release = RULES.table("release") | {"versie": versie}
    golden = json.loads(RULES.golden)["cases"][:3]
    files = {
        **RULES.files,
        "schakel/tables/thresholds/data.json": json.dumps(bounds),
        "schakel/tables/release/data.json": json.dumps(release),
    }
    return make_bundle(files, json.dumps({"cases": golden}))


NARROWER = narrower()


def owner_key(layout: Layout, oin: str) -> SigningKey:
    return read_key_file(layout.root / "owners" / f"{oin}.key")


def signed(
    layout: Layout,
    rules: PolicyBundle,
    at: datetime,
    owners: Sequence[str] = OWNERS,
    word: Word = Word.AGREES,
    act: Handelende = OFFICER,
) -> tuple[Given, ...]:
    """Signatures of these owners, made at `at`."""
    return tuple(Given(oin, sign_bundle(rules, owner_key(layout, oin), word, act, at)) for oin in owners)


def ground_of(world: World) -> Ground:
    return open_ground(world.settings, world.clock)


def put_in_force(world: World, rules: PolicyBundle, **changed: Any) -> Changed:
    """Two owners sign and the rules in force judge it, a minute on."""
    world.clock.advance(minutes=1)
    given = signed(world.layout, rules, world.clock(), **changed)
    ground = ground_of(world)
    return activate(ground, world.house if judges(ground, in_force(ground)) else None, rules, given)


def take_back(world: World, rules: PolicyBundle, owners: Sequence[str] = (FIRST,)) -> Changed:
    """Owners no longer stand behind the rules, a minute on."""
    world.clock.advance(minutes=1)
    return withdraw(ground_of(world), rules, signed(world.layout, rules, world.clock(), owners, Word.WITHDRAWS))


def entries(world: World, event: Event) -> list[dict[str, Any]]:
    with reading(world.house.store) as transaction:
        verify(transaction)
        leaves = list(stored_leaves(transaction))
    return [json.loads(leaf.record) for leaf in leaves if leaf.leaf_data[1] == event and leaf.record]


def changes(world: World) -> list[tuple[str, str]]:
    with reading(world.house.store) as transaction:
        found = transaction.execute(select(CHANGES.c.soort, CHANGES.c.digest).order_by(CHANGES.c.number)).all()
    return [(row.soort, row.digest) for row in found]


def two_subjects(world: World) -> Any:
    """A question that the first rules allow and the narrower ones do not."""
    return put_question(world, tokens(bsn="1"), tokens(bsn="2"))


# What a running gateway does with it


def test_a_running_gateway_takes_up_what_owners_put_in_force(world: World) -> None:
    """The rules in force judge it; the next question is decided by the new ones, and the ledger says by which."""
    open_casus(world)
    assert two_subjects(world).status_code == 200
    changed = put_in_force(world, NARROWER)
    assert (changed.first, changed.owners) == (True, OWNERS)
    assert codes_of(two_subjects(world)) == {"SLEEPNET"}
    assert world.house.policy.bundle.digest == NARROWER.digest
    assert world.http.get("/readyz").status_code == 200
    judged, decided = entries(world, Event.DECISION)[-2:]
    assert (judged["event_name"], judged["policies"]["digest"]) == ("beleid_activeren", RULES.digest)
    assert (decided["event_name"], decided["policies"]["digest"]) == ("match_aanvragen", NARROWER.digest)


def test_the_ledger_holds_the_signatures_and_the_decision(world: World) -> None:
    """Whoever reads the entry can verify the owners' words himself, and find the decision of the rules before."""
    changed = put_in_force(world, NARROWER)
    [entry] = entries(world, Event.POLICY)
    assert (entry["soort"], entry["digest"], entry["besluit"]) == ("activering", changed.digest, changed.besluit)
    assert (entry["eigenaren"], len(entry["handtekeningen"])) == (list(OWNERS), 2)
    with reading(world.house.store) as transaction:
        decision = find_decision(transaction, str(changed.besluit))
    asked: Any = decision["request"]
    assert asked["subject"]["properties"]["rol"] == "privacy_officer"
    assert [each["geldig"] for each in asked["resource"]["properties"]["handtekeningen"]] == [True, True]


def test_a_restart_opens_what_was_put_in_force(world: World) -> None:
    """Durable: the next process starts on it, from the shelf."""
    put_in_force(world, NARROWER)
    again = open_house(world.settings, world.clock)
    assert again.policy.bundle.digest == NARROWER.digest
    again.store.dispose()


def test_the_same_activation_again_changes_nothing(world: World) -> None:
    """A command that was cut off after the commit may be run again."""
    world.clock.advance(minutes=1)
    given = signed(world.layout, NARROWER, world.clock())
    assert activate(ground_of(world), world.house, NARROWER, given).first
    assert not activate(ground_of(world), world.house, NARROWER, given).first
    assert len(changes(world)) == 2
    assert len(entries(world, Event.POLICY)) == 1


def test_both_databases_follow_the_owners(any_world: World) -> None:
    """Activation, withdrawal and activation again, on SQLite and on PostgreSQL."""
    put_in_force(any_world, NARROWER)
    assert any_world.http.get("/readyz").status_code == 200
    assert any_world.house.policy.bundle.digest == NARROWER.digest
    take_back(any_world, NARROWER)
    assert any_world.http.get("/readyz").status_code == 503
    put_in_force(any_world, RULES)
    assert deliver(any_world, POLITIE, [riec_row(tokens(bsn="1"))]).status_code == 201
    assert [soort for soort, _ in changes(any_world)] == ["activering", "activering", "intrekking", "activering"]


def test_of_two_activations_at_once_one_wins(any_world: World) -> None:
    """The other finds that the rules in force changed, or that its signatures are spent; nothing is half done."""
    world = any_world
    world.clock.advance(minutes=1)
    others = [narrower(f"2027.{number}") for number in range(1, 5)]
    given = [signed(world.layout, rules, world.clock()) for rules in others]
    won: list[str] = []

    def race(rules: PolicyBundle, signatures: tuple[Given, ...]) -> None:
        try:
            activate(ground_of(world), world.house, rules, signatures)
        except (Conflict, PolicyRefused, Unverified):
            return
        won.append(rules.digest)

    threads = [threading.Thread(target=race, args=each) for each in zip(others, given, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert changes(world)[1:] == [("activering", won[0])]
    assert len(entries(world, Event.POLICY)) == 1


# Who may


@pytest.mark.parametrize("owners", [(FIRST, FIRST), (SECOND,)])
def test_one_owner_is_not_two(world: World, owners: tuple[str, ...]) -> None:
    """The rules in force refuse it, the refusal is in the ledger, and nothing is activated."""
    with pytest.raises(PolicyRefused) as caught:
        put_in_force(world, NARROWER, owners=owners)
    assert [reden.code for reden in caught.value.redenen] == ["BELEID_TWEE_EIGENAREN"]
    assert changes(world) == [("activering", RULES.digest)]
    assert [each["status"] for each in entries(world, Event.DECISION)] == ["refuse"]


def test_a_signature_over_other_rules_does_not_count(world: World) -> None:
    """The digests that were signed are what policy compares, not what was said to be signed."""
    world.clock.advance(minutes=1)
    given = (
        *signed(world.layout, NARROWER, world.clock(), (FIRST,)),
        *signed(world.layout, narrower("2027.2"), world.clock(), (SECOND,)),
    )
    with pytest.raises(PolicyRefused, match="purpose rules"):
        activate(ground_of(world), world.house, NARROWER, given)
    assert changes(world) == [("activering", RULES.digest)]


def test_signatures_from_before_the_last_change_are_spent(world: World) -> None:
    """Nobody brings earlier rules back with the signatures of then; the owners must sign anew."""
    old = tuple(Given(path.name, path.read_text().strip()) for path in world.layout.bundle_signatures)
    put_in_force(world, NARROWER)
    with pytest.raises(PolicyRefused) as caught:
        activate(ground_of(world), world.house, RULES, old)
    assert [reden.code for reden in caught.value.redenen] == ["BELEID_TWEE_EIGENAREN"]
    assert put_in_force(world, RULES).first


def test_a_signature_of_the_future_does_not_count(world: World) -> None:
    """An owner's clock may be a minute ahead, not a day."""
    world.clock.advance(minutes=1)
    with pytest.raises(PolicyRefused):
        activate(ground_of(world), world.house, NARROWER, signed(world.layout, NARROWER, START + timedelta(days=1)))


def test_who_signs_is_judged_as_well(world: World) -> None:
    """An owner's analyst, or an officer without a second factor, cannot ask; the owner's word on it is what counts."""
    analyst = OFFICER.model_copy(update={"rol": Rol.RIEC_ANALIST})
    weak = OFFICER.model_copy(update={"loa": Betrouwbaarheid.LAAG, "mfa": False})
    for act, code in ((analyst, "GEEN_ROL_VOOR_ACTIE"), (weak, "MFA_VEREIST")):
        with pytest.raises(PolicyRefused) as caught:
            put_in_force(world, NARROWER, act=act)
        assert code in {reden.code for reden in caught.value.redenen}


def forged(world: World, kind: str) -> Given:
    """A signature that is not what it should be."""
    now, layout = world.clock(), world.layout
    if kind == "another's key":
        return Given("x", sign_bundle(NARROWER, SigningKey(bytes(range(32))), Word.AGREES, OFFICER, now))
    if kind == "a withdrawal":
        return signed(layout, NARROWER, now, (SECOND,), Word.WITHDRAWS)[0]
    whole = signed(layout, NARROWER, now, (SECOND,))[0].unverified
    head, body, signature = whole.split(".")
    if kind == "a changed byte":
        return Given("x", ".".join((head, body[:-2] + ("A" if body[-2] != "A" else "B") + body[-1], signature)))
    return Given(
        "x", {"nothing": "", "no JWS": "sha256:00", "cut off": whole[:-1], "no signature": f"{head}.{body}."}[kind]
    )


@pytest.mark.parametrize(
    "kind", ["another's key", "a withdrawal", "a changed byte", "nothing", "no JWS", "cut off", "no signature"]
)
def test_what_is_no_owners_signature_is_never_asked_about(world: World, kind: str) -> None:
    """It is named, nothing is put to policy, and nothing changed."""
    world.clock.advance(minutes=1)
    given = (*signed(world.layout, NARROWER, world.clock(), (FIRST,)), forged(world, kind))
    with pytest.raises(Unverified, match=given[1].name):
        activate(ground_of(world), world.house, NARROWER, given)
    assert entries(world, Event.DECISION) == []
    assert changes(world) == [("activering", RULES.digest)]


# Which rules


def test_rules_for_other_parties_are_not_put_in_force(world: World) -> None:
    """Two lists of parties that differ would let one house allow what the other does not know of."""
    parties = json.loads((ROOT / "policies" / "opa" / "bron" / "parties.json").read_text())
    parties["partijen"]["RIEC"].pop()
    with pytest.raises(Malformed, match="other parties"):
        put_in_force(world, RULES.with_parties(json.dumps(parties)))


def test_rules_that_count_strangers_as_owners_are_not_put_in_force(world: World) -> None:
    """Owners that the federation file does not know could never sign the next rules."""
    parties = json.loads((ROOT / "policies" / "opa" / "bron" / "parties.json").read_text())
    parties["beleid_eigenaren"] = [FIRST, "00000099000000999000"]
    with pytest.raises(Malformed, match="beleid_eigenaren"):
        put_in_force(world, RULES.with_parties(json.dumps(parties)))


@pytest.mark.parametrize("golden", ["", '{"cases": [{}]}'])
def test_rules_without_golden_cases_are_not_put_in_force(world: World, golden: str) -> None:
    """Rules of which nobody knows how they should answer."""
    with pytest.raises(Malformed, match="golden"):
        put_in_force(world, make_bundle(NARROWER.files, golden))


def test_rules_that_answer_a_golden_case_otherwise_are_not_put_in_force(world: World) -> None:
    """What their own officers wrote down must come out."""
    cases = json.loads(NARROWER.golden)["cases"]
    cases[0]["expect"]["decision"] = not cases[0]["expect"]["decision"]
    with pytest.raises(Malformed, match="golden"):
        put_in_force(world, make_bundle(NARROWER.files, json.dumps({"cases": cases})))


# Withdrawal


def test_withdrawn_rules_refuse_everything(world: World) -> None:
    """One of the two owners is enough; from the next question on, also the façade and an activation are refused."""
    open_casus(world)
    assert take_back(world, RULES).owners == (SECOND,)
    assert "BELEID_ONGELDIG" in codes_of(two_subjects(world))
    assert "BELEID_ONGELDIG" in codes_of(deliver(world, POLITIE, [riec_row(tokens(bsn="1"))]))
    assert world.http.get("/readyz").json()["detail"] == "not ready: owners"
    activation = next(c["input"] for c in json.loads(RULES.golden)["cases"] if "rij 64" in c["name"])
    answer, _ = world.house.policy.consult(activation, world.clock())
    assert answer.codes == ("BELEID_ONGELDIG",)
    assert changes(world)[-1] == ("intrekking", RULES.digest)
    [entry] = entries(world, Event.POLICY)
    assert (entry["soort"], entry["eigenaren"]) == ("intrekking", [FIRST])


def test_after_a_withdrawal_two_owners_put_rules_in_force_by_themselves(world: World) -> None:
    """No rules are left that could judge: the signatures are enough, as at the first start, and new ones are needed."""
    open_casus(world)
    take_back(world, RULES)
    with pytest.raises(Unverified, match="two different owners"):
        put_in_force(world, NARROWER, owners=(FIRST, FIRST))
    changed = put_in_force(world, NARROWER)
    assert changed.besluit is None
    assert codes_of(two_subjects(world)) == {"SLEEPNET"}


def test_signatures_from_before_a_withdrawal_are_spent(world: World) -> None:
    """The same files again do not bring withdrawn rules back, and are not told that they are in force."""
    world.clock.advance(minutes=1)
    given = signed(world.layout, NARROWER, world.clock())
    activate(ground_of(world), world.house, NARROWER, given)
    take_back(world, NARROWER)
    with pytest.raises(Unverified, match="two different owners"):
        activate(ground_of(world), None, NARROWER, given)


def test_withdrawn_rules_can_be_signed_again(world: World) -> None:
    """An owner that changed its mind twice."""
    open_casus(world)
    take_back(world, RULES)
    put_in_force(world, RULES)
    assert two_subjects(world).status_code == 200


def test_a_backup_from_before_a_withdrawal_revives_nothing(world: World, tmp_path: Path) -> None:
    """The database is put back; the owner's word lies beside the rules as well."""
    database = Path(world.settings.database.removeprefix("sqlite:///"))
    copy = tmp_path / "backup.sqlite"
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    take_back(world, RULES)
    world.close()
    for leftover in database.parent.glob(f"{database.name}*"):
        leftover.unlink()
    shutil.copy(copy, database)
    again = build_world(world.layout, world.clock)
    assert changes(again) == [("activering", RULES.digest)]
    assert codes_of(deliver(again, POLITIE, [riec_row(tokens(bsn="1"))])) == {"BELEID_ONGELDIG"}
    put_in_force(again, RULES)
    assert deliver(again, POLITIE, [riec_row(tokens(bsn="1"))]).status_code == 201
    again.close()


def test_an_owners_last_word_counts(world: World) -> None:
    """Agreed, withdrawn, agreed: by the time of signing, in whatever order the words are found."""
    moments = [START + timedelta(minutes=number) for number in range(3)]
    digest = f"sha256:{RULES.digest}"
    owners = ground_of(world).owners
    first, second = (signed(world.layout, RULES, at)[0].unverified for at in (moments[0], moments[2]))
    [word] = signed(world.layout, RULES, moments[1], (FIRST,), Word.WITHDRAWS)
    assert standing_owners([first], [word.unverified], digest, owners) == frozenset()
    assert standing_owners([second, first], [word.unverified], digest, owners) == {FIRST}
    assert standing_owners([first, second], [], digest, owners) == {FIRST}
    assert standing_owners([second], [], "sha256:" + "0" * 64, owners) == frozenset()


def test_a_withdrawal_from_before_the_activation_is_spent(world: World) -> None:
    """Whoever kept it cannot use it against what the owner signed later."""
    world.clock.advance(minutes=1)
    early = signed(world.layout, NARROWER, world.clock(), (FIRST,), Word.WITHDRAWS)
    put_in_force(world, NARROWER)
    with pytest.raises(Unverified, match="sign again"):
        withdraw(ground_of(world), NARROWER, early)


def test_the_same_withdrawal_again_changes_nothing(world: World) -> None:
    """A command that was cut off after the commit may be run again."""
    world.clock.advance(minutes=1)
    given = signed(world.layout, RULES, world.clock(), (FIRST,), Word.WITHDRAWS)
    assert withdraw(ground_of(world), RULES, given).first
    assert not withdraw(ground_of(world), RULES, given).first


def test_a_withdrawal_that_was_cut_off_stops_the_gateway_and_is_entered_when_it_is_run_again(world: World) -> None:
    """The word lies on the shelf before it is in the ledger; the same command again makes up for it."""
    world.clock.advance(minutes=1)
    given = signed(world.layout, RULES, world.clock(), (FIRST,), Word.WITHDRAWS)
    keep_withdrawal(RULES.digest, given[0].unverified, world.settings.bundles)
    assert codes_of(deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])) == {"BELEID_ONGELDIG"}
    assert entries(world, Event.POLICY) == []
    assert withdraw(ground_of(world), RULES, given).first
    assert len(entries(world, Event.POLICY)) == 1
    assert not withdraw(ground_of(world), RULES, given).first


def test_what_is_no_withdrawal_stops_nothing(world: World) -> None:
    """A file on the shelf counts by its signature: an agreement, another's key and rubbish are no one's word."""
    world.clock.advance(minutes=1)
    stranger = sign_bundle(RULES, SigningKey(bytes(range(32))), Word.WITHDRAWS, OFFICER, world.clock())
    for text in (signed(world.layout, RULES, world.clock())[0].unverified, stranger, "rubbish"):
        keep_withdrawal(RULES.digest, text, world.settings.bundles)
    assert deliver(world, POLITIE, [riec_row(tokens(bsn="1"))]).status_code == 201


def test_an_agreement_is_no_withdrawal(world: World) -> None:
    """The two kinds of word never pass for each other."""
    world.clock.advance(minutes=1)
    with pytest.raises(Unverified):
        withdraw(ground_of(world), RULES, signed(world.layout, RULES, world.clock()))


# The commands, from an empty installation on


def run(layout: Layout, *arguments: str | Path) -> Result:
    """A command of the gateway, with this installation's settings where it takes them."""
    settings = [] if "sign" in arguments else ["--settings", str(layout.gateway / "gateway.toml")]
    return CliRunner().invoke(app, [str(argument) for argument in arguments] + settings)


@pytest.fixture
def empty(tmp_path: Path) -> Layout:
    """An installation with a schema and nothing in force."""
    layout = make_layout(tmp_path / "federation", now=datetime.now(UTC))
    ground = open_ground(read_settings(layout.gateway / "gateway.toml", {}))
    migrate(ground.store)
    ground.store.dispose()
    return layout


def sign_by_command(layout: Layout, rules: Path, out: Path, *owners: str, withdraws: bool = False) -> list[str | Path]:
    """The `--signature` arguments of these owners."""
    found: list[str | Path] = []
    for number, oin in enumerate(owners):
        path = out / f"{oin}.{number}.jws"
        key = layout.root / "owners" / f"{oin}.key"
        extra = ["--withdraw"] if withdraws else []
        assert run(layout, "bundle", "sign", rules, "--key", key, "--out", path, *extra).exit_code == Exit.DONE
        found += ["--signature", path]
    return found


def test_a_gateway_without_rules_in_force_does_not_open(empty: Layout) -> None:
    """And says what two owners must do."""
    with pytest.raises(BadSettings, match="bundle activate"):
        open_house(read_settings(empty.gateway / "gateway.toml", {}))
    checked = run(empty, "check", "--json")
    assert checked.exit_code == Exit.BAD_INPUT
    assert "bundle sign" in checked.stderr


def test_the_first_rules_come_in_force_by_two_signatures(empty: Layout, tmp_path: Path) -> None:
    """sign, sign, activate: from then on every check of the start holds; again is not an error."""
    signatures = sign_by_command(empty, ROOT / "policies" / "opa", tmp_path, *OWNERS)
    done = run(empty, "bundle", "activate", ROOT / "policies" / "opa", *signatures, "--json")
    assert done.exit_code == Exit.DONE, done.output
    told = json.loads(done.stdout)
    assert (told["status"], told["revision"], told["besluit"]) == ("activated", RULES.revision, None)
    assert told["owners"] == list(OWNERS)
    assert run(empty, "check").exit_code == Exit.DONE
    assert json.loads(run(empty, "bundle", "activate", *signatures, "--json").stdout)["status"] == "already in force"


def test_an_archive_is_signed_and_activated_as_the_folder_is(empty: Layout, tmp_path: Path) -> None:
    """`bundle build` and the folder have one digest, so that owners may sign either."""
    archive = tmp_path / "bundle.tar.gz"
    assert CliRunner().invoke(app, ["bundle", "build", str(archive)]).exit_code == Exit.DONE
    first = sign_by_command(empty, archive, tmp_path, FIRST)
    second = sign_by_command(empty, ROOT / "policies" / "opa", tmp_path, SECOND)
    assert run(empty, "bundle", "activate", archive, *first, *second).exit_code == Exit.DONE


def test_the_command_says_why_policy_refuses(empty: Layout, tmp_path: Path) -> None:
    """Exit 3 with the code; with nothing in force the same is exit 6; a file that is not there is exit 2."""
    once = sign_by_command(empty, ROOT / "policies" / "opa", tmp_path, FIRST)
    assert run(empty, "bundle", "activate", *once).exit_code == Exit.UNVERIFIED
    both = sign_by_command(empty, ROOT / "policies" / "opa", tmp_path, *OWNERS)
    assert run(empty, "bundle", "activate", *both).exit_code == Exit.DONE
    other = tmp_path / "other.tar.gz"
    parties = ROOT / "policies" / "opa" / "bron" / "parties.json"
    assert CliRunner().invoke(app, ["bundle", "build", str(other), "--parties", str(parties)]).exit_code == Exit.DONE
    again = sign_by_command(empty, other, tmp_path, FIRST)
    refused = run(empty, "bundle", "activate", other, *again)
    assert refused.exit_code == Exit.REFUSED, refused.output
    assert "BELEID_TWEE_EIGENAREN" in refused.stderr
    assert run(empty, "bundle", "activate", "--signature", tmp_path / "none.jws").exit_code == Exit.BAD_INPUT
    assert run(empty, "bundle", "activate", tmp_path / "none", *both).exit_code == Exit.BAD_INPUT


def test_the_withdraw_command_stops_the_gateway(empty: Layout, tmp_path: Path) -> None:
    """After it `check` fails on the owners, and says so with exit 2."""
    rules = ROOT / "policies" / "opa"
    assert run(empty, "bundle", "activate", *sign_by_command(empty, rules, tmp_path, *OWNERS)).exit_code == Exit.DONE
    word = sign_by_command(empty, rules, tmp_path, SECOND, withdraws=True)
    done = run(empty, "bundle", "withdraw", rules, *word, "--json")
    assert (done.exit_code, json.loads(done.stdout)["owners"]) == (Exit.DONE, [FIRST])
    checked = run(empty, "check")
    assert checked.exit_code == Exit.BAD_INPUT
    assert "NO  owners" in checked.output


def test_an_owners_key_that_others_can_read_signs_nothing(empty: Layout, tmp_path: Path) -> None:
    """Mode 0600, 32 random bytes; a pseudonym of the right shape."""
    key = tmp_path / "owner.key"
    write_secret_file(key, bytes(range(32)))
    rules = ROOT / "policies" / "opa"
    assert run(empty, "bundle", "sign", rules, "--key", key, "--door", "Jan").exit_code == Exit.BAD_INPUT
    key.chmod(0o644)
    refused = run(empty, "bundle", "sign", rules, "--key", key)
    assert refused.exit_code == Exit.BAD_INPUT
    assert "0600" in refused.stderr


def test_an_owner_makes_its_key_once(empty: Layout, tmp_path: Path) -> None:
    """The public half is printed as the federation file names it; a key that is there is not replaced."""
    key = tmp_path / "owner.key"
    made = CliRunner().invoke(app, ["bundle", "owner-key", str(key)])
    assert made.exit_code == Exit.DONE, made.output
    assert json.loads(made.stdout)["thumbprint"] == read_key_file(key).public.thumbprint
    assert run(empty, "bundle", "sign", ROOT / "policies" / "opa", "--key", key).exit_code == Exit.DONE
    assert CliRunner().invoke(app, ["bundle", "owner-key", str(key)]).exit_code == Exit.BAD_INPUT


def test_the_shelf_keeps_rules_whole_or_not(tmp_path: Path) -> None:
    """A name that is no digest, a file that is no archive and one of other rules are refused."""
    for name in ("../x", "0" * 63, "G" * 64):
        with pytest.raises(PolicySourceError):
            kept(name, tmp_path)
    (tmp_path / f"{'0' * 64}.tar.gz").write_bytes(b"not an archive")
    with pytest.raises(PolicySourceError, match="archive"):
        kept("0" * 64, tmp_path)


def test_signatures_are_wire_shapes() -> None:
    """Nothing but a digest, a revision, who signed for the owner, and when."""
    claims: JsonValue = json.loads(sign_claims())
    assert isinstance(claims, dict)
    assert set(claims) == {"digest", "revisie", "act", "tijd"}


def sign_claims() -> str:
    body = sign_bundle(RULES, SigningKey(bytes(range(32))), Word.AGREES, OFFICER, START).split(".")[1]
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()


def test_an_owner_whose_key_was_not_given_out_of_band_is_no_owner(tmp_path: Path) -> None:
    """The federation file names him, this house did not pin him: his signature is nobody's."""
    layout = make_layout(tmp_path / "federation")
    settings = read_settings(layout.gateway / "gateway.toml", {})
    federatie = read_federation(settings)
    one = federatie.eigenaren[0]
    narrowed = settings.model_copy(update={"owners": (one.sleutel.thumbprint, "A" * 43)})
    assert pinned_owners(settings, federatie) == federatie.eigenaren
    assert pinned_owners(narrowed, federatie) == (one,)
