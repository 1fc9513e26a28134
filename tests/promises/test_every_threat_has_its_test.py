"""Every claim of SECURITY.md's table of threats, what an adversary can and what it cannot, names the tests that execute
it. A row without a test, a claim that nobody listed here, and a test that is gone, all fail; so does a row of the
design's own table (design/cryptography.md) whose adversary stands in no row of SECURITY.md."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DESIGN = ROOT.parent / "shared" / "design" / "cryptography.md"
CAN, CANNOT = 0, 1
ATTACKS = "tests/attacks/test_"
PROMISES = "tests/promises/test_"

CLAIMS: dict[str, dict[tuple[int, str], tuple[str, ...]]] = {
    "curious partner": {
        (CAN, "guess online within its budget"): (
            ATTACKS + "dictionary_end_to_end.py::test_a_partner_guesses_within_its_budget",
        ),
        (CANNOT, "enumerate offline"): (
            ATTACKS + "oprf_dictionary.py::test_a_partner_that_left_finds_nothing_offline",
            ATTACKS + "promise_curious_partner.py::test_made_up_tokens_find_nothing",
        ),
        (CANNOT, "ask as another party"): (
            ATTACKS + "custodian_requests.py::test_another_partys_signature_is_refused",
            ATTACKS + "gateway_forgeries.py::test_a_stolen_token_is_worthless_without_the_key",
            ATTACKS + "gateway_forgeries.py::test_a_batch_of_another_party_is_refused",
        ),
        (CANNOT, "25 subjects a casus or 100 an analyst"): (
            ATTACKS + "question_budgets.py::test_guesses_until_stop",
            ATTACKS + "question_budgets.py::test_more_cases_do_not_help_beyond_a_hundred",
            ATTACKS + "question_budgets.py::test_questions_at_once_do_not_pass_the_limit_together",
        ),
    },
    "guessing partner or analyst": {
        (CAN, "deliver or ask about a guessed number"): (
            ATTACKS + "canaries.py::test_a_touched_batch_gets_an_ordinary_receipt",
            ATTACKS + "canaries.py::test_a_question_that_touches_is_answered_like_any_other",
        ),
        (CANNOT, "do so twice"): (
            ATTACKS + "canaries.py::test_two_touches_suspend",
            ATTACKS + "canary_figures.py::test_a_million_canaries_catch_guesses",
        ),
    },
    "partner that makes up records": {
        (CAN, "deliver rows without a case"): (ATTACKS + "spot_proofs.py::test_planted_false_rows_are_found",),
        (CANNOT, "keep 5 % false rows"): (ATTACKS + "spot_proofs.py::test_59_rows_find_5_percent_false_rows",),
    },
    "gateway": {
        (CAN, "count their records"): (
            ATTACKS + "gateway_watches_two_partners.py::test_of_one_partner_it_counts_records",
            ATTACKS + "gateway_watches_two_partners.py::test_of_two_it_sees_who_is_in_both",
            ATTACKS + "gateway_watches_two_partners.py::test_of_two_it_sees_which_traits_agree",
            ATTACKS + "two_present_partners.py::test_a_copy_of_one_file_names_few",
            ATTACKS + "two_present_partners.py::test_two_thousand_common_people",
        ),
        (CANNOT, "invert a token"): (
            ATTACKS + "oprf_dictionary.py::test_the_gateway_alone_finds_nothing",
            ATTACKS + "every_field_on_the_wire.py::test_no_value_can_be_turned_back",
            PROMISES + "p8_nothing_at_rest_to_invert.py::test_with_every_key_of_the_gateway_no_row_opens",
        ),
        (CANNOT, "without a partner's signature"): (
            ATTACKS + "custodian_requests.py::test_a_ticket_without_the_partners_signature_is_refused",
            ATTACKS + "dictionary_end_to_end.py::test_the_gateway_alone_gets_nothing_evaluated",
        ),
        (CANNOT, "recognise the people of one partner"): (
            ATTACKS + "linkage_graph_matching.py::test_nobody_is_recognised_by_an_exact_copy",
            ATTACKS + "linkage_graph_matching.py::test_two_thousand_people",
            ATTACKS + "linkage_graph_matching.py::test_frequencies_read_no_composites",
        ),
    },
    "one custodian": {
        (CAN, "refuse service"): (
            ATTACKS + "promise_custodian_sees.py::test_a_custodian_alone_can_only_refuse",
            ATTACKS + "lying_custodian_end_to_end.py::test_a_lie_stops_the_delivery",
            ATTACKS + "oprf_custodian_lies.py::test_a_lie_is_refused_and_nothing_is_unblinded",
        ),
        (CAN, "a wrong key is caught"): (
            ATTACKS + "oprf_custodian_lies.py::test_a_custodian_with_another_key_is_refused",
            ATTACKS + "lying_custodian_end_to_end.py::test_a_lie_stops_the_delivery",
        ),
        (CANNOT, "learn an input or a token"): (
            ATTACKS + "promise_custodian_sees.py::test_a_custodian_sees_no_identifier",
            ATTACKS + "promise_custodian_sees.py::test_a_custodian_sees_no_token",
            ATTACKS + "promise_custodian_sees.py::test_a_dictionary_does_not_help_it",
        ),
    },
    "gateway + partner": {
        (CAN, "guess online within that partner's budget"): (
            ATTACKS + "dictionary_end_to_end.py::test_gateway_and_partner_guess_no_more_than_the_partner",
        ),
        (CAN, "read sketches in blocks"): (
            ATTACKS + "promise_curious_partner.py::test_gateway_and_partner_reach_shared_blocks_only",
        ),
        (CANNOT, "enumerate offline"): (
            ATTACKS + "promise_curious_partner.py::test_gateway_and_partner_reach_shared_blocks_only",
            ATTACKS + "promise_curious_partner.py::test_one_partner_cannot_open_anothers_rows",
        ),
        (CANNOT, "pass that budget at either custodian"): (
            ATTACKS + "dictionary_end_to_end.py::test_gateway_and_partner_guess_no_more_than_the_partner",
        ),
    },
    "gateway + one custodian": {
        (CAN, "no more than the gateway"): (
            ATTACKS + "oprf_dictionary.py::test_the_gateway_with_one_custodian_finds_nothing",
        ),
        (CANNOT, "enumerate"): (
            ATTACKS + "dictionary_end_to_end.py::test_the_gateway_with_one_custodian_finds_nobody",
        ),
    },
    "gateway + both custodians": {
        (CAN, "rebuild every BSN"): (
            ATTACKS + "dictionary_end_to_end.py::test_the_gateway_with_both_custodians_finds_everybody",
            ATTACKS + "oprf_dictionary.py::test_both_custodians_together_find_it",
        ),
        (CANNOT, "be one organisation"): (
            "tests/contract/test_federation_file.py::test_gateway_and_custodians_are_different_organisations",
        ),
    },
    "stolen gateway database or backup": {
        (CAN, "learn sizes"): (
            ATTACKS + "stolen_database.py::test_the_thief_counts_records",
            ATTACKS + "stolen_database.py::test_the_thief_reads_what_was_released",
        ),
        (CANNOT, "match, even with a partner's tokens"): (
            ATTACKS + "stolen_database.py::test_a_partners_tokens_match_nobody",
            PROMISES + "p8_nothing_at_rest_to_invert.py::test_no_join_key_is_at_rest",
            PROMISES + "p9_a_partner_leaves_alone.py::test_a_backup_with_every_key_opens_none_of_its_rows",
            ATTACKS + "canaries.py::test_a_stolen_database_does_not_tell_which_tokens_are_canaries",
        ),
    },
    "forger of requests, tokens or receipts": {
        (CAN, "be refused, and appear in the log"): (
            ATTACKS + "forgery_is_logged.py::test_a_replayed_assertion_is_logged",
            ATTACKS + "forgery_is_logged.py::test_a_custodian_logs_who_comes_without_a_ticket",
        ),
        (CANNOT, "be taken for another"): (
            ATTACKS + "gateway_forgeries.py::test_another_key_under_this_kid_is_refused",
            ATTACKS + "gateway_forgeries.py::test_a_stolen_token_is_worthless_without_the_key",
            "tests/contract/test_signatures_break.py::test_an_unpinned_key_is_refused",
        ),
    },
    "reader of published tables": {
        (CAN, "subtract, compare releases, know a partner's own cases"): (
            PROMISES + "p6_no_release_we_can_break.py::test_primary_suppression_alone_is_caught",
            PROMISES + "p6_no_release_we_can_break.py::test_a_difference_between_two_releases_is_caught",
        ),
        (CANNOT, "learn a count below k"): (
            PROMISES + "p6_no_release_we_can_break.py::test_nothing_that_passes_the_gate_can_be_broken",
            "tests/aggregator/test_random_regions.py::test_no_viewpoint_opens_a_region",
            "tests/gateway/test_gateway_release_random.py::test_nobody_opens_what_the_room_publishes",
        ),
    },
    "operator who rewrites the ledger": {
        (CAN, "change the database file"): (
            PROMISES + "p7_rewritten_history_is_noticed.py::test_every_clumsy_change_is_named_by_verify_ledger",
        ),
        (CANNOT, "unnoticed by a partner"): (
            PROMISES + "p7_rewritten_history_is_noticed.py::test_a_careful_rewrite_is_noticed_by_every_partner",
            PROMISES + "p7_rewritten_history_is_noticed.py::test_a_receipt_alone_is_enough_to_notice",
        ),
    },
}
"""Adversary, then (column, words of the claim) and the tests that execute it."""


def table(text: str, heading: str) -> list[list[str]]:
    """The cells of the rows of the table under a heading that begins with these words."""
    body = re.split(rf"^## {heading}.*$", text, flags=re.MULTILINE)[1].split("\n## ")[0]
    rows = [line for line in body.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


ROWS = table((ROOT / "SECURITY.md").read_text(encoding="utf-8"), "Threats")


@cache
def functions_of(path: str) -> frozenset[str]:
    """Names of the test functions of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_claim_of_a_row_has_a_test(row: list[str]) -> None:
    """Claims are parted by semicolons; each holds the words of one entry here or more, and no entry is left over."""
    adversary, *columns, _ = row
    listed = CLAIMS.get(adversary, {})
    assert listed, f"{adversary}: no test is named for this row"
    unused = set(listed)
    for column, cell in enumerate(columns):
        for claim in cell.split(";"):
            fitting = {key for key in listed if key[0] == column and key[1] in claim}
            assert fitting, f"{adversary}: no test is named for {claim.strip()!r}"
            unused -= fitting
    assert not unused, f"{adversary}: SECURITY.md no longer says {sorted(words for _, words in unused)}"


@pytest.mark.parametrize("adversary", CLAIMS)
def test_no_adversary_is_only_here(adversary: str) -> None:
    """What is tested as a threat is told as one."""
    assert adversary in {row[0] for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_named_tests_exist(row: list[str]) -> None:
    """Every function is in its file."""
    named = [name for tests in CLAIMS[row[0]].values() for name in tests]
    gone = [name for name in named if name.split("::")[1] not in functions_of(name.split("::")[0])]
    assert gone == []


def test_the_designs_adversaries_are_all_in_the_table() -> None:
    """A row of the design page that SECURITY.md forgot would be seen."""
    designed = {row[0] for row in table(DESIGN.read_text(encoding="utf-8"), "Threats")}
    assert len(designed) == 7
    assert designed <= {row[0] for row in ROWS}
