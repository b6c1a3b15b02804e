"""A backup is one folder: the database, the documents, and a list of both with their fingerprints."""
