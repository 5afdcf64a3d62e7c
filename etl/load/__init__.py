"""Merge a day's rows into its Parquet files and publish them as one snapshot."""
