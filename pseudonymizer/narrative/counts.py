"""What the privacy receipt says about narrative text: how much was found, and that all of it stayed.

The receipt goes to the partner's own privacy officer; it holds counts only. A signal that occurs in fewer than five
texts is shown as "fewer than five" (narrative page, "Privacy receipt"), since one odd signal can point at one person.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pseudonymizer.narrative.scan import NarrativeLine, ScanResult
from pseudonymizer.narrative.signal import Indicator
from pseudonymizer.narrative.spans import Label

MASK_BELOW = 5


@dataclass(frozen=True, slots=True)
class NarrativeCounts:
    """Counts over all narrative texts of a source.

    `texts` and `characters` (code points) were scanned; `found` has the number of spans per label and `indicators` the
    number of texts per signal, None where that is 1 to 4. `bytes_sent` is nought: the wire has no field for text.
    """

    texts: int
    characters: int
    found: tuple[tuple[Label, int], ...]
    indicators: tuple[tuple[Indicator, int | None], ...]
    bytes_sent: int = 0


def count_narratives(scanned: Iterable[tuple[NarrativeLine, ScanResult]]) -> NarrativeCounts:
    """Count over pairs of a text and its scan; the pairs are read once and not kept."""
    texts = characters = 0
    found: Counter[Label] = Counter()
    indicators: Counter[Indicator] = Counter()
    for line, result in scanned:
        texts += 1
        characters += len(line.text)
        found.update(span.label for span in result.spans)
        indicators.update({signal.code for signal in result.indicators})
    return NarrativeCounts(
        texts,
        characters,
        tuple(sorted(found.items())),
        tuple((code, n if n >= MASK_BELOW else None) for code, n in sorted(indicators.items())),
    )
