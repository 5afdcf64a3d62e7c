"""Turn a byline into person names: without introducers, roles, agencies, addresses and dates."""

from __future__ import annotations

import re
from functools import cache

from etl.transform.agencies import find_agencies
from etl.transform.lexicon import lexicon

_LOOK = 200
_PERSONS_MAX = 6
_SIGNS = r"[,;|/•·–—&]|\s-\s"
_CONTACT = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|@\w+")
_NAME_TOKEN = re.compile(r"[^\W\d_]+(?:[.'’-][^\W\d_]+)*\.?$|[^\W\d_]\.(?:-?[^\W\d_]\.)*$")
_UNSPACED_NAME = re.compile(r"([\u3400-\u9fff\uac00-\ud7af]{2,4})\s*(?=記者|记者|기자|특파원)")
_NAME_TOKENS_MAX = 5
_NAME_MAX = 60
_SIGNATURE_MAX = 90


@cache
def _splitter() -> re.Pattern[str]:
    """What stands between two names, or between a name and what else a byline holds."""
    joiners = "|".join(re.escape(word) for word in sorted(lexicon().name_joiners, key=lambda word: (-len(word), word)))
    return re.compile(rf"\s*(?:{_SIGNS}|\b(?:{joiners})\b)\s*")


def is_byline(text: str) -> bool:
    """Whether a line introduces persons (or an agency) as authors: `Von Name`, `By Name, Place`, `Name 기자`."""
    if len(text) > _LOOK:
        return False
    if _UNSPACED_NAME.match(text):
        return True
    introducer = lexicon().byline.match(text)
    if introducer is None or introducer.end() == len(text):
        return False
    rest = text[introducer.end() :]
    if rest.rstrip()[-1:] in "?!:" or (rest.rstrip()[-1:] == "." and len(rest.split()) > 6):
        return False
    first = _splitter().split(rest.strip(), maxsplit=1)[0]
    return bool(_trimmed(first) or find_agencies(first[:60]))


def is_name(text: str) -> bool:
    """Whether `text` looks like one person's name: two to five name tokens, at least two of them capitalised."""
    if len(text) > _NAME_MAX:
        return False
    tokens = text.split()
    if not 2 <= len(tokens) <= _NAME_TOKENS_MAX:
        return False
    lexical = lexicon()
    capitalised = 0
    for token in tokens:
        if not _NAME_TOKEN.match(token):
            return False
        if token[0].isupper():
            word = token.casefold().rstrip(".")
            if word in lexical.roles or word in lexical.not_names:
                return False
            capitalised += 1
        elif token not in lexical.name_particles:
            return False
    return capitalised >= 2 and tokens[0][0].isupper()


def is_signature(text: str) -> bool:
    """Whether a line without introducer is one or more names, with no more than roles or times beside them."""
    if len(text) > _SIGNATURE_MAX or text.rstrip()[-1:] in ".!?:" or not text[:1].isupper():
        return False
    names = read_names(text)
    if not names:
        return False
    lexical = lexicon()
    rest = text
    for name in names:
        rest = rest.replace(name, " ")
    words = [word.strip(".,:;|/()").casefold() for word in rest.split()]
    return all(
        not word.isalpha()
        or word in lexical.roles
        or word in lexical.date_words
        or word in lexical.months
        or word in lexical.name_joiners
        for word in words
    )


def read_names(text: str) -> list[str]:
    """The persons named in a byline, in order."""
    head = _CONTACT.sub(" ", text[:_LOOK])
    named = _UNSPACED_NAME.findall(head)
    if named:
        return named[:_PERSONS_MAX]
    while introducer := lexicon().byline.match(head):
        head = head[introducer.end() :]
    for mention in reversed(find_agencies(head)):
        if not mention.ambiguous:
            head = f"{head[: mention.start]} | {head[mention.end :]}"
    capitals = head.isupper()
    names: list[str] = []
    for part in _splitter().split(head):
        name = _trimmed(part)
        if name and name not in names and (capitals or not name.isupper()):
            names.append(_recased(name))
    return names[:_PERSONS_MAX]


def _trimmed(part: str) -> str | None:
    """The name in a part of a byline, without the roles around it; None where there is none."""
    lexical = lexicon()
    part = part.partition("(")[0]
    introducer = lexical.byline.match(part)
    if introducer:
        part = part[introducer.end() :]
    tokens = part.replace("\u00a0", " ").strip(" .,:;*\"'“”„-–").split()
    while tokens and tokens[-1].casefold().rstrip(".") in lexical.roles:
        tokens.pop()
    while tokens and (
        tokens[0].casefold() in lexical.roles or (tokens[0][0].islower() and tokens[0] not in lexical.name_particles)
    ):
        tokens.pop(0)
    for index, token in enumerate(tokens):
        word = token.casefold().rstrip(".,")
        if (
            word in lexical.roles
            or not _NAME_TOKEN.match(token)
            or (token[0].islower() and token not in lexical.name_particles)
        ):
            tokens = tokens[:index]
            break
    while tokens and tokens[-1][0].islower():
        tokens.pop()
    name = " ".join(tokens)
    return name if is_name(name) else None


def _recased(name: str) -> str:
    """A name written in capitals only, in ordinary spelling."""
    return name.title() if name.isupper() and len(name) > 5 else name
