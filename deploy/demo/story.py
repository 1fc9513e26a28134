"""What the demo prints: a short story in Dutch, with English beside it."""

from dataclasses import dataclass, field
from time import monotonic

from rich.console import Console
from rich.table import Table


@dataclass
class Story:
    """Prints a step as it happens and keeps the facts that are compared with what was expected."""

    console: Console = field(default_factory=lambda: Console(highlight=False))
    facts: dict[str, object] = field(default_factory=dict)
    started: float = field(default_factory=monotonic)
    steps: int = 0

    def step(self, nl: str, en: str) -> None:
        """A new scene."""
        self.steps += 1
        self.console.print()
        self.console.rule(f"[bold]{self.steps}[/] · {self.seconds:.0f} s", align="left")
        self.tell(nl, en)

    def tell(self, nl: str, en: str) -> None:
        """One sentence, twice; beside each other where the terminal is wide enough."""
        table = Table.grid(padding=(0, 3), expand=True)
        table.add_column(ratio=1)
        table.add_column(ratio=1, style="dim")
        table.add_row(nl, en)
        self.console.print(table)

    def fact(self, name: str, value: object) -> None:
        """A result that `expected.json` must hold as well."""
        self.facts[name] = value

    @property
    def seconds(self) -> float:
        return monotonic() - self.started

    def differences(self, expected: dict[str, object]) -> list[str]:
        """Facts that differ from `expected`, both ways."""
        names = sorted(self.facts.keys() | expected.keys())
        return [
            f"{name}: expected {expected.get(name)!r}, got {self.facts.get(name)!r}"
            for name in names
            if self.facts.get(name) != expected.get(name)
        ]
