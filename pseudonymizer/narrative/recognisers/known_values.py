"""The record's own values as a Presidio recogniser, made anew for each record and used for that record only."""

from pseudonymizer.narrative.known import KnownValues, known_hits
from pseudonymizer.narrative.presidio import EntityRecognizer, NlpArtifacts, RecognizerResult
from pseudonymizer.narrative.recognisers.pattern import RULE_KEY
from pseudonymizer.narrative.spans import Label


class KnownValuesRecognizer(EntityRecognizer):
    """Finds a record's own names. Its numbers are left to the pattern recognisers, which know their kind."""

    def __init__(self, known: KnownValues, ordinary: frozenset[str], language: str = "nl") -> None:
        self.name: str
        self.known = known
        self.ordinary = ordinary
        super().__init__(
            supported_entities=[Label.PERSON.value], name="schakel_known_values", supported_language=language
        )

    def load(self) -> None:
        """Do nothing: the values were handed in."""

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002  # Presidio's signature
        nlp_artifacts: NlpArtifacts | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return where the record's names stand, score 0.95."""
        return [
            RecognizerResult(
                entity_type=Label.PERSON.value,
                start=hit.start,
                end=hit.end,
                score=0.95,
                recognition_metadata={
                    RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                    RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
                    RULE_KEY: "person-known",
                },
            )
            for hit in known_hits(text, self.known, self.ordinary)
            if hit.is_name
        ]
