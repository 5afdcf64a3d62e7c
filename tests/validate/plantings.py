"""Changes that break a sound row of `synthetic`, each so that exactly one rule of its table finds it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

Changes = dict[str, Any]

PLANTINGS: dict[str, dict[str, list[Changes]]] = {
    "articles": {
        "length_plausible": [{"source_length": 0}],
        "media_type_known": [{"media_type": "application/pdf"}],
        "charset_known": [{"charset": "klingon"}],
        "body_empty": [{"body": "\n", "paragraph_count": 1}],
        "too_few_words": [{"word_count": 2}],
        "words_fit_characters": [{"word_count": 500, "char_count": 400}],
        "paragraphs_agree": [{"paragraph_count": 3}],
        "damaged_characters": [
            {"body": "Die Stra\ufffde ist ges\ufffdrrt.\n\nDas t\x00eilte die Stadt mit.", "paragraph_count": 2},
            {"body": "Die StraÃŸe ist fÃ¼r Tage gesperrt.\n\nDas teilte die Stadt mit.", "paragraph_count": 2},
        ],
        "noise_only": [{"body": "• Drucken\nTeilen\n\nDer Rat tagt.", "paragraph_count": 2}],
        "headline_length": [{"headline": "x" * 301}, {"headline": " "}],
        "headline_one_line": [{"headline": "Der Rat\nberät"}],
        "lead_length": [{"lead": ""}, {"lead": "x" * 5001}],
        "url_pattern": [{"url": "bote.example/1"}],
        "language_known": [{"language": "xx"}],
        "language_score_range": [{"language_score": 1.5}],
        "published_year": [{"published_date": date(1204, 1, 1), "published_at": None}],
        "published_in_future": [{"published_date": date(2015, 11, 20), "published_at": None}],
        "published_time_agrees": [{"published_date": date(2015, 10, 17)}],
        "published_offset_range": [{"published_offset_minutes": 900}],
        "authors_number": [{"authors": ["Anna Muster"] * 31}],
        "authors_plausible": [{"authors": ["Anna Muster", "redaktion@bote.example"]}],
        "authors_length": [{"authors": ["Anna " * 30]}],
        "modified_after_published": [{"modified_at": datetime(2015, 10, 10, tzinfo=UTC)}],
        "words_per_paragraph": [{"word_count": 801, "char_count": 4000}],
        "characters_per_word": [{"char_count": 400}],
        "kicker_length": [{"kicker": "x" * 201}],
        "language_with_score": [{"language_score": None}],
        "date_with_evidence": [{"published_evidence": None}],
        "date_evidence_found": [{"date_evidence_found": False}],
        "topics_number": [{"topics": [f"Thema {n}" for n in range(61)]}],
        "topics_plausible": [{"topics": ["Politik", ""]}],
        "topics_length": [{"topics": ["x" * 151]}],
        "image_captions_length": [{"image_captions": ["x" * 2001]}],
        "image_credits_length": [{"image_credits": ["x" * 201]}],
        "headline_present": [{"headline": None}],
        "language_found": [{"language": None, "language_score": None}],
        "noise_left": [{"body": "Der Rat tagt.\nEr berät.\n\nDrucken", "paragraph_count": 2}],
    },
    "related_items": {
        "title_length": [{"title": "x"}, {"title": "x" * 301}],
        "title_has_letters": [{"title": "* * *"}],
        "title_one_line": [{"title": "Was der Rat\nsagt"}],
        "title_is_noise": [{"title": "Mehr erfahren"}],
        "section_length": [{"section": "x" * 121}],
        "teaser_length": [{"teaser": "x" * 3001}],
        "image_caption_length": [{"image_caption": "x" * 1001}],
        "url_pattern": [{"url": "mailto:redaktion@bote.example"}],
    },
    "agencies": {
        "agency_code_registered": [{"agency_code": "A P A"}],
        "kind_registered": [{"kind": "photo"}],
        "evidence_found": [{"evidence_found": False}],
        "country_pattern": [{"country": "Austria"}],
        "generic_without_country": [{"kind": "generic", "agency_code": "agencies"}],
        "editorial_without_country": [{"kind": "editorial", "agency_code": "editorial"}],
        "name_length": [{"agency_name": "x" * 121}],
        "evidence_length": [{"evidence": "x" * 201}],
    },
}
"""By table and rule: one change or several, each for a row of its own."""
