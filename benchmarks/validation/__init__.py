"""What validating a day costs and whether it finds exactly what is wrong, beside the same rules as SQL."""
