"""A list of parties that the user keeps."""
