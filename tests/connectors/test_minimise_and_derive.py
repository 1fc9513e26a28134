"""What leaves of a record: exactly the fields of its convenant, in their coarse form; the rest stays with a reason."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.case_codes import BronSignaal, Geslacht, Herkomstregio, Leeftijdsband, Sector, Uitbuitingsvorm
from connectors.contract.codes import (
    Categorie,
    Convenant,
    Doorbrekingsgrond,
    PartijDomein,
    Route,
    Status,
    TokenDomein,
    WpgArtikel,
)
from connectors.contract.record import MonitorRij, RiecRij, ZvhRij
from connectors.derive import end_of_month, herkomstregio, kwartaal, leeftijdsband, minderjarig, plus_months
from connectors.errors import InputRefused
from connectors.fields import LocalRecord, RolBetrokkene, Veld
from connectors.minimise import Draft, HeldBack, minimise, missing_fields
from pseudonymizer.identity import BirthDate

TODAY = date(2026, 11, 24)
FULL = LocalRecord(
    route=Route.ONDERMIJNING,
    status=Status.VERMOEDEN,
    status_datum=date(2026, 3, 4),
    categorie=Categorie.VERDACHTE_DADER,
    rol_betrokkene=RolBetrokkene.VERDACHTE,
    uitbuitingsvorm=frozenset({Uitbuitingsvorm.SEKSUEEL, Uitbuitingsvorm.ARBEID}),
    sector=Sector.HORECA,
    geslacht=Geslacht.VROUW,
    leeftijdsband=Leeftijdsband.J23_29,
    minderjarig=False,
    herkomstregio=Herkomstregio.AFRIKA,
    gemeente_uitbuiting="GM0599",
    gemeente_aantreffen="GM0505",
    gemeente_verblijf="GM0606",
    kwartaal="2026-Q2",
    bron_signaal=BronSignaal.MMA,
    dubbelrol=False,
    bijzonder=False,
    noodzaak_bescherming=False,
    regio_raakvlak=False,
    opsporingsbelang=False,
    wpg_artikel=WpgArtikel.ART_8,
    embargo=False,
    bewaren_tot=date(2027, 5, 14),
    herbeoordeling=date(2027, 1, 1),
    beroepsgeheim=False,
    doorbrekingsgrond=Doorbrekingsgrond.GEEN,
    case_ref="PL-000123",
)


def leaving(record: LocalRecord, domein: TokenDomein, party: PartijDomein = PartijDomein.VEILIGHEID) -> Draft:
    outcome = minimise(record, domein, party, TODAY)
    assert isinstance(outcome, Draft)
    return outcome


@pytest.mark.parametrize(
    ("domein", "route", "row"),
    [
        (TokenDomein.RIEC, Route.ONDERMIJNING, RiecRij),
        (TokenDomein.ZVH_RR, Route.ZORG_STRAF, ZvhRij),
        (TokenDomein.MONITOR, Route.ZORG_STRAF, MonitorRij),
    ],
)
def test_a_draft_has_the_fields_of_its_row_and_no_other(domein: TokenDomein, route: Route, row: type) -> None:
    """Every code of a draft is a field of the wire row; nothing else is taken along."""
    draft = leaving(replace(FULL, route=route), domein)
    assert set(draft.codes) | {"record_id", "tokens", "blokken", "bewijs", "soort"} >= set(row.model_fields)
    assert set(draft.codes) <= set(row.model_fields)


def test_riec_carries_no_quasi_identifier() -> None:
    """Form, sector, sex, age, origin and municipality stay; matching needs none of them."""
    stay = {"uitbuitingsvorm", "sector", "geslacht", "leeftijdsband", "herkomstregio", "gemeente", "kwartaal"}
    assert stay.isdisjoint(leaving(FULL, TokenDomein.RIEC).codes)


def test_only_the_month_of_the_retention_date_travels() -> None:
    """bewaren_tot is the last day of its month."""
    assert leaving(FULL, TokenDomein.RIEC).codes["bewaren_tot"] == date(2027, 5, 31)


def test_the_profile_says_what_the_row_will_say() -> None:
    """The profile that a ticket asks for equals the profile that the gateway reads from the row."""
    draft = leaving(replace(FULL, route=Route.ZORG_STRAF), TokenDomein.ZVH_RR)
    row = draft.row("00000000-0000-4000-8000-000000000001", (), (), "A" * 43)
    assert isinstance(row, ZvhRij)
    assert row.profiel == draft.profile(False)


def test_the_monitor_takes_the_municipality_of_exploitation_first() -> None:
    """One municipality: of exploitation, else where found, else unknown; never of residence."""
    victim = replace(FULL, categorie=Categorie.SLACHTOFFER)
    assert leaving(victim, TokenDomein.MONITOR).codes["gemeente"] == "GM0599"
    assert leaving(replace(victim, gemeente_uitbuiting=None), TokenDomein.MONITOR).codes["gemeente"] == "GM0505"
    nowhere = replace(victim, gemeente_uitbuiting=None, gemeente_aantreffen=None)
    assert leaving(nowhere, TokenDomein.MONITOR).codes["gemeente"] == "onbekend"


def test_a_double_role_shows_as_dubbelrol() -> None:
    """Offender and victim in one person sets dubbelrol; the role itself stays."""
    draft = leaving(replace(FULL, rol_betrokkene=RolBetrokkene.DADER_EN_SLACHTOFFER, dubbelrol=None), TokenDomein.RIEC)
    assert draft.codes["dubbelrol"] is True


def test_consent_counts_from_its_date_until_withdrawn() -> None:
    """toestemming_geldig = date ≤ today and not withdrawn."""
    base = replace(
        FULL,
        route=Route.ZORG_STRAF,
        beroepsgeheim=True,
        doorbrekingsgrond=Doorbrekingsgrond.TOESTEMMING,
        toestemming_datum=TODAY,
    )
    assert leaving(base, TokenDomein.ZVH_RR).codes["toestemming_geldig"] is True
    later = replace(base, toestemming_datum=TODAY + timedelta(days=1))
    assert leaving(later, TokenDomein.ZVH_RR).codes["toestemming_geldig"] is False
    gone = replace(base, toestemming_ingetrokken=True)
    assert leaving(gone, TokenDomein.ZVH_RR).codes["toestemming_geldig"] is False


@pytest.mark.parametrize(
    ("change", "party", "reason"),
    [
        ({"route": Route.ZORG}, PartijDomein.VEILIGHEID, HeldBack.ROUTE),
        ({"route": Route.ZORG_STRAF}, PartijDomein.VEILIGHEID, HeldBack.ROUTE),
        ({"status": Status.AFGESLOTEN}, PartijDomein.VEILIGHEID, HeldBack.CASUS_GESLOTEN),
        ({"bewaren_tot": TODAY}, PartijDomein.VEILIGHEID, HeldBack.BEWAARTERMIJN_VERSTREKEN),
        ({"embargo": True}, PartijDomein.OPSPORING, HeldBack.WPG_NIET_DEELBAAR),
        ({"wpg_artikel": WpgArtikel.ART_10}, PartijDomein.OPSPORING, HeldBack.WPG_NIET_DEELBAAR),
        ({"beroepsgeheim": True}, PartijDomein.ZORG, HeldBack.BEROEPSGEHEIM_GEEN_GROND),
    ],
)
def test_what_may_not_leave_is_held_back(change: dict[str, object], party: PartijDomein, reason: HeldBack) -> None:
    """Each reason to stay at home is its own, and counted."""
    assert minimise(replace(FULL, **change), TokenDomein.RIEC, party, TODAY) is reason  # type: ignore[arg-type]


@pytest.mark.parametrize("domein", list(TokenDomein))
def test_the_care_route_sends_no_tokens_anywhere(domein: TokenDomein) -> None:
    """Route zorg is counted, never tokenised, whatever the domain."""
    assert minimise(replace(FULL, route=Route.ZORG), domein, PartijDomein.ZORG, TODAY) is HeldBack.ROUTE


@pytest.mark.parametrize("name", ["status", "categorie", "bijzonder", "opsporingsbelang", "bewaren_tot"])
def test_an_empty_field_that_is_needed_is_named(name: str) -> None:
    """There is no silent default: an empty cell in a needed field stops with its name."""
    with pytest.raises(InputRefused, match=name):
        minimise(replace(FULL, **{name: None}), TokenDomein.RIEC, PartijDomein.VEILIGHEID, TODAY)  # type: ignore[arg-type]


def test_a_mapping_that_fills_nothing_lacks_everything() -> None:
    """All needed fields are named, alternatives as such."""
    lacking = missing_fields(frozenset(), Convenant.RIEC)
    assert "minderjarig or leeftijdsband" in lacking
    assert "embargo" in lacking
    assert missing_fields(frozenset(Veld), Convenant.MONITOR) == ()


def test_records_hide_their_values() -> None:
    """A record in a log line shows nothing."""
    assert "PL-000123" not in repr(FULL)
    assert all(str(getattr(FULL, item.name)) not in repr(FULL) for item in fields(FULL))


DATES = st.dates(date(1900, 1, 2), date(2100, 1, 1))


@given(born=st.dates(date(1930, 1, 2), date(2020, 1, 1)), on=st.dates(date(2020, 1, 2), date(2026, 12, 31)))
def test_a_minor_is_under_eighteen_on_that_day(born: date, on: date) -> None:
    """For a full birth date, minderjarig and the band say what the calendar says."""
    try:
        birthday = born.replace(year=born.year + 18)
    except ValueError:
        birthday = date(born.year + 18, 3, 1)
    birth = BirthDate(born.year, born.month, born.day)
    assert minderjarig(birth, on) == (on < birthday)
    assert leeftijdsband(birth, on).minderjarig == (on < birthday)


@given(year=st.integers(1930, 2020), on=st.dates(date(2020, 1, 1), date(2026, 12, 31)))
def test_a_year_alone_never_gives_a_wrong_band(year: int, on: date) -> None:
    """With only the year, the band is the one every possible day has, or unknown."""
    bands = {leeftijdsband(BirthDate(year, m, d), on) for m, d in ((1, 2), (6, 15), (12, 31))}
    alone = leeftijdsband(BirthDate(year), on)
    assert alone is Leeftijdsband.ONBEKEND or bands <= {alone, Leeftijdsband.ONBEKEND}


@given(moment=DATES)
def test_months_end_where_the_calendar_ends_them(moment: date) -> None:
    """The end of a month is in that month and the next day is not."""
    end = end_of_month(moment)
    assert (end.year, end.month) == (moment.year, moment.month)
    assert (end + timedelta(days=1)).day == 1


@given(moment=DATES, months=st.integers(1, 600))
def test_months_add_up(moment: date, months: int) -> None:
    """Adding months lands in the right month, on the same day or its last."""
    later = plus_months(moment, months)
    assert (later.year * 12 + later.month) - (moment.year * 12 + moment.month) == months
    assert later.day == min(moment.day, end_of_month(later).day)


def test_quarters() -> None:
    """January to March is the first quarter."""
    assert [kwartaal(date(2026, month, 1)) for month in (1, 3, 4, 12)] == ["2026-Q1", "2026-Q1", "2026-Q2", "2026-Q4"]


@pytest.mark.parametrize(
    ("country", "region"),
    [
        ("NLD", "NL"),
        ("POL", "EU_overig"),
        ("UKR", "Europa_niet_EU"),
        ("NGA", "Afrika"),
        ("VNM", "Azie"),
        ("BRA", "Latijns-Amerika_Cariben"),
        ("CUW", "Latijns-Amerika_Cariben"),
        ("USA", "overig"),
        (None, "onbekend"),
    ],
)
def test_regions_of_origin(country: str | None, region: str) -> None:
    """A country becomes one of the eight regions; the country itself stays."""
    assert herkomstregio(country) == region


def test_nobody_is_too_old_for_a_band() -> None:
    """A typing error in a year gives the last band, not a stop."""
    assert leeftijdsband(BirthDate(1890), date(2199, 1, 1)) is Leeftijdsband.J50


@pytest.mark.parametrize(
    ("on", "minor"),
    [(date(2025, 11, 24), True), (date(2026, 11, 23), True), (date(2026, 11, 24), False), (date(2026, 11, 25), False)],
)
def test_somebody_comes_of_age_on_the_eighteenth_birthday(on: date, minor: bool) -> None:
    """Not a day or a year earlier or later."""
    assert minderjarig(BirthDate(2008, 11, 24), on) is minor
    assert leeftijdsband(BirthDate(2008, 11, 24), on).minderjarig is minor
