"""Related items of page texts: languages, where the article goes on, what is no item, readers' comments."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from etl.transform.record import Record
from tests.transform.harbour import ARTICLE, FIRST, HEADLINE, PARAGRAPHS, SECOND

Read = Callable[[str], Record]
Item = tuple[str, str | None, str | None, str | None]


def items(record: Record) -> list[Item]:
    return [(item.title, item.section, item.teaser, item.image_caption) for item in record.related_items]


def titles(record: Record) -> list[str]:
    return [item.title for item in record.related_items]


def assert_whole(record: Record) -> None:
    """The body is the article: nothing lost to a block, nothing of a block in it."""
    text = "\n\n".join(part for part in (record.article.lead, record.article.body) if part)
    assert text == "\n\n".join(PARAGRAPHS)


LIST = f"{FIRST}\n\n{SECOND}"
LISTED = [FIRST, SECOND]

HEADINGS = """
Mehr zum Thema | Lesen Sie auch: | Das könnte Sie auch interessieren | Weitere Artikel zum Thema | Mehr aus der Region
You may also like | More from Business | Related stories | More articles on this topic | Other news from the region
Sur le même sujet | À lire aussi | Autour de ce sujet | Autres articles sur le sujet
Seguí leyendo | Noticias relacionadas | Te puede interesar | Otras noticias relacionadas
Leggi anche | Altre notizie sull'argomento | Articoli correlati
Leia também | Você também pode gostar | Matérias relacionadas
Lees ook | Meer longreads | Gerelateerde artikelen
Läs också | Mer från skärgården | Relaterte saker | Læs også
Czytaj dalej | Powiązane artykuły | Související články | Mohlo by vás zajímat | Súvisiace články
Читайте также | Материалы по теме | Читайте також | Схожі новини
Bunlar da İlginizi Çekebilir | İlgili Haberler | Διαβάστε επίσης | Σχετικά άρθρα
Lue myös | Aiheesta lisää | Kapcsolódó cikkek | Pročitajte još | Citește și
Skaitykite taip pat | Lasiet arī | اقرأ أيضا | यह भी पढ़ें | 関連記事 | 관련기사 | 相关新闻 | Baca juga | Xem thêm
"""


@pytest.mark.parametrize("heading", [heading.strip() for heading in HEADINGS.replace("\n", "|").split("|") if heading])
def test_headings_of_many_languages(heading: str, read: Read) -> None:
    record = read(f"{ARTICLE}\n\n{heading}\n\n{LIST}")
    assert titles(record) == LISTED
    assert_whole(record)


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "Meistgelesen",
            "Neueste Nachrichten",
            "Most read",
            "Latest news",
            "Trending now",
            "Les plus lus",
            "Más leídas",
        ),
        *("I più letti", "Mais lidas", "Meest gelezen", "Mest läst", "Mest lest", "Najczęściej czytane", "Nejčtenější"),
        *("Самые читаемые", "Найпопулярніше", "En çok okunanlar", "Luetuimmat", "Legolvasottabb", "Δημοφιλή"),
    ],
)
def test_lists_of_the_whole_site_are_not_related(heading: str, read: Read) -> None:
    record = read(f"{ARTICLE}\n\n{heading}\n\n{LIST}")
    assert titles(record) == []
    assert_whole(record)


@pytest.mark.parametrize(
    "line",
    [
        "Lesen Sie auch: Wer die neue Schleuse bezahlt",
        "Lesen Sie auch den Kommentar: Wer die neue Schleuse bezahlt",
        "Read more: Wer die neue Schleuse bezahlt",
        "Also on tollan-news.example Wer die neue Schleuse bezahlt",
        "À lire aussi. Wer die neue Schleuse bezahlt",
        "Lire aussi notre enquête : Wer die neue Schleuse bezahlt",
        "LEER MÁS | Wer die neue Schleuse bezahlt",
        "Leggi anche > Wer die neue Schleuse bezahlt",
        "Lees ook: Wer die neue Schleuse bezahlt",
        "LÄS OCKSÅ: Wer die neue Schleuse bezahlt",
        "Czytaj także: Wer die neue Schleuse bezahlt",
        "Читайте также: Wer die neue Schleuse bezahlt",
        "İLGİLİ HABER Wer die neue Schleuse bezahlt",
        ">> Wer die neue Schleuse bezahlt",
        "▶ 관련기사 Wer die neue Schleuse bezahlt",
    ],
)
def test_one_line_inside_the_text_names_another_article(line: str, read: Read) -> None:
    record = read("\n\n".join((HEADLINE, *PARAGRAPHS[:2], line, *PARAGRAPHS[2:])))
    assert titles(record) == ["Wer die neue Schleuse bezahlt"]
    assert_whole(record)


@pytest.mark.parametrize(
    "line",
    [
        "Read the whole decision of the board, said one of the skippers, and you will know why.",
        "More on this will be known in spring, when the divers go down again and look at the sills.",
        "Opinion | Wes Torkkeli",
    ],
)
def test_lines_that_only_begin_like_a_pointer(line: str, read: Read) -> None:
    above = line.startswith("Opinion")
    text = (line, HEADLINE, *PARAGRAPHS) if above else (HEADLINE, *PARAGRAPHS[:2], line, *PARAGRAPHS[2:])
    assert titles(read("\n\n".join(text))) == []


def test_the_article_goes_on_after_a_list_of_titles(read: Read) -> None:
    block = "Related articles\n\nFerry to Aldersand gets a second boat\n\nWho pays for the new lock of Tollan?"
    third = "Shipyard hires forty welders from abroad"
    record = read("\n\n".join((HEADLINE, *PARAGRAPHS[:2], block, third, *PARAGRAPHS[2:])))
    assert titles(record) == ["Ferry to Aldersand gets a second boat", "Who pays for the new lock of Tollan?", third]
    assert_whole(record)


def test_a_subheading_after_one_title_is_none(read: Read) -> None:
    block = "Read more\nFerry to Aldersand gets a second boat"
    record = read("\n\n".join((HEADLINE, *PARAGRAPHS[:2], block, "Cyclists take the boat", *PARAGRAPHS[2:])))
    assert titles(record) == ["Ferry to Aldersand gets a second boat"]


def test_boxes_without_heading_are_known_by_ages(read: Read) -> None:
    box = "Shipping on the Toll\nFerry to Aldersand gets a second boat\n14 hours ago"
    record = read("\n\n".join((HEADLINE, *PARAGRAPHS[:2], box, *PARAGRAPHS[2:])))
    assert [item.title for item in record.related_items] == ["Ferry to Aldersand gets a second boat"]
    assert_whole(record)


def test_a_colon_is_left_to_the_title(read: Read) -> None:
    teaser = "Since January the water has come back three times, and nobody can say when it will stay away."
    box = f"Flood in the Toll valley\n:What is known about the leaking dykes\n{teaser}"
    record = read("\n\n".join((HEADLINE, *PARAGRAPHS[:2], box, *PARAGRAPHS[2:])))
    assert [(i.section, i.title) for i in record.related_items] == [
        ("Flood in the Toll valley", "What is known about the leaking dykes")
    ]
    assert_whole(record)


NO_ITEMS = {
    "breadcrumbs": "Sie sind hier: {0}\n\n• 1. Startseite\n• 2. Aktuelles\n• 3. Die Schleuse von Tollan schließt",
    "gallery": "Galerie\n\nThe lock from the north, before the flood\n\nDivers at the sill of the old lock",
    "addresses": "https://www.tollan-harbour.example\n\nThe office is open from nine to five",
    "events": "Veranstaltungen\n\nOffener Nachmittag am alten Hafen\n\nRundgang mit der Schleusenwärterin",
    "contact": "Pressekontakt\n\nHarbour board of Tollan, Pier Street 4, second floor",
    "comments": "Kommentare\n\nFerryman, 3 February 2026 at 10:15\n\nAbout time that somebody looked at these gates.",
    "tools": "Print this article\n\nShare on Facebook\n\nFollow us",
    "headline": HEADLINE,
    "words": "Home\n\nSports\n\nWeather",
}


@pytest.mark.parametrize("kind", NO_ITEMS)
def test_what_stands_below_a_heading_is_not_always_an_item(kind: str, read: Read) -> None:
    record = read(f"{ARTICLE}\n\nMehr zum Thema\n\n{NO_ITEMS[kind]}")
    assert titles(record) == []
    assert_whole(record)


def test_notices_and_offers_end_a_block(read: Read) -> None:
    notice = (
        "Sign up for our newsletter to get the news of the harbour in your inbox every morning, free of charge.\n\n"
        "The paper belongs to its readers, and has no owner out of town. It has been printed in Tollan since 1874."
    )
    record = read(f"{ARTICLE}\n\nRelated articles\n\n{LIST}\n\n{notice}")
    assert items(record) == [(title, None, None, None) for title in LISTED]


@pytest.mark.parametrize(
    "comments",
    [
        "Comments\n\nFerryman on 3 February 2026 at 10:15 am said:\n\nAbout time that somebody looked at these gates.",
        "34 responses to “Tollan closes its leaking lock”\n\nFerryman says:\n\nAbout time that somebody looked at it.",
        "2 thoughts on “Tollan closes its lock”\n\nFerryman says:\n\nAbout time that somebody looked at these gates.",
        "Top Rated Comments\n\nFerryman 2 days ago\n\nAbout time that somebody looked at these gates, thank you all.",
        "Permalink 34 Comments\n\nFerryman\n3 hours ago\n\nAbout time that somebody looked at these gates of ours.",
        "3 Kommentare\n\nFährmann 03.02.2026, 10:15 Uhr\n\nHöchste Zeit, dass sich jemand diese Tore ansieht, danke.",
        "Vos réactions (3)\n\nmarcel39 il y a 2 heures\n\nCela fait dix ans que les riverains réclament un pont neuf.",
        "2 comentarios\n\nbarquero 03/02/2026 10:15\n\nYa era hora de que alguien mirase estas compuertas, gracias.",
        "Yorumlar (1)\n\nKayıkçı 03.02.2026 10:15\n\nBu kapaklara bakmanın zamanı çoktan gelmişti, hepinize sağ olun.",
        "Комментарии (2)\n\nЛодочник 2 часа назад\n\nДавно пора было посмотреть на эти ворота, спасибо всем большое.",
    ],
)
def test_comments_end_even_a_short_article(comments: str, read: Read) -> None:
    record = read(
        f"{HEADLINE}\n\n{PARAGRAPHS[0]}\n\n{comments}\n\nI row there every day.\n\nThe gates leak like a sieve."
    )
    assert record.article.body == PARAGRAPHS[0]
    assert titles(record) == []
