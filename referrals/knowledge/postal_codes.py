"""How postal codes are written alike, so that a patient's is found in a table that a network has loaded."""

SYSTEM = "postal-codes"
# Five digits say where; what follows them in a ZIP+4 says which side of the street.
_ZIP = 5


def postal_key(country: str, code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    land = country.strip().upper()
    return f"{land} {plain[:_ZIP] if land == 'US' else plain}"
