"""A published table laid out for reading: rows, columns, levels of hierarchies, words for codes. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from connectors.contract.codes import TabelId
from connectors.contract.releases import Hierarchie, Niveau, PubliekeCel, PubliekeTabel
from gateway.release.catalogue import CATALOGUE, Telregel
from gateway.release.codes import TOTAL

Value = TypeVar("Value")
WITHHELD: Final = "."
"""Output convention of the disclosure page: withheld cells all look alike."""
LEFT_OUT: Final = "-"
"""Stands for a cell that the counting rule leaves out; a reader sees a blank, with a note."""
DIMENSIONS: Final = {
    "jaar": ("Jaar", "Year"),
    "route": ("Route", "Route"),
    "bron_signaal": ("Melder", "Reporter"),
    "uitbuitingsvorm": ("Vorm", "Form"),
    "geslacht": ("Geslacht", "Sex"),
    "leeftijdsband": ("Leeftijd", "Age"),
    "gemeente": ("Gemeente", "Municipality"),
    "herkomstregio": ("Herkomst", "Origin"),
    "sector": ("Sector", "Sector"),
    "type": ("Inspanning", "Effort"),
    "kwartaal": ("Kwartaal", "Quarter"),
}
_COARSE: Final = {
    "gemeente": (Niveau.VEILIGHEIDSHUIS, ("Veiligheidshuis", "Care and Safety House")),
    "uitbuitingsvorm": (Niveau.MONITORGROEP, ("Groep van vormen", "Group of forms")),
}


@dataclass(frozen=True, slots=True)
class Label:
    """A row's or column's name, and how deep it lies under the total (0: the total, or a code right under it)."""

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Grid:
    """One line per combination of the row dimensions, one column per code of the last dimension. Cells are texts: a
    number, `.` when withheld, `-` when the counting rule leaves it out, nothing when it cannot exist."""

    id: str
    nl: str
    en: str
    rule: Telregel
    heads: tuple[tuple[str, str], ...]
    columns: tuple[Label, ...]
    lines: tuple[tuple[tuple[Label, ...], tuple[str, ...]], ...]
    k: int

    @property
    def leaves_out(self) -> bool:
        """Whether a note must say that a blank row is no zero."""
        return any(LEFT_OUT in cells for _, cells in self.lines)


def grid(
    tabel: PubliekeTabel,
    names: Mapping[str, str],
    hierarchieen: Iterable[Hierarchie] = (),
    grover: Iterable[Niveau] = (),
) -> Grid:
    """Lay out a published table. `names`: what a code is called where it is not a word of its own."""
    entry = CATALOGUE[TabelId(tabel.tabel)]
    cells = {cel.codes: _shown(cel) for cel in tabel.cellen}
    parents = {each.dimensie: dict(each.ouders) for each in hierarchieen}
    levels = [_levels(parents.get(name, {})) for name in tabel.dimensies]
    columns = _in_order(codes[-1] for codes in cells)
    rows = _in_order(codes[:-1] for codes in cells)
    coarse = tuple(grover)
    return Grid(
        id=tabel.tabel.value,
        nl=entry.nl,
        en=entry.en,
        rule=Telregel(tabel.telregel),
        heads=tuple(_head(name, coarse) for name in tabel.dimensies),
        columns=tuple(_label(code, levels[-1], names) for code in columns),
        lines=tuple(
            (
                tuple(_label(code, level, names) for code, level in zip(row, levels, strict=False)),
                tuple(cells.get((*row, column), "") for column in columns),
            )
            for row in rows
        ),
        k=tabel.k,
    )


def _shown(cel: PubliekeCel) -> str:
    if cel.leeg:
        return LEFT_OUT if cel.niet_geteld else ""
    return WITHHELD if cel.aantal is None else str(cel.aantal)


def _head(name: str, coarse: tuple[Niveau, ...]) -> tuple[str, str]:
    level, words = _COARSE.get(name, (None, DIMENSIONS[name]))
    return words if level in coarse else DIMENSIONS[name]


def _levels(parents: Mapping[str, str]) -> Mapping[str, int]:
    """Code → how many codes it lies under, the total left out."""
    depth = {}
    for code in parents:
        above, level = code, 0
        while above in parents:
            above, level = parents[above], level + 1
        depth[code] = level
    return depth


def _label(code: str, levels: Mapping[str, int], names: Mapping[str, str]) -> Label:
    return Label(word(code, names), levels.get(code, 0))


def _in_order(values: Iterable[Value]) -> list[Value]:
    return list(dict.fromkeys(values))


def word(code: str, names: Mapping[str, str]) -> str:
    """What a code is called."""
    return "Totaal" if code == TOTAL else names.get(code, code.replace("_", " "))
