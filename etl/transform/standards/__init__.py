"""The agency formats of the IPTC: one item becomes a page whose labels are known from the standard's own fields."""

NITF = "application/nitf+xml"
NEWSML = "application/vnd.iptc.g2.newsitem+xml"
NINJS = "application/ninjs+json"
MEDIA_TYPES = (NITF, NEWSML, NINJS)
"""Media types of the documents that are read here."""
