"""Turn the authors that a page states for machines (JSON-LD, `meta`) into names of persons."""

from __future__ import annotations

import re
from collections.abc import Iterable

from etl.transform.bylines import PERSONS_MAX, bare, is_role, name_of, names_agency, split_names, without_introducers
from etl.transform.lexicon import lexicon

_VALUE_MAX = 400
_ADDRESS = re.compile(r"\S+@\S+|\S+\[at\]\S+|(?:https?:)?//\S+|www\.\S+|@\w+", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:[\w-]+\.)+[a-z]{2,6}", re.IGNORECASE)
_BRACKETED = re.compile(r"\([^()]*\)?|\[[^\[\]]*\]?")
_CASELESS = "\u0590"
"""Scripts without capitals begin here; in them a word is a word."""
_PSEUDONYM = re.compile(r"[^\W\d_][\w.'’-]{2,29}")


def read_author_values(values: Iterable[str]) -> list[str]:
    """The persons that the values of one field name, in order: no agency, no department, no site, no address.

    A value may hold several names, an introducer, roles and places. A single word is kept where it can be a pen name.

    Args:
        values: The values as written, each the name of an author, or a list of names.
    """
    texts = [text for value in values if 0 < len(text := _plain(value)) <= _VALUE_MAX]
    names: dict[str, None] = {}
    capitals = None
    for text in texts:
        for part in filter(None, map(bare, split_names(text))):
            capitals = part.isupper() if capitals is None else capitals
            if (capitals or not part.isupper()) and not names_agency(part):
                name = name_of(part, caseless=True, whole=True) or _lower_case_name(part, text)
                names.update({name: None} if name else {})
    return list(names or dict.fromkeys(name for text in texts if (name := _pseudonym(text))))[:PERSONS_MAX]


def _plain(value: str) -> str:
    """A value without addresses and brackets, and without introducers such as `By`."""
    text = _BRACKETED.sub(" ", _ADDRESS.sub(" ", value))
    return without_introducers(" ".join(text.split()))


def _lower_case_name(part: str, whole: str) -> str | None:
    """A name that is the whole value and was entered in small letters: `anna karl`, `Anna karl`."""
    tokens = part.split()
    if part != whole or len(tokens) > 3 or not tokens[-1].islower() or not all(map(str.isalpha, tokens)):
        return None
    return name_of(part.title(), whole=True) if len(tokens) == 2 or part.islower() else None


def _pseudonym(text: str) -> str | None:
    """A single word that signs a text; no role, agency, domain or acronym."""
    word = bare(text)
    if (
        not _PSEUDONYM.fullmatch(word)
        or word[0] >= _CASELESS
        or word.isupper()
        or _DOMAIN.fullmatch(word)
        or is_role(word)
    ):
        return None
    return None if word.casefold() in lexicon().not_names or names_agency(word) else word
