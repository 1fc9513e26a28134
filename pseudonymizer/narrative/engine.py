"""Presidio's analyzer, set up without a language model and with our own recognisers only.

Upstream's bare `AnalyzerEngine()` downloads a spaCy model and loads recognisers for other countries, one of which opens
network connections. Here registry, NLP engine and languages are all given, so that nothing is fetched, ever.
"""

# ruff: noqa: ARG002  Presidio's base classes prescribe the arguments

from collections.abc import Iterable, Iterator, Sequence

from pseudonymizer.narrative.lexicon.bundled import Lexicon
from pseudonymizer.narrative.presidio import (
    AnalyzerEngine,
    ContextAwareEnhancer,
    Doc,
    EntityRecognizer,
    NlpArtifacts,
    NlpEngine,
    RecognizerRegistry,
    RecognizerResult,
    Vocab,
)
from pseudonymizer.narrative.recognisers.addresses import address_recognizer, postcode_recognizer
from pseudonymizer.narrative.recognisers.contacts import (
    email_recognizer,
    handle_recognizer,
    phone_recognizer,
    url_recognizer,
)
from pseudonymizer.narrative.recognisers.dates import birth_date_recognizer, date_recognizer
from pseudonymizer.narrative.recognisers.documents import case_recognizer, document_recognizer, kenteken_recognizer
from pseudonymizer.narrative.recognisers.names import NameRecognizer
from pseudonymizer.narrative.recognisers.numbers import (
    bsn_recognizer,
    iban_recognizer,
    kvk_recognizer,
    vnummer_recognizer,
)
from pseudonymizer.narrative.recognisers.pattern import RULE_KEY, RuleRecognizer
from pseudonymizer.narrative.spans import Label, Span

LANGUAGES = ("nl", "en")
"""Every recogniser knows Dutch and English words; police and care texts mix both in one sentence."""

_STRUCTURED = (
    bsn_recognizer,
    vnummer_recognizer,
    iban_recognizer,
    kvk_recognizer,
    kenteken_recognizer,
    document_recognizer,
    case_recognizer,
    phone_recognizer,
    email_recognizer,
    url_recognizer,
    handle_recognizer,
    birth_date_recognizer,
    date_recognizer,
    postcode_recognizer,
    address_recognizer,
)


class NoOpNlpEngine(NlpEngine):
    """An NLP engine that does nothing: no model, no download, no lemmas."""

    def __init__(self, languages: Sequence[str] = LANGUAGES) -> None:
        self._artifacts = {
            language: NlpArtifacts(
                entities=[], tokens=Doc(Vocab()), tokens_indices=[], lemmas=[], nlp_engine=None, language=language
            )
            for language in languages
        }

    def load(self) -> None:
        """Do nothing; there is nothing to load."""

    def is_loaded(self) -> bool:
        """Return True."""
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Return empty artifacts for any text."""
        return self._artifacts[language]

    def process_batch(
        self, texts: Iterable[str], language: str, batch_size: int = 1, n_process: int = 1, **kwargs: object
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        """Yield each text with empty artifacts."""
        return ((text, self._artifacts[language]) for text in texts)

    def is_stopword(self, word: str, language: str) -> bool:
        """Return False; no word list is held here."""
        return False

    def is_punct(self, word: str, language: str) -> bool:
        """Return False; nothing is tokenised here."""
        return False

    def get_supported_entities(self) -> list[str]:
        """Return an empty list: all entities come from recognisers."""
        return []

    def get_supported_languages(self) -> list[str]:
        """Return the languages this engine was made for."""
        return list(self._artifacts)


class NoContext(ContextAwareEnhancer):
    """Leaves scores as they are; context stands in our patterns, upstream's needs lemmas."""

    def __init__(self) -> None:
        super().__init__(
            context_similarity_factor=0.0,
            min_score_with_context_similarity=0.0,
            context_prefix_count=0,
            context_suffix_count=0,
        )

    def enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[EntityRecognizer],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        """Return the results unchanged."""
        return raw_results


def structured_recognizers(language: str) -> list[RuleRecognizer]:
    """Return the fifteen pattern recognisers for `language`, newly made."""
    return [make(language) for make in _STRUCTURED]


def all_recognizers(lexicon: Lexicon, language: str) -> list[EntityRecognizer]:
    """Return the pattern recognisers and the one for people, firms and places, newly made."""
    return [*structured_recognizers(language), NameRecognizer(lexicon, language)]


def analyzer(recognizers: Sequence[EntityRecognizer], languages: Sequence[str] = LANGUAGES) -> AnalyzerEngine:
    """Return a Presidio engine with exactly these recognisers; it opens no socket and fetches nothing."""
    registry = RecognizerRegistry(
        recognizers=list(recognizers), global_regex_flags=0, supported_languages=list(languages)
    )
    return AnalyzerEngine(
        registry=registry,
        nlp_engine=NoOpNlpEngine(languages),
        supported_languages=list(languages),
        context_aware_enhancer=NoContext(),
    )


def found_spans(
    engine: AnalyzerEngine, text: str, own: Sequence[EntityRecognizer] = (), language: str = "nl"
) -> tuple[Span, ...]:
    """Run the engine, and recognisers of the record's own values, over one text; return all findings with overlaps.

    Raises `ScanTimeout` when a pattern takes too long; the caller must treat the text as blocked.
    """
    return tuple(
        Span(
            start=result.start,
            end=result.end,
            label=Label(result.entity_type),
            score=round(float(result.score), 3),
            rule=str(result.recognition_metadata[RULE_KEY]),
        )
        for result in engine.analyze(text=text, language=language, ad_hoc_recognizers=list(own))
    )
