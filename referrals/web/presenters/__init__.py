"""Page objects: each has a name for every word that its template prints, so that templates only show."""
