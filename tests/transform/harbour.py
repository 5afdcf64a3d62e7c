"""The article that the tests of related items set boxes below, beside and inside."""

HEADLINE = "Tollan closes its leaking lock for two years"
PARAGRAPHS = (
    (
        "The harbour board of Tollan decided on Tuesday to close the old lock for two years, because the gates have "
        "been leaking since the flood of last winter and divers found cracks in both of the sills."
    ),
    (
        "Barges will have to take the northern channel, which adds eleven kilometres to every trip. The skippers asked "
        "for lower fees in return, but the board put the question off until the summer."
    ),
    (
        "“We have been patching this lock since my father was the keeper,” said Ida Fennick, who runs the pump house. "
        "She expects the repair to cost twice as much as planned and to take a year longer."
    ),
    (
        "The town wants to keep the swing bridge open to walkers while the work goes on. A ferry for cyclists is to "
        "run from May, paid for by the region, which has set aside four hundred thousand crowns."
    ),
)
ARTICLE = "\n\n".join((HEADLINE, *PARAGRAPHS))
FIRST, SECOND = "Ferry to Aldersand gets a second boat", "Shipyard hires forty welders from abroad"
TEASER = "It will run every half hour in summer. The fares stay as they are."
