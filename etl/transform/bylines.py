"""Turn a byline into person names: without introducers, titles, roles, agencies, addresses and dates."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path

from etl.transform.agencies import find_agencies
from etl.transform.clocks import alternatives
from etl.transform.credit_words import credit_words
from etl.transform.lexicon import lexicon

PERSONS_MAX = 20
_GIVEN_NAMES = Path(__file__).parent / "data" / "given_names.toml"
_PLAIN_LETTERS = str.maketrans({"ı": "i", "ø": "o", "ł": "l"})
_LOOK = 200
_SIGNS = r"[,;|/•·–—&+،、，；]|\s-\s"
_CONTACT = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|@\w+")
_NAME_TOKEN = re.compile(r"[^\W\d_]+(?:[.'’-][^\W\d_]+)*\.?$|[^\W\d_]\.(?:-?[^\W\d_]\.)*$")
_GLUED = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])")
"""Where a dump has lost the blank between two words."""
_GLUED_INTRODUCER = re.compile(r"(?:[Vv]on|[Bb]y|[Pp]ar|[Pp]or|[Dd]oor)(?=[A-ZÀ-Þ][a-zß-ÿ])")
_LETTER_JOINER = re.compile(r"\s(?:a|e|i|y)\s")
_TELLS_PICTURES = re.compile(r" (?:by|von|par|de|di|por|av|door) ")
_SENT_BY = re.compile(r"[\u3400-\u9fff]{0,6}(?:記者|记者)[\s:]+(?=[\u3400-\u9fff]{2,4}(?:[\s、,]|$))")
"""`Paper or agency + reporter + names`."""
_EDGE = " .,:;*\"'“”„-–→›»"
_NAME_TOKENS_MAX = 5
_NAME_MAX = 60
_SIGNATURE_MAX = 90
_PICTURES_TOO_MAX = 5
"""Characters of `und`, `and`, `&` in `Text und Fotos: Name`."""
_STATEMENT_WORDS = 6
"""A line of more words that ends with a full stop is a sentence."""

_EAST_ASIAN = "\u2e80"
"""The scripts that put no blank between family name and given name begin here."""
_EAST_ASIAN_SIGNS = {ord("："): ":", ord("／"): ":"}
_EAST_ASIAN_NAME = re.compile(
    r"[\u3005\u3006\u3400-\u9fff\uf900-\ufaff]{2,5}|[\uac00-\ud7af]{2,4}|[\u30a0-\u30ff・]{3,14}"
)
_REPORTER = re.compile(r"([\u3400-\u9fff\uac00-\ud7af]{2,4})\s*(?=記者|记者|기자|특파원)")
"""`Name 기자`; the name stands before the word for reporter."""
_REPORTER_LINE_MAX = 40
_REPORTER_ENDS = ("記者", "记者", "기자", "특파원")


def is_byline(text: str) -> bool:
    """Whether a line introduces persons (or an agency) as authors: `Von Name`, `By Name, Place`, `Name 기자`."""
    if len(text) > _LOOK:
        return False
    if text[:1] >= _EAST_ASIAN:
        if _REPORTER.match(text) or _ends_with_reporter(text):
            return True
        text = text.translate(_EAST_ASIAN_SIGNS)
    introducer = lexicon().byline.match(text)
    if introducer is None or introducer.end() == len(text):
        return False
    rest = text[introducer.end() :].rstrip()
    sentence = rest[-1:] == "." and len(rest.split()) > _STATEMENT_WORDS and ":" not in introducer.group()
    if rest[-1:] in "?!:" or sentence:
        return False
    first = next(iter(split_names(_without_pictures(without_introducers(rest)))), "")
    return bool(name_of(first, caseless=True) or find_agencies(first[:60]))


def _ends_with_reporter(text: str) -> bool:
    return len(text) <= _REPORTER_LINE_MAX and text.endswith(_REPORTER_ENDS) and bool(_REPORTER.search(text))


def is_name(text: str) -> bool:
    """Whether `text` looks like one person's name: two to five name tokens, at least two of them capitalised."""
    if len(text) > _NAME_MAX or not text[:1].isupper():
        return False
    tokens = text.split()
    if not 2 <= len(tokens) <= _NAME_TOKENS_MAX:
        return False
    lexical = lexicon()
    if any(not token[0].isupper() and token not in lexical.name_particles for token in tokens):
        return False  # most lines end here, and cheaply
    capitalised = 0
    for token in tokens:
        if token[0].isupper():
            word = token.casefold().rstrip(".")
            if word in lexical.roles or (word in lexical.not_names and not (capitalised and _is_part(word))):
                return False
            capitalised += 1
        if not _NAME_TOKEN.match(token):
            return False
    return capitalised >= 2


def _is_part(word: str) -> bool:
    """Whether a word that opens no name may stand in one: an initial, or an article as in `Le Clerc`."""
    return len(word) == 1 or word in lexicon().name_particles


def is_signature(text: str) -> bool:
    """Whether a line without introducer is one or more names, with no more than roles or times beside them."""
    if len(text) > _SIGNATURE_MAX or not text[:1].isupper() or text.rstrip()[-1:] in ".!?:":
        return False
    beside, particles = _beside_names(), lexicon().name_particles
    for word in text.split():
        if word[0].islower() and word.isalpha() and word not in beside and word not in particles:
            return False  # most lines end here, and cheaply
    names = read_names(text)
    if not (any(map(begins_with_given_name, names)) or _may_be_rare_names(names, text)):
        return False
    rest = text.casefold()
    for name in names:
        rest = rest.replace(name.casefold(), " ")
    words = [word.strip(".,:;|/()") for word in rest.split()]
    return all(not word.isalpha() or word in beside for word in words)


def _may_be_rare_names(names: list[str], text: str) -> bool:
    """Given name and family name only; titles and headings in capitals look the same."""
    return bool(names) and not text.isupper() and all(name.count(" ") == 1 for name in names)


def begins_with_given_name(name: str) -> bool:
    """Whether the first word is a frequent given name or an initial: few lines but names of persons begin so."""
    first = name.split(maxsplit=1)[0]
    return first[1:] == "." or fold_name(first).partition("-")[0].rstrip(".") in _given_names()


def fold_name(word: str) -> str:
    """A name as `data/given_names.toml` holds it: case-folded, without accents."""
    letters = unicodedata.normalize("NFKD", word.casefold()).translate(_PLAIN_LETTERS)
    return letters if letters.isascii() else "".join(c for c in letters if not unicodedata.combining(c))


@cache
def _given_names() -> frozenset[str]:
    regions = tomllib.loads(_GIVEN_NAMES.read_text(encoding="utf-8")).values()
    return frozenset(name for names in regions for name in names.split())


@cache
def _beside_names() -> frozenset[str]:
    """The words that may stand between and beside the names of a signature."""
    lexical = lexicon()
    return lexical.roles | lexical.date_words | lexical.months.keys() | lexical.name_joiners


def read_names(text: str) -> list[str]:
    """The persons named in a byline, in order."""
    head = _CONTACT.sub(" ", text[:_LOOK]) if "@" in text or "." in text else text[:_LOOK]
    if not head.isascii():
        named = _unique(_REPORTER.findall(head))
        if named:
            return named
        head = head.translate(_EAST_ASIAN_SIGNS)
    bare = without_introducers(head)
    introduced = bare != head
    head = _without_pictures(bare)
    for mention in reversed(find_agencies(head)):
        if not mention.ambiguous:
            head = f"{head[: mention.start]} | {head[mention.end :]}"
    parts = [part for part in split_names(head) if part.strip(_EDGE)]
    capitals = bool(parts) and parts[0].isupper()
    parts = [part for part in parts if capitals or not part.isupper()]
    return _unique([name for part in parts if (name := name_of(part, caseless=introduced))])


def _unique(names: list[str]) -> list[str]:
    """Each name once, and no agency."""
    return [name for name in dict.fromkeys(names) if not names_agency(name)][:PERSONS_MAX]


def names_agency(part: str) -> bool:
    """Whether a part of a byline names an agency, be it glued to other words, or is a word that may mean one."""
    text = unglued(part)
    for mention in find_agencies(text):
        words = text[mention.start : mention.end]
        if not mention.ambiguous or words == text or (words.isupper() and not text.isupper()):
            return True
    return False


def unglued(text: str) -> str:
    """The text with blanks where a dump has lost them: `PressMarch`."""
    return _GLUED.sub(" ", text)


def without_introducers(text: str) -> str:
    """What follows `Von`, `Text:` and the like, one after the other, be they glued to the name."""
    lexical = lexicon()
    while text:
        text = text.lstrip(_EDGE)
        introducer = lexical.byline.match(text) or _GLUED_INTRODUCER.match(text) or _SENT_BY.match(text)
        if introducer is None:
            return text
        text = text[introducer.end() :]
    return text


def split_names(text: str) -> list[str]:
    """What stands between separators and words such as `and`."""
    parts: list[str] = []
    for part in _splitter().split(text):
        parts += _halves(part) if _LETTER_JOINER.search(part) else [part]
    return parts


def _halves(part: str) -> list[str]:
    """Two names joined by a single letter; it belongs to a name where not both sides are one: `Ortega y Gasset`."""
    for joiner in _LETTER_JOINER.finditer(part):
        before, after = part[: joiner.start()], part[joiner.end() :]
        if name_of(before) and name_of(after):
            return [before, *_halves(after)]
    return [part]


@cache
def _splitter() -> re.Pattern[str]:
    """What stands between two names, or between a name and what else a byline holds."""
    joiners = [word for word in lexicon().name_joiners if len(word) > 1 or not word.isascii()]
    return re.compile(rf"{_SIGNS}|(?<!\S)(?:{alternatives(joiners)})(?!\S)")


@cache
def _picture() -> re.Pattern[str]:
    """Where those who made the pictures begin to be named: `Fotos: `, ` Illustration von `."""
    return re.compile(
        rf"(?<!\w)(?:{alternatives(credit_words().photo)})(?:\s?:|\s(?:by|von|par|de|di|por|av|door)\s)", re.IGNORECASE
    )


def _without_pictures(text: str) -> str:
    """The part of a byline that names writers; `und Fotos: ` at its beginning introduces both."""
    found = _picture().search(text) if ":" in text or _TELLS_PICTURES.search(text) else None
    if found is None:
        return text
    before = text[: found.start()]
    return before if len(before) > _PICTURES_TOO_MAX else text[found.end() :]


def name_of(part: str, *, caseless: bool = False, whole: bool = False) -> str | None:
    """The name in a part of a byline, without the titles and roles around it; None where there is none.

    Args:
        part: What stands between two separators.
        caseless: Read names in scripts without capitals too: only an introducer tells them from other words there.
        whole: Nothing but titles and roles may stand around the name; else it ends where other words begin.
    """
    tokens = bare(without_introducers(part.partition("(")[0])).split()
    if caseless and tokens and tokens[0][0] >= "\u0590":
        return _caseless_name(tokens)
    if tokens and (glued := _GLUED.search(tokens[-1])) and is_role(tokens[-1][glued.start() :]):
        tokens[-1] = tokens[-1][: glued.start()]
    lexical = lexicon()
    while tokens and (is_role(tokens[-1]) or tokens[-1].casefold() in lexical.not_names):
        tokens.pop()
    while tokens and (is_role(tokens[0]) or (tokens[0][0].islower() and tokens[0] not in lexical.name_particles)):
        tokens.pop(0)
    for index, token in enumerate(tokens):
        if (
            is_role(token)
            or not _NAME_TOKEN.match(token)
            or (token[0].islower() and token not in lexical.name_particles)
        ):
            if whole:
                return None
            tokens = tokens[:index]
            break
    while tokens and tokens[-1][0].islower():
        tokens.pop()
    if tokens and len(tokens[-1]) > 3:
        tokens[-1] = tokens[-1].rstrip(".")
    name = recased(" ".join(tokens))
    return name if is_name(name) else None


def bare(text: str) -> str:
    """A part without the signs around it; the stop of an initial at its end stays."""
    inner = text.strip(_EDGE)
    return f"{inner}." if inner[-2:-1] in ("", " ") and text.lstrip(_EDGE)[len(inner) :][:1] == "." else inner


def is_role(token: str) -> bool:
    """Whether a word names a role, title or department, alone or at the end of a compound: `Sport-Redakteur`."""
    roles = lexicon().roles
    word = token.casefold()
    if word in roles or word.rstrip(".,") in roles or ("-" in word and word.rpartition("-")[2] in roles):
        return True
    return len(word) > 8 and word.endswith(_role_endings())


@cache
def _role_endings() -> tuple[str, ...]:
    return tuple(sorted(word[1:] for word in lexicon().roles if word[0] == "-"))


def _caseless_name(tokens: list[str]) -> str | None:
    """A name in a script without capitals: one run of characters, or two to five words."""
    lexical = lexicon()
    while tokens and tokens[-1] in lexical.roles:
        tokens.pop()
    name = " ".join(tokens)
    if not tokens or any(word in name for word in lexical.not_names if not word.isascii() and word[0] >= "\u0590"):
        return None
    if name[0] >= _EAST_ASIAN:
        return name if len(tokens) <= 2 and all(_EAST_ASIAN_NAME.fullmatch(token) for token in tokens) else None
    sound = all(
        not any(c.isdigit() or c in ".,:;!?()" for c in token) and token not in lexical.roles for token in tokens
    )
    return name if 2 <= len(tokens) <= _NAME_TOKENS_MAX and len(name) <= _NAME_MAX and sound else None


def recased(name: str) -> str:
    """A name in ordinary spelling: what is in capitals gets small letters, as `McDonald`, `de la Cruz`.

    Where only family names are in capitals (`Anna KARL`), as some agencies write, these.
    """
    tokens = name.split()
    if len(tokens) < 2 or not tokens[-1][-2:].isupper() or (len(tokens[-1]) < 3 and not name.isupper()):
        return name
    particles = lexicon().name_particles
    whole = name.isupper()
    words = []
    for index, token in enumerate(tokens):
        small = token.casefold()
        if whole and index and small in particles:
            words.append(small)
        elif index and (len(token) > 2 or whole):
            words.append(_recased_word(token))
        else:
            words.append(_recased_word(token) if whole and len(token) > 2 else token)
    return " ".join(words)


def _recased_word(word: str) -> str:
    if word[:2] == "Mc" and word[2:].isupper():
        return f"Mc{word[2:].title()}"
    if not word.isupper() or "." in word:
        return word
    small = word.title().replace("\u0307", "")
    return f"Mc{small[2:].title()}" if small[:2] == "Mc" and len(small) > 4 else small
