"""What the warehouse holds and how it changes: statistics, warnings, drift, and the pages that show them."""
