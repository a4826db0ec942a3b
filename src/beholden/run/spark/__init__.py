"""The Spark runner: the same readers in the executors of a Spark session (extra `spark`)."""
