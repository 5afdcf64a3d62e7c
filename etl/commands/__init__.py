"""The commands of `news-etl`, one module each; `etl/cli.py` puts them together."""
