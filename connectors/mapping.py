"""The mapping file of a source (interface page): which column is which trait, which field, and what stays.

Every column must be named somewhere, so that a new column never slips through; every code is translated explicitly, so
that a new value never slips through. An unusable trait gives no token and is only counted; a broken field stops.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from connectors.contract.canonical import sha256
from connectors.contract.codes import Doel, Thema, TokenDomein
from connectors.derive import herkomstregio, kwartaal, leeftijdsband, minderjarig, plus_months
from connectors.errors import InputRefused, complaint
from connectors.fields import LOCAL_ONLY, READERS, SETS, BrokenDate, LocalRecord, NotAWireValue, Veld, read_date
from connectors.files import read_whole
from connectors.mapping_file import FieldSpec, MappingFile
from connectors.sources.opening import SourceSpec
from connectors.sources.source import Cells, Row
from pseudonymizer.identity import RawIdentity
from pseudonymizer.normalise import normalise

_CONTEXT: Final = ("domein", "doel", "thema")
"""Constants that describe the delivery as a whole, not a row."""


class UnmappedValue(InputRefused):
    """A cell whose value the mapping does not translate: counted per column, reported once."""


@dataclass(frozen=True, slots=True, repr=False)
class MappedRow:
    """One row as the mapping reads it: raw traits, codes, narrative texts and the row's own values; all stay here."""

    number: int
    raw: RawIdentity
    record: LocalRecord
    narrative: tuple[str, ...]
    own_values: tuple[str, ...]
    """Values of traits and dropped columns: the tripwire looks for them in what leaves."""

    def __repr__(self) -> str:
        return f"MappedRow({self.number})"


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one wire field of a row."""

    veld: Veld
    column: str
    read: Callable[[Cells], object]


@dataclass(frozen=True)
class Mapping:
    """A mapping file that was read and checked by itself; `bind` checks it against a source."""

    file: str
    digest: str
    content: MappingFile

    @property
    def source(self) -> SourceSpec:
        return self.content.source

    @cached_property
    def filled(self) -> frozenset[Veld]:
        """The wire fields that this mapping fills."""
        return frozenset(self.content.fields) | frozenset(self._constants)

    @property
    def domein(self) -> TokenDomein | None:
        """The token domain that the mapping names, if it does."""
        return TokenDomein(str(self.content.constants["domein"])) if "domein" in self.content.constants else None

    @property
    def doel(self) -> Doel | None:
        return Doel(str(self.content.constants["doel"])) if "doel" in self.content.constants else None

    @cached_property
    def _constants(self) -> dict[Veld, object]:
        return {
            Veld(name): _constant(self.file, name, value)
            for name, value in self.content.constants.items()
            if name not in _CONTEXT
        }

    @property
    def uncoded_columns(self) -> tuple[str, ...]:
        """Columns whose own text becomes a code that leaves, without a table that translates it value by value."""
        found = []
        for veld, spec in self.content.fields.items():
            whole = FieldSpec(column=spec) if isinstance(spec, str) else spec
            if whole.codes is None and whole.derive is None and veld not in LOCAL_ONLY | {Veld.BEWAREN_TOT}:
                found.append(whole.column)
        return tuple(found)

    def treatment(self, column: str) -> str:
        """How a column is treated, in the words of the privacy receipt; a column may have more than one."""
        found = [f"token ({trait})" for trait, name in self.content.traits.items() if name == column]
        for veld, spec in self.content.fields.items():
            if isinstance(spec, FieldSpec) and spec.op == column:
                found.append(f"reference day ({veld})")
            if (spec if isinstance(spec, str) else spec.column) == column:
                derived = isinstance(spec, FieldSpec) and spec.derive
                kind = "held back" if veld in LOCAL_ONLY else "bucket" if derived else "code"
                found.append(f"{kind} ({veld})")
        if column in self.content.narrative.columns:
            found.append("held back (narrative)")
        if column in self.content.drop.columns:
            found.append("dropped")
        return ", ".join(found)

    def bind(self, source_name: str, columns: tuple[str, ...], today: date) -> "BoundMapping":
        """This mapping over a source with these columns. Raises InputRefused on a column that is not named, or not
        there."""
        if len(columns) == 1 < len(self._named()):
            raise InputRefused(
                f"has one column where {self.file} names {len(self._named())}; correct [source] delimiter",
                file=source_name,
            )
        for column in columns:
            if not self.treatment(column):
                raise InputRefused(
                    f"{self.file} does not name this column; add it to [traits], [fields], [narrative] or [drop]",
                    file=source_name,
                    column=column,
                )
        for column in sorted(self._named() - set(columns)):
            raise InputRefused(f"{self.file} names a column that the source lacks", file=source_name, column=column)
        return BoundMapping(self, source_name, columns, today)

    def _named(self) -> set[str]:
        content = self.content
        named = {*content.traits.values(), *content.narrative.columns, *content.drop.columns}
        for spec in content.fields.values():
            named |= {spec} if isinstance(spec, str) else {spec.column} | ({spec.op} if spec.op else set())
        return named


class BoundMapping:
    """A mapping over one source: reads its rows."""

    def __init__(self, mapping: Mapping, source_name: str, columns: tuple[str, ...], today: date) -> None:
        self.mapping = mapping
        self._file = source_name
        self._today = today
        self._places = {column: place for place, column in enumerate(columns)}
        content = mapping.content
        self._traits = [(trait.value, self._places[column]) for trait, column in content.traits.items()]
        self._readers = [self._reader(veld, spec) for veld, spec in content.fields.items()]
        self._narrative = [self._places[column] for column in content.narrative.columns]
        # A case reference names a person's file: it is looked for like a trait, though it fills a field.
        coded = {reader.column for reader in self._readers if reader.veld is not Veld.CASE_REF}
        coded -= set(content.traits.values())
        self._own = [
            place for column, place in self._places.items() if column not in coded and place not in self._narrative
        ]
        self._fixed = {veld.value: value for veld, value in mapping._constants.items()}

    def read(self, row: Row) -> MappedRow:
        """The row in our terms. Raises UnmappedValue or InputRefused with file, row and column, never the value."""
        cells = row.cells
        values = dict(self._fixed)
        for reader in self._readers:
            try:
                values[reader.veld.value] = reader.read(cells)
            except BrokenDate as error:
                raise InputRefused(
                    f"not a date that exists, for field {reader.veld.value!r}; write yyyy-mm-dd or dd-mm-yyyy",
                    file=self._file,
                    row=row.number,
                    column=reader.column,
                ) from error
            except NotAWireValue as error:
                raise UnmappedValue(
                    f"a value that field {reader.veld.value!r} does not know; add it to its codes in the mapping",
                    file=self._file,
                    row=row.number,
                    column=reader.column,
                ) from error
        return MappedRow(
            number=row.number,
            raw=self.read_traits(row),
            record=LocalRecord(**values),  # type: ignore[arg-type]  # READERS gives each field its own type
            narrative=tuple(cells[place] for place in self._narrative if cells[place]),
            own_values=tuple(cells[place] for place in self._own if cells[place]),
        )

    def read_traits(self, row: Row) -> RawIdentity:
        """Only the identifying traits of a row; never raises, for an unusable trait just gives no token."""
        return RawIdentity(**{trait: row.cells[place] or None for trait, place in self._traits})

    def _reader(self, veld: Veld, spec: FieldSpec | str) -> _Reader:
        if isinstance(spec, str):
            spec = FieldSpec(column=spec)
        place = self._places[spec.column]
        if spec.derive is not None:
            return _Reader(veld, spec.column, self._derived(spec, place))
        one = _coded(spec.codes, READERS[veld])
        if veld in SETS:
            return _Reader(veld, spec.column, _several(one, place, spec.separator))
        return _Reader(veld, spec.column, lambda cells: one(cells[place].strip()))

    def _derived(self, spec: FieldSpec, place: int) -> Callable[[Cells], object]:
        if spec.derive in ("leeftijdsband", "minderjarig"):
            rule = leeftijdsband if spec.derive == "leeftijdsband" else minderjarig
            at = self._places[spec.op] if spec.op else None

            def age(cells: Cells) -> object:
                on = read_date(cells[at].strip()) if at is not None and cells[at].strip() else self._today
                return rule(normalise(RawIdentity(geboortedatum=cells[place])).birth, on)

            return age
        if spec.derive == "herkomstregio":
            return lambda cells: herkomstregio(normalise(RawIdentity(nationaliteit=cells[place])).nationality)

        def dated(cells: Cells) -> object:
            text = cells[place].strip()
            if not text:
                return None
            moment = read_date(text)
            if spec.derive == "kwartaal":
                return kwartaal(moment)
            return moment.year if spec.derive == "jaar" else plus_months(moment, spec.maanden or 0)

        return dated


def read_mapping(path: Path) -> Mapping:
    """The mapping in `path`. Raises InputRefused that names file and place of what is wrong in it."""
    raw = read_whole(path)
    try:
        content = MappingFile.model_validate(tomllib.loads(raw.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise InputRefused("not UTF-8; save it again as UTF-8", file=path.name) from error
    except tomllib.TOMLDecodeError as error:
        raise InputRefused(f"not TOML: {error}", file=path.name) from error
    except ValidationError as error:
        raise InputRefused(complaint(error, "FieldSpec", "str"), file=path.name) from error
    mapping = Mapping(path.name, sha256(raw), content)
    _check(mapping)
    return mapping


def _check(mapping: Mapping) -> None:
    content = mapping.content
    kept = {*content.traits.values(), *content.narrative.columns}
    for veld, spec in content.fields.items():
        kept |= {spec} if isinstance(spec, str) else {spec.column}
        if veld.value in content.constants:
            raise InputRefused(f"{veld.value!r} stands in [fields] and in [constants]", file=mapping.file)
        for target in (spec.codes or {}).values() if isinstance(spec, FieldSpec) else ():
            _constant(mapping.file, veld.value, target)
    for column in kept & set(content.drop.columns):
        raise InputRefused("stands in [drop] and elsewhere", file=mapping.file, column=column)
    known = {*(veld.value for veld in Veld), *_CONTEXT}
    for name in content.constants:
        if name not in known:
            raise InputRefused(f"[constants] {name!r} is not a field of the wire", file=mapping.file)
    for name, codes in (("domein", TokenDomein), ("doel", Doel), ("thema", Thema)):
        if name in content.constants and str(content.constants[name]) not in {code.value for code in codes}:
            raise InputRefused(f"[constants] {name!r} has no such value", file=mapping.file)
    _ = mapping.filled


def _constant(file: str, name: str, value: str | bool | int | date) -> object:
    """A constant or the target of a code as a value of its field."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    veld = Veld(name)
    try:
        read = READERS[veld](text)
    except NotAWireValue as error:
        raise InputRefused(f"field {name!r} cannot have the value that the mapping gives it", file=file) from error
    return frozenset({read}) if veld in SETS else read


def _coded(codes: dict[str, str | bool | int] | None, reader: Callable[[str], object]) -> Callable[[str], object]:
    """Translate by `codes`; without codes the text must be a wire value itself. Empty without a code is absent."""
    if codes is None:
        return lambda text: reader(text) if text else None
    table = {
        key: reader(str(target).lower() if isinstance(target, bool) else str(target)) for key, target in codes.items()
    }

    def read(text: str) -> object:
        if text in table:
            return table[text]
        if not text:
            return None
        raise NotAWireValue("not in the codes")

    return read


def _several(one: Callable[[str], object], place: int, separator: str | None) -> Callable[[Cells], object]:
    def read(cells: Cells) -> object:
        parts = cells[place].split(separator) if separator else [cells[place]]
        found = frozenset(value for part in parts if (value := one(part.strip())) is not None)
        return found or None

    return read
