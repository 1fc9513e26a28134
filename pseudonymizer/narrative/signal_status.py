"""How a sentence states a signal: denied, suspected, told or seen."""

import re
from enum import StrEnum


class SignalStatus(StrEnum):
    """How sure the text is of a signal. A plain statement without a source counts as told."""

    VERMOED = "vermoed"
    VERKLAARD = "verklaard"
    WAARGENOMEN = "waargenomen"

    @property
    def rank(self) -> int:
        """0 for suspected, 1 for told, 2 for seen."""
        return list(SignalStatus).index(self)


_SUSPECTED = re.compile(
    r"\b(?:vermoed\w{0,20}|vermoedelijk|mogelijk\w{0,20}|wellicht|misschien|zou|zouden|lijkt|lijken|leek"
    r"|verdenking|aanwijzing\w{0,20}|indicatie\w{0,20}|"
    r"niet uitgesloten|waarschijnlijk|blijkbaar|kennelijk|suspect(?:ed|s)|suspicio\w{1,20}|possibly"
    r"|perhaps|may have|might|allegedly|"
    r"appears?|seems?|probably|likely)\b"
)
_TOLD = re.compile(
    r"\b(?:verklaar\w{0,20}|vertel\w{0,20}|zegt|zei|zeggen|gaf aan|geeft aan|gaven aan|aangegeven|meld(?:t|de"
    r"|en)|gemeld|noemt|noemde|volgens|"
    r"beschrijft|beschreef|stelt dat|told|tells|says|said|states|stated|according to|report(?:s|ed)"
    r"|explains?|explained|disclosed?)\b"
)
_SEEN = re.compile(
    r"\b(?:zag|zagen|zien wij|gezien|ziet|aangetroffen|trof|troffen|waargenomen|geconstateerd"
    r"|constateerde\w{0,20}|vastgesteld|bleek|blijkt|gebleken|"
    r"bevestigd|gehoord dat|observed|saw|seen|witnessed|found|confirmed|noticed|discovered)\b"
)

# A denial of wide reach holds to the end of the sentence; a plain one only for the next few words.
_WIDE = re.compile(
    r"\b(?:geen (?:enkele? )?(?:sprake|aanwijzing\w{0,20}|signa\w{1,20}|indicatie\w{0,20}|tekenen|bewijs"
    r"|vermoeden\w{0,20}|melding\w{0,20}|teken|verdenking)|"
    r"niet gebleken|nergens uit|niets (?:dat|wat) wijst|niet (?:het geval|waar|zo) (?:is )?dat"
    r"|ontken\w{0,20}|weersprak\w{0,20}|weerspreekt|ontkracht\w{0,20}|"
    r"uitgesloten dat|no (?:sign|signs|evidence|indication|indications|suspicion)|den(?:y|ies|ied)"
    r"|not the case that|nooit sprake|"
    r"zonder (?:enige )?(?:vorm|sprake|teken|tekenen)|geen van)\b"
)
_NEAR = re.compile(
    r"\b(?:geen|niet|nooit|noch|niets|niemand|zonder|not|never|no|none|nobody|nor|without|cannot"
    r"|vrij van)\b|n't\b|n’t\b"
)
_NO_DENIAL = re.compile(
    r"\b(?:niet alleen|not only|niet uitgesloten|not excluded|niet langer|geen andere keus"
    r"|niet anders dan|no longer)\b"
)
_TURN = re.compile(
    r"\b(?:maar|doch|echter|but|however|wel|toch|although|hoewel|omdat|want|because|terwijl|while)\b"
    r"|[;:]"
)
_TURN_AFTER = re.compile(rf"{_TURN.pattern}|\b(?:en|and)\b")
_QUESTION = re.compile(
    r"\?\s{0,9}$|\b(?:de vraag of|ontkennend|gevraagd (?:of|naar)|vraagt (?:of|naar)|vroeg (?:of|naar)"
    r"|navraag|asked (?:whether"
    r"|if|about)|indien|mocht (?:er|blijken)|"
    r"voorlichting|training|cursus|folder|in case|if there)\b"
)
_WORDS_BEFORE = 5
_WORDS_AFTER = 3


def is_negated(sentence: str, start: int, end: int, negative: bool) -> bool:
    """Tell whether the trigger at [start, end) of a folded sentence is denied or only asked about.

    `negative` says that the trigger holds a denial itself (`mag niet naar buiten`); its own words are then no denial.
    """
    if _QUESTION.search(sentence):
        return True
    before = _after_turn(_NO_DENIAL.sub(" ", sentence[:start]))
    if _WIDE.search(before):
        return True
    near = " ".join(before.rsplit(",", 1)[-1].split()[-_WORDS_BEFORE:])
    if _NEAR.search(near):
        return True
    if negative:
        return False
    if _NEAR.search(_NO_DENIAL.sub(" ", sentence[start:end])):
        return True
    after = _TURN_AFTER.split(re.split(r"[,.]", sentence[end:])[0])[0]
    return _NEAR.search(" ".join(_NO_DENIAL.sub(" ", after).split()[:_WORDS_AFTER])) is not None


def status_of(sentence: str) -> SignalStatus:
    """Return the status that the words of a folded sentence give to what it states."""
    if _SUSPECTED.search(sentence):
        return SignalStatus.VERMOED
    if _TOLD.search(sentence):
        return SignalStatus.VERKLAARD
    return SignalStatus.WAARGENOMEN if _SEEN.search(sentence) else SignalStatus.VERKLAARD


def _after_turn(before: str) -> str:
    """Return what follows the last word that turns the sentence (`maar`, `omdat`)."""
    return _TURN.split(before)[-1]
