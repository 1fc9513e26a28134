"""The base of every pattern recogniser here: Presidio's `PatternRecognizer`, made to fail closed.

Three things differ from upstream, each for a reason:

- upstream compiles every pattern with IGNORECASE, which turns `2024 is` into a postcode; here a pattern says `(?i:…)`
  where it means that;
- upstream swallows a regex time-out and goes on as if nothing was there; here a time-out is raised as `ScanTimeout`
  and the caller treats the text as blocked;
- upstream's context words need lemmas of an NLP model; here the context stands in the pattern and the finding is the
  group `v`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import regex

from pseudonymizer.narrative.presidio import NlpArtifacts, Pattern, PatternRecognizer, RecognizerResult
from pseudonymizer.narrative.spans import Label

RULE_KEY = "rule"
"""Under this key a result's `recognition_metadata` names the rule that fired."""

TIMEOUT_SECONDS = 2.0
"""Longest time one pattern may search one text. Bounded quantifiers keep real texts below a millisecond."""

Refine = Callable[[str, float], tuple[int, float] | None]


class ScanTimeout(Exception):
    """A pattern took too long on a text; the text counts as blocked."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern: `score` in 0..1 as found.

    `refine` looks at the text found and the score, and returns how many of its characters to keep and with what score,
    or None to drop the finding. `needs` is a cheap pattern without which the rule cannot match; it only saves time.
    """

    name: str
    regex: str
    score: float
    refine: Refine | None = None
    needs: str = ""


class RuleRecognizer(PatternRecognizer):
    """Finds one label by a list of rules. `gate` is a cheap pattern without which no rule can match."""

    def __init__(self, label: Label, rules: Sequence[Rule], *, gate: str = "[0-9]", language: str = "nl") -> None:
        self.name: str
        self.rules = tuple(rules)
        self.gate = regex.compile(gate)
        self.timeout_seconds = TIMEOUT_SECONDS
        super().__init__(
            supported_entity=label.value,
            name=f"schakel_{label.value.lower()}",
            supported_language=language,
            patterns=[Pattern(name=rule.name, regex=rule.regex, score=rule.score) for rule in rules],
            global_regex_flags=0,
        )
        self._compiled = tuple((rule, regex.compile(rule.regex), re.compile(rule.needs)) for rule in self.rules)
        self._metadata = {
            rule.name: {
                RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
                RULE_KEY: rule.name,
            }
            for rule in self.rules
        }

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002
        nlp_artifacts: NlpArtifacts | None = None,  # noqa: ARG002
        regex_flags: int | None = None,  # noqa: ARG002  # Presidio's signature
    ) -> list[RecognizerResult]:
        """Return the findings in `text`. Raises `ScanTimeout` when a pattern takes longer than allowed."""
        if self.gate.search(text) is None:
            return []
        try:
            return [
                result
                for rule, compiled, needs in self._compiled
                if needs.search(text) is not None
                for result in self._matches(rule, compiled, text)
            ]
        except TimeoutError as error:
            raise ScanTimeout(f"{self.name} took longer than {self.timeout_seconds} s") from error

    def _matches(self, rule: Rule, compiled: "regex.Pattern[str]", text: str) -> list[RecognizerResult]:
        found = []
        group: str | int = "v" if "v" in compiled.groupindex else 0
        for match in compiled.finditer(text, timeout=self.timeout_seconds):
            start, end = match.span(group)
            score = rule.score
            if rule.refine is not None:
                refined = rule.refine(text[start:end], score)
                if refined is None:
                    continue
                end, score = start + refined[0], refined[1]
            if end > start:
                found.append(
                    RecognizerResult(
                        entity_type=self.supported_entities[0],
                        start=start,
                        end=end,
                        score=score,
                        recognition_metadata=dict(self._metadata[rule.name]),
                    )
                )
        return found
