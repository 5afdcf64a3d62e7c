"""news-corpus-etl: raw news article files in, validated Parquet tables out, day by day."""

__version__ = "0.1.0"
