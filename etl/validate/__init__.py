"""Judge the staged rows of a day with Great Expectations and take the offenders out."""
