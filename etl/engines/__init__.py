"""Ways to run the stages of a day outside Airflow."""
