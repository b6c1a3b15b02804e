"""Email addresses: whether something looks like one, which is all that can be known before a letter arrives."""


def address_like(email: str) -> bool:
    name, at, host = email.partition("@")
    return bool(name and at and host) and not any(letter.isspace() for letter in email) and "@" not in host
