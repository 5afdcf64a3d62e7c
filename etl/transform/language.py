"""Name the language of a text: by its script where only one language uses it, else with py3langid."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_LOOK = 200
"""Bytes that decide; with more the answer on news text stays the same, and time grows with them."""
_SAMPLE = 60
"""Characters by which the script is told."""
_SHARE = 0.5
"""Of the letters of a sample, those that must be of one script."""

_SCRIPTS = (
    (0x0370, 0x03FF, "el"),
    (0x0530, 0x058F, "hy"),
    (0x0590, 0x05FF, "he"),
    (0x0A00, 0x0A7F, "pa"),
    (0x0A80, 0x0AFF, "gu"),
    (0x0B00, 0x0B7F, "or"),
    (0x0B80, 0x0BFF, "ta"),
    (0x0C00, 0x0C7F, "te"),
    (0x0C80, 0x0CFF, "kn"),
    (0x0D00, 0x0D7F, "ml"),
    (0x0D80, 0x0DFF, "si"),
    (0x0E00, 0x0E7F, "th"),
    (0x0E80, 0x0EFF, "lo"),
    (0x1000, 0x109F, "my"),
    (0x10A0, 0x10FF, "ka"),
    (0x1200, 0x137F, "am"),
    (0x1780, 0x17FF, "km"),
    (0xAC00, 0xD7AF, "ko"),
)
"""First and last code point of scripts that one language of today's news uses."""
_FIRST_OWN = 0x0370
_TAG = re.compile(r"([a-zA-Z]{2})(?:[-_]|\Z)")
_KANA = (0x3041, 0x30FF)
_HAN = (0x3400, 0x9FFF)


def detect(text: str, languages: tuple[str, ...] = ()) -> tuple[str | None, float | None]:
    """The ISO 639-1 code and the probability (three decimals) of the language of `text`.

    Args:
        text: Article text; its beginning decides.
        languages: The only codes that may be answered; all that are known where none of them is known.
    """
    head = text[:_LOOK].strip()
    if not any(character.isalpha() for character in head):
        return None, None
    own = None if head.isascii() else _language_of_script(head[:_SAMPLE])
    if own and (own in languages or not languages):
        return own, 1.0
    code, probability = _identifier(languages).classify(head.encode("utf-8", "ignore")[:_LOOK])
    return str(code), round(float(probability), 3)


def primary_language(tag: str | None) -> str | None:
    """The ISO 639-1 code that a BCP 47 tag begins with; None for any other tag (`und`, `deu`)."""
    match = _TAG.match((tag or "").strip())
    return match[1].lower() if match else None


def _language_of_script(sample: str) -> str | None:
    """The language that alone is written like that: most letters are of its script."""
    points = [ord(character) for character in sample if character.isalpha()]
    own = [point for point in points if point >= _FIRST_OWN]
    if len(own) < _SHARE * len(points):
        return None
    if any(_KANA[0] <= point <= _KANA[1] for point in own):
        return "ja"
    if sum(_HAN[0] <= point <= _HAN[1] for point in own) > _SHARE * len(points):
        return "zh"
    for first, last, code in _SCRIPTS:
        if sum(first <= point <= last for point in own) > _SHARE * len(points):
            return code
    return None


@cache
def _identifier(languages: tuple[str, ...]) -> Any:
    import numpy as np  # noqa: PLC0415 - with the next line half a second, only when needed
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = sorted(set(languages) & set(identifier.labels)) or [code for code in identifier.labels if len(code) == 2]
    identifier.set_languages(known)
    identifier.nb_ptc = np.ascontiguousarray(identifier.nb_ptc)  # the choice is stored by columns, but read by rows
    return identifier
