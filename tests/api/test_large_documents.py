"""A large document goes through the service piece by piece."""

import tracemalloc

from tests.factories import packet
from tests.papers import PDF, form


def test_a_large_file_goes_through_in_little_memory(lakeside):
    """Asked of the application itself, so that what a server and a socket hold does not count."""
    big = PDF.ljust(24 << 20, b" ")
    document = lakeside.post(f"/referrals/{lakeside.create(packet())['id']}/documents", **form(big)).json
    assert document["size"] == len(big)
    tracemalloc.start()
    answer = lakeside.http.get(
        f"/api/v1/documents/{document['id']}/content", headers=lakeside.headers(), buffered=False
    )
    assert sum(len(piece) for piece in answer.iter_encoded()) == len(big)
    answer.close()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20
