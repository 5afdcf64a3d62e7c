"""Name the language of a text with py3langid, optionally among a few; loaded at first use, once per process."""

from __future__ import annotations

from functools import cache
from typing import Any

_LOOK = 500
"""Characters that decide; more do not change the answer on news text but cost time."""


def detect(text: str, languages: tuple[str, ...] = ()) -> tuple[str | None, float | None]:
    """The ISO 639-1 code and the probability (three decimals) of the language of `text`.

    Args:
        text: Article text; its beginning decides.
        languages: The only codes that may be answered; all that py3langid knows where none of them is known to it.
    """
    head = text[:_LOOK]
    if not any(character.isalpha() for character in head):
        return None, None
    code, probability = _identifier(languages).classify(head)
    return str(code), round(float(probability), 3)


@cache
def _identifier(languages: tuple[str, ...]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - half a second, only when needed

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = sorted(set(languages) & set(identifier.labels))
    if known:
        identifier.set_languages(known)
    return identifier
