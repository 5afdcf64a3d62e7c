"""Read a stretch of text that is one credit or none: `Foto: Name/dpa`, `© AP | Name`, `sid/dpa`, `Name / Reuters`."""

from __future__ import annotations

import re
from typing import NamedTuple

from etl.transform.agencies import Mention, find_agencies
from etl.transform.credit_words import credit_words
from etl.transform.namings import (
    Credit,
    CreditForm,
    all_named,
    are_initials,
    are_marks,
    is_name_part,
    is_separated,
    is_short_naming,
    named_in,
    names_day,
    only_fillers,
    other_words,
)

_LIST_MAX = 120
"""Nothing longer, in characters, is a list of agencies and names."""
_UNLABELLED_MAX = 60
_LEADING_SIGNS = re.compile(r"[\s|/•·*+–—-]+")
_COLON = re.compile(r"[:：=＝•]")
_SIGNS = (":", "：", "=", "＝", "•")
_SLASHES = ("/", "／")
_STORY_NUMBER = re.compile(r":\d{6}")
"""What wires put behind their name to number a story."""
_NUMBER = re.compile(r"(?<!\d)(?!(?:19|20)\d\d(?!\d))\d{2,}")
_NAMES_MAX, _NAMED_MAX = 6, 110
_HEADING_WORDS_MAX, _JOINED_MAX, _DESK_WORDS_MAX = 3, 4, 3
_PART_WORDS_MAX = 7


class _Part(NamedTuple):
    """What is read: `text[start:end]`, in which who is credited begins at `body`."""

    text: str
    start: int
    body: int
    end: int
    mentions: list[Mention]
    label: str
    """What introduces it, if anything."""
    bracketed: bool

    @property
    def inside(self) -> str:
        return self.text[self.body : self.end]

    @property
    def rest(self) -> list[str]:
        """The words that name no agency."""
        return other_words(self.text, self.body, self.end, self.mentions)

    def credit(self, form: CreditForm) -> Credit:
        """The part as a credit; without a label, one that names a photo agency is always a picture's."""
        photographic = [mention.supplier.kind == "photo" for mention in self.mentions]
        pictured = all(photographic) or (any(photographic) and not self.label)
        return Credit("image" if pictured else form, self.start, self.end, self.inside.strip(), tuple(self.mentions))


def read_part(text: str, start: int, end: int, *, bracketed: bool) -> Credit | None:
    """Read `text[start:end]`, all of which must be one credit."""
    words = credit_words()
    signs = None if text[start : start + 1].isalpha() else _LEADING_SIGNS.match(text, start, end)
    first = signs.end() if signs else start
    inside = text[first:end]
    label = words.photo_label.match(inside)
    if label and (label.group().rstrip()[-1:] not in _SLASHES or _starts_with_agency(inside[label.end() :])):
        return read_picture(text, start, first + label.end(), end)
    if sign := words.copyright.match(inside):
        reserved = bracketed or words.rights.search(sign.group()) is not None
        return _read_copyright(text, start, first + sign.end(), end, reserved=reserved)
    named = all_named(text, first, end)
    if named and words.contributed.search(inside[-_UNLABELLED_MAX:]):
        return Credit("source", start, end, inside.strip(), tuple(named))
    if len(inside) > _LIST_MAX or not (named or _COLON.search(inside)):
        return None
    labelled = words.source.match(inside)
    body = first + labelled.end() if labelled else first
    introducer = labelled.group().strip() if labelled else ""
    mentions = named_in(text, body, end)
    if labelled and not mentions:
        mentions = [mention for mention in named if mention.supplier.kind == "generic"]
    if not mentions:
        plain = introducer.endswith(_SIGNS) and len(inside) <= _UNLABELLED_MAX
        return _introduced("source", text, start, body, end) if plain else None
    part = _Part(text, start, body, end, mentions, introducer, bracketed)
    if inside.rstrip(" )）.").endswith(words.photo_end):
        return part.credit("image")
    return _read_agencies(part) if only_fillers(part.rest) else _read_named(part)


def read_picture(text: str, start: int, body: int, end: int) -> Credit | None:
    """The picture credit that an introducer at `start` begins, where what follows at `body` can be names."""
    agencies = bool(find_agencies(text[body:end]))
    return _introduced("image", text, start, body, end) if is_short_naming(text[body:end], agencies=agencies) else None


def lists_agencies(text: str, credit: Credit) -> bool:
    """Whether a credit names agencies and nobody else."""
    return only_fillers(other_words(text, credit.start, credit.end, list(credit.mentions)))


def is_weak(text: str, mention: Mention) -> bool:
    """Whether a name is at least as often something else where a comma or brackets set it off: `Name, PA`."""
    words = text[mention.start : mention.end]
    return mention.ambiguous and (not words.isupper() or words in credit_words().places)


def _introduced(form: CreditForm, text: str, start: int, body: int, end: int) -> Credit:
    words = text[body:end].strip(" \t\u00a0)]（）|/·,;:")
    nested = credit_words().copyright.match(words)
    if nested and nested.end():
        words = words[nested.end() :].strip()
    mentions = [mention for mention in named_in(text, body, end) if mention.supplier.kind != "editorial"]
    return Credit(form, start, end, words, tuple(mentions))


def _starts_with_agency(text: str) -> bool:
    return any(mention.start == 0 for mention in find_agencies(text))


def _are_wires(mentions: list[Mention]) -> bool:
    return bool(mentions) and all(mention.supplier.kind == "wire" for mention in mentions)


def _read_copyright(text: str, start: int, body: int, end: int, *, reserved: bool) -> Credit | None:
    """A copyright line: of a picture, but of the text where a wire numbers its story or reserves its rights."""
    rights = credit_words().rights.search(text, body, end)
    stop = rights.end() if rights else end
    mentions = named_in(text, body, stop)
    if (rights and not mentions) or not is_short_naming(text[body:stop], agencies=bool(mentions)):
        return None
    number = any(_STORY_NUMBER.match(text, mention.end) for mention in mentions)
    names = other_words(text, body, rights.start() if rights else stop, mentions)
    wired = (reserved or rights is not None) and _are_wires(mentions) and only_fillers(names)
    credit = _introduced("source" if number or wired else "image", text, start, body, stop)
    return Credit(credit.form, start, end, credit.words, credit.mentions)


def _read_agencies(part: _Part) -> Credit | None:
    """A list of agencies and nothing else; lone ambiguous words count only where brackets or a label speak for it."""
    mentions, inside = part.mentions, part.inside
    if all(mention.supplier.kind == "editorial" for mention in mentions) and not (
        part.bracketed and part.body == part.start
    ):
        return None
    if not (part.bracketed or part.label):
        if all(mention.ambiguous for mention in mentions) and not ("/" in inside and len(mentions) > 1):
            return None
        if len({mention.supplier.code for mention in mentions}) < len(mentions) and not _STORY_NUMBER.search(inside):
            return None  # the agency's own page: short and long name
        if len(_NUMBER.findall(inside)) > 1 and not _STORY_NUMBER.search(inside):
            return None  # the name of a picture file
    return part.credit("image" if _names_photo(inside) else "source")


def _names_photo(words: str) -> bool:
    folded = words.casefold()
    return "photo" in folded or "foto" in folded or folded.endswith((" pic", " pix"))


def _read_named(part: _Part) -> Credit | None:
    """Agencies together with a name or with initials."""
    mentions, rest = part.mentions, part.rest
    strong = part.label.endswith(_SIGNS) or part.label.count(" ") > 1
    if strong and (len(rest) <= _HEADING_WORDS_MAX or mentions[0].start == part.body):
        return part.credit("source") if len(part.inside) <= _NAMED_MAX else None
    if len(rest) > _NAMES_MAX or len(part.inside) > _NAMED_MAX or not credit_words().no_credit.isdisjoint(rest):
        return None
    names = all(is_name_part(word) for word in rest)
    if names and any(mention.supplier.kind == "generic" for mention in mentions):
        return part.credit("source")
    if all(mention.supplier.kind == "editorial" for mention in mentions) or names_day(part.inside):
        return None
    if part.label and names:
        return part.credit("source")
    if ": " in part.inside:
        return part.credit("source") if _is_headed(part) else None
    marks = sum(not is_name_part(word) for word in rest) == 1 and are_initials([rest[-1]]) and "/" in part.inside
    return _read_marked(part) or (_read_persons(part) if names or marks else _read_photographer(part))


def _is_headed(part: _Part) -> bool:
    """Whether a few words with a colon, such as a function, are all that stands before the agencies."""
    before = part.text[part.body : part.mentions[0].start].rstrip()
    sure = not any(mention.ambiguous for mention in part.mentions)
    return sure and len(part.rest) <= _HEADING_WORDS_MAX and before.endswith(":")


def _read_marked(part: _Part) -> Credit | None:
    """Agencies with the initials of authors or the marks of desks: `abc/dpa`, `dpa lno`, `PTI VVK ROH`."""
    rest = part.rest
    separated = "/" in part.inside or "|" in part.inside
    first = part.mentions[0].start == part.body and not part.mentions[0].ambiguous
    if are_initials(rest) and (separated or (len(rest) <= _DESK_WORDS_MAX and first)):
        return part.credit("source")
    if are_marks(rest) and _are_wires(part.mentions) and (separated or first):
        return part.credit("source")
    return None


def _read_photographer(part: _Part) -> Credit | None:
    """The name that a photographer has on the site of a photo agency: `(name123/iStock)`."""
    stock = part.mentions[-1].supplier.kind == "photo" and len(part.rest) <= _DESK_WORDS_MAX
    return part.credit("image") if stock and part.bracketed and "/" in part.inside else None


def _read_persons(part: _Part) -> Credit | None:
    """`Name / Reuters`, `AFP photo by Name`, `Name, dpa`, `Name with AFP`, `EFE / City`."""
    text, inside, mentions = part.text, part.inside, part.mentions
    barred = "/" in inside or "|" in inside
    if barred or " via " in inside:
        sure = any(not mention.ambiguous or is_separated(text, mention, part.body, part.end) for mention in mentions)
        if not sure or any(len(piece.split()) > _PART_WORDS_MAX for piece in re.split(r"[/|]", inside)):
            return None
        placed = len(part.rest) == 1 and mentions[0].start == part.body and " / " in inside and not part.bracketed
        return part.credit("named" if placed or " - " in inside or " – " in inside else "image")
    before = text[part.body : mentions[0].start].rstrip()
    if _names_photo(inside) or (before.endswith("-") and mentions[0].supplier.kind == "photo"):
        return part.credit("image")
    joined = before.endswith(",") or text[mentions[-1].end : mentions[-1].end + 1] == ","
    if not joined and len(part.rest) <= _JOINED_MAX and mentions[-1].end == part.end:
        joined = before.rpartition(" ")[2].casefold() in credit_words().filler and not mentions[0].ambiguous
    if not joined or all(is_weak(text, mention) for mention in mentions):
        return None
    parted = all(not text[mention.end : part.end].lstrip()[:1].isalnum() for mention in mentions)
    return Credit("named", part.start, part.end, inside.strip(), tuple(mentions)) if parted else None
