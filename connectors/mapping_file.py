"""The shape of a mapping file (interface page); `mapping` reads it and binds it to a source."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.contract.batch import Motivering
from connectors.counts import CountSpec
from connectors.fields import Veld
from connectors.sources.opening import SourceSpec
from pseudonymizer.identity import Trait


class FieldSpec(BaseModel):
    """Where a wire field comes from: a column, and either its codes or a derivation.

    derive: `leeftijdsband`, `minderjarig` (a birth date, on the day in column `op` or the day of the run),
    `herkomstregio` (a country), `kwartaal`, `jaar` (a date), `bewaartermijn` (a date plus `maanden`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    column: str
    codes: dict[str, str | bool | int] | None = None
    separator: Annotated[str, Field(min_length=1, max_length=3)] | None = None
    derive: Literal["leeftijdsband", "minderjarig", "herkomstregio", "kwartaal", "jaar", "bewaartermijn"] | None = None
    op: str | None = None
    maanden: Annotated[int, Field(ge=1, le=600)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "FieldSpec":
        if self.codes is not None and self.derive is not None:
            raise ValueError("give codes or derive, not both")
        if (self.maanden is not None) != (self.derive == "bewaartermijn"):
            raise ValueError("maanden goes with derive = 'bewaartermijn', and only with it")
        if self.op is not None and self.derive not in ("leeftijdsband", "minderjarig"):
            raise ValueError("op goes with derive = 'leeftijdsband' or 'minderjarig'")
        return self


class Columns(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    columns: tuple[str, ...] = ()


class MappingFile(BaseModel):
    """The file as it stands on disk."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    source: SourceSpec = SourceSpec()
    traits: dict[Trait, str] = {}
    fields: dict[Veld, FieldSpec | str] = {}
    constants: dict[str, str | bool | int | date] = {}
    narrative: Columns = Columns()
    drop: Columns = Columns()
    motivering: Motivering | None = None
    tellingen: CountSpec | None = None
