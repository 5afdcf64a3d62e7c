"""Load: account for every document, merge the day's part files, publish all tables of the day in one step."""
