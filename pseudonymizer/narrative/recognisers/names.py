"""People, firms and places by exclusion: a word with a capital that no word list knows is taken for a name.

No list of people's names is used. In text all in capitals or all in lower case, only words unknown to the lists count,
or words right after a title (Mama, dhr.). Scores say how sure: a hit here is for the officer's screen and for counts.
"""

import re
from collections.abc import Iterator

from pseudonymizer.narrative.folding import fold
from pseudonymizer.narrative.known import PARTICLES
from pseudonymizer.narrative.lexicon.bundled import Lexicon, place_key
from pseudonymizer.narrative.lexicon.cues import (
    ARABIC,
    FIRM_LINKS,
    FIRM_TAIL,
    FIRMS,
    LOCATIVE,
    NAME_WORDS,
    PERSON_DATA,
    RESPECT,
    TITLES,
)
from pseudonymizer.narrative.presidio import EntityRecognizer, NlpArtifacts, RecognizerResult
from pseudonymizer.narrative.recognisers.pattern import RULE_KEY
from pseudonymizer.narrative.recognisers.reading import Case, Word, case_of, is_ordinary, words_of_text
from pseudonymizer.narrative.spans import Label


class NameRecognizer(EntityRecognizer):
    """Finds PERSON, ORG and PLACE by exclusion from the word lists of `lexicon`."""

    def __init__(self, lexicon: Lexicon, language: str = "nl") -> None:
        self.name: str
        self.lexicon = lexicon
        super().__init__(
            supported_entities=[Label.PERSON.value, Label.ORG.value, Label.PLACE.value],
            name="schakel_names",
            supported_language=language,
        )

    def load(self) -> None:
        """Do nothing: the word lists were handed in."""

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002  # Presidio's signature
        nlp_artifacts: NlpArtifacts | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return the names in `text`; scores 0.45 to 0.8."""
        reading = _Reading(text, self.lexicon)
        return [self._result(*finding) for finding in reading.findings()]

    def _result(self, start: int, end: int, label: Label, score: float, rule: str) -> RecognizerResult:
        return RecognizerResult(
            entity_type=label.value,
            start=start,
            end=end,
            score=score,
            recognition_metadata={
                RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
                RULE_KEY: rule,
            },
        )


class _Reading:
    """One text being read; holds its words and which of them are taken."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.text = text
        self.lexicon = lexicon
        self.case = case_of(text)
        self.words = words_of_text(text)
        self.taken: set[int] = set()

    def findings(self) -> Iterator[tuple[int, int, Label, float, str]]:
        yield from self._firms()
        yield from self._places()
        yield from self._people()

    # Firms: a kind of business with a name behind it, or a name with a legal form.

    def _firms(self) -> Iterator[tuple[int, int, Label, float, str]]:
        for place, word in enumerate(self.words):
            tail = FIRM_TAIL.match(self.text, word.end)
            if tail and word.capital and self.case is not Case.LOWER:
                first = self._firm_start(place)
                yield self._take(first, place, Label.ORG, 0.85, "org-legal-form", end=tail.end())
            elif word.folded in FIRMS and self.case is Case.MIXED:
                last = self._firm_end(place)
                if last > place:
                    first = place if word.capital else place + 1
                    yield self._take(first, last, Label.ORG, 0.78, "org-kind")

    def _firm_start(self, place: int) -> int:
        while place > 0 and self._adjoins(place - 1, place, " &-") and self.words[place - 1].capital:
            if self.words[place - 1].opens and self.words[place - 1].folded in self.lexicon.common:
                break
            place -= 1
        return place

    def _firm_end(self, place: int) -> int:
        last = reach = place
        while reach + 1 < len(self.words) and self._adjoins(reach, reach + 1, " &'’\"“-") and reach - place < 5:
            reach += 1
            if self.words[reach].capital or self.text[self.words[reach].start - 1].isdigit():
                last = reach
            elif self.words[reach].folded not in FIRM_LINKS:
                break
        return last

    # Places: the longest known town; a misread one only after a preposition of place.

    def _places(self) -> Iterator[tuple[int, int, Label, float, str]]:
        place = 0
        while place < len(self.words):
            last = self._town_end(place)
            if last is not None and self._is_town(place, last):
                yield self._take(place, last, Label.PLACE, 0.72, "place-list")
                place = last + 1
                continue
            if self._misread_town(place):
                yield self._take(place, place, Label.PLACE, 0.62, "place-misread")
            place += 1

    def _town_end(self, place: int) -> int | None:
        first = re.split(r"[-'’]", self.words[place].folded)[0]
        for size in range(self.lexicon.longest_place.get(first, 0), 0, -1):
            last = place + size - 1
            if last >= len(self.words) or self.taken.intersection(range(place, last + 1)):
                continue
            if size > 1 and self.words[last].end - self.words[place].start > 40:
                continue
            if place_key(self.text[self.words[place].start : self.words[last].end]) in self.lexicon.places:
                return last
        return None

    def _is_town(self, place: int, last: int) -> bool:
        word = self.words[place]
        located = self._located(place)
        if self.case is not Case.MIXED:
            return located or (place == last and word.folded not in self.lexicon.ordinary and len(word.folded) > 4)
        if not word.capital or self._is_particle_of_name(place, last):
            return False
        if word.opens and word.folded in self.lexicon.ordinary and place == last:
            return False
        if re.search(r"(?<!\w)[^\W\d_]\. ?$", self.text[: word.start]):
            return False
        if located:
            return True
        kin = place > 0 and self.words[place - 1].folded in TITLES
        return not kin and not self._beside_name(place, last)

    def _is_particle_of_name(self, place: int, last: int) -> bool:
        """`Lan van Dam`, `N. van Rossum`: a town that is the end of a name."""
        if place < 2 or self.words[place - 1].folded not in ("van", "de", "der", "den", "ter", "ten"):
            return False
        before = self.words[place - 2]
        return (
            last == place
            and before.capital
            and self._adjoins(place - 2, place - 1, " .")
            and (
                len(before.text) == 1 or (before.folded not in self.lexicon.not_names and self._is_candidate(place - 2))
            )
        )

    def _beside_name(self, place: int, last: int) -> bool:
        before = place > 0 and self._adjoins(place - 1, place, " ") and self._is_candidate(place - 1)
        after = last + 1 < len(self.words) and self._adjoins(last, last + 1, " ") and self._is_candidate(last + 1)
        return before or after

    def _misread_town(self, place: int) -> bool:
        word = self.words[place]
        if place in self.taken or len(word.folded) < 6 or not self._located(place):
            return False
        if self.case is Case.MIXED and not word.capital:
            return False
        return self.lexicon.is_misread_town(word.folded)

    def _located(self, place: int) -> bool:
        if place == 0:
            return False
        if self.words[place - 1].folded in LOCATIVE and self._adjoins(place - 1, place, " :"):
            return True
        return re.search(r"\d{4} ?[A-Z]{2},? $", self.text[: self.words[place].start]) is not None

    # People: runs of words that are not ordinary.

    def _people(self) -> Iterator[tuple[int, int, Label, float, str]]:
        place = 0
        while place < len(self.words):
            if place in self.taken or not self._is_candidate(place):
                place += 1
                continue
            first, last = self._run_start(place), self._run_end(place)
            end = self._with_initials(last)
            known_word = all(self._is_ordinary(self.words[i].folded) for i in range(place, last + 1))
            score, rule = (0.55, "person-capital") if known_word else (0.7, "person-unknown-word")
            yield self._take(first, last, Label.PERSON, score, rule, start=self._initials_start(first), end=end)
            place = last + 1

    def _is_candidate(self, place: int) -> bool:
        word = self.words[place]
        if place in self.taken or len(word.text) < 2 or word.particle or any(c.isdigit() for c in word.text):
            return False
        if self._names_nobody(word.folded) or self._of_a_place(word.folded):
            return False
        before = self.words[place - 1].folded if place and self._adjoins(place - 1, place, " .:") else ""
        if self.case is Case.MIXED:
            return word.capital and self._mixed_candidate(place, before)
        if before in RESPECT and word.folded not in self.lexicon.common:
            return True
        return len(word.folded) > 2 and not self._is_ordinary(word.folded)

    def _names_nobody(self, folded: str) -> bool:
        return any(part in self.lexicon.not_names for part in (folded, *folded.split("-")))

    def _mixed_candidate(self, place: int, before: str) -> bool:
        word = self.words[place]
        if self._is_compound_noun(word):
            return False
        if word.text.isupper() and len(word.text) <= 5:
            return before in TITLES and not self._is_ordinary(word.folded)
        if before in RESPECT or self._follows_capital_particle(place):
            return True
        if not word.opens:
            return word.folded not in self.lexicon.common
        following = place + 1 < len(self.words) and self._adjoins(place, place + 1, " ")
        if word.folded in NAME_WORDS and following:
            return True
        if PERSON_DATA.match(self.text, word.end) and word.folded not in self.lexicon.common:
            return True
        return not self._is_ordinary(word.folded)

    def _follows_capital_particle(self, place: int) -> bool:
        """`mevrouw Van den Heuvel`, `met De Groot`: common words that are a surname by what stands before them."""
        while place > 0 and self.words[place - 1].particle and self._adjoins(place - 1, place, " "):
            place -= 1
            if self.words[place].capital and not self.words[place].opens:
                return True
        return False

    def _is_compound_noun(self, word: Word) -> bool:
        """`V-nummer`, `WhatsApp-gesprek`: the last part is an ordinary word in lower case."""
        last = word.text.rsplit("-", 1)[-1]
        plain = last != word.text and last[0].islower() and last not in PARTICLES
        return plain and self._is_ordinary(fold(last))

    def _run_start(self, place: int) -> int:
        """Return the first word of a name: `De Vries`, `van der` after an initial, `Big` in `Big Tony`."""
        first = place
        while first > 0 and self._adjoins(first - 1, first, " .'’") and first - 1 not in self.taken:
            word = self.words[first - 1]
            if word.particle:
                belongs = word.capital or word.folded in ARABIC or self._led_by_initial(first - 1)
            else:
                belongs = self._is_capital_before_name(first - 1)
            if not belongs:
                break
            first -= 1
        return first

    def _is_capital_before_name(self, place: int) -> bool:
        word = self.words[place]
        plain = self.case is Case.MIXED and word.capital and not word.opens and len(word.text) > 1
        return plain and not word.text.isupper() and not self._names_nobody(word.folded)

    def _led_by_initial(self, place: int) -> bool:
        before = self.text[: self.words[place].start].rstrip()
        if re.search(r"(?:^|[\s.])[^\W\d_]\.$", before):
            return True
        return (
            place > 0
            and self.words[place - 1].particle
            and self._adjoins(place - 1, place, " ")
            and (self.words[place - 1].capital or self._led_by_initial(place - 1))
        )

    def _run_end(self, place: int) -> int:
        last = reach = place
        while reach + 1 < len(self.words) and reach - last < 3:
            if not self._adjoins(reach, reach + 1, " ") or reach + 1 in self.taken:
                break
            reach += 1
            if self._continues_name(reach):
                last = reach
            elif not self.words[reach].particle:
                break
        return last

    def _continues_name(self, place: int) -> bool:
        """A second name may be a common word (`Van den Heuvel-de Jong`); a first one may not."""
        word = self.words[place]
        if self.case is not Case.MIXED or not word.capital or len(word.text) < 2:
            return self._is_candidate(place)
        if word.text.isupper() and self._is_ordinary(word.folded):
            return False
        return not self._names_nobody(word.folded) and not word.particle

    def _initials_start(self, first: int) -> int:
        head = self.text[: self.words[first].start]
        match = re.search(r"(?<![\w.])(?:[^\W\d_a-zà-þ]\.[ ]?){1,4}$", head)
        return match.start() if match else self.words[first].start

    def _with_initials(self, last: int) -> int:
        match = re.match(r",? (?:[A-ZÀ-Þ]\.){1,4}(?!\w)|,? [A-ZÀ-Þ](?![\w.])", self.text[self.words[last].end :])
        if match is None or self.case is Case.LOWER:
            return self.words[last].end
        return self.words[last].end + match.end()

    def _is_ordinary(self, folded: str) -> bool:
        folded = folded.replace("rn", "m") if folded.replace("rn", "m") in self.lexicon.ordinary else folded
        if "-" in folded:
            return all(len(part) < 2 or self._is_ordinary(part) for part in folded.split("-"))
        return is_ordinary(folded, self.lexicon.ordinary)

    def _of_a_place(self, folded: str) -> bool:
        """`Rotterdamse`, `Iraakse`: an adjective made from a place."""
        return (
            folded.endswith(("se", "ser", "er")) and folded.removesuffix("r").removesuffix("se") in self.lexicon.places
        )

    def _adjoins(self, left: int, right: int, allowed: str) -> bool:
        between = self.text[self.words[left].end : self.words[right].start]
        return 0 < len(between) <= (3 if "&" in between else 2) and not between.strip(allowed)

    def _take(
        self, first: int, last: int, label: Label, score: float, rule: str, *, start: int = -1, end: int = -1
    ) -> tuple[int, int, Label, float, str]:
        self.taken.update(range(first, last + 1))
        begin = self.words[first].start if start < 0 else start
        return begin, self.words[last].end if end < 0 else end, label, score, rule
