"""The one place where Presidio is imported, without the socket that its import would open.

Presidio imports spaCy, spaCy its model downloader, that one requests and urllib3, and urllib3 opens a socket on import
to find out whether the machine has IPv6. Nothing here may open a socket, so while these imports run Python itself says
that there is no IPv6, and urllib3 does not try. Only urllib3 remembers that answer; our own HTTP client is httpx.
"""

import socket

_HAS_IPV6 = socket.has_ipv6
socket.has_ipv6 = False
try:
    from presidio_analyzer import (
        AnalyzerEngine,
        EntityRecognizer,
        Pattern,
        PatternRecognizer,
        RecognizerRegistry,
        RecognizerResult,
    )
    from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
    from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine
    from spacy.tokens import Doc
    from spacy.vocab import Vocab
finally:
    socket.has_ipv6 = _HAS_IPV6

__all__ = [
    "AnalyzerEngine",
    "ContextAwareEnhancer",
    "Doc",
    "EntityRecognizer",
    "NlpArtifacts",
    "NlpEngine",
    "Pattern",
    "PatternRecognizer",
    "RecognizerRegistry",
    "RecognizerResult",
    "Vocab",
]
