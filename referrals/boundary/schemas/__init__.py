"""What partners may send: the shape, the type, the length and the words of every field."""
