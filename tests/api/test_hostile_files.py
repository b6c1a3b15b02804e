"""Forms, tables and lines from somebody who wants to break us: all of it is read to its end, and nothing half-written."""

from tests.api.partner import BASE
from tests.api.spoiling import MALFORMED, VALUES
from tests.api.test_imports import line, lines, receipts, send, work
from tests.factories import packet
from tests.papers import PDF

__all__ = ["work"]
CSV = {"Content-Type": "text/csv"}
TABLE = "external_reference,patient_family_name,diagnosis_icd10cm\n"
ODD_CELLS = (
    "a\0b",
    "\x01",
    "x" * 5000,
    "=1+1",
    "\u2028",
    "\ufeff",
    "😀" * 60,
    "0000-00-00",
    "٣",
    "' OR 1=1 --",
    "\x85",
)


def test_lines_that_say_anything_at_all_get_a_receipt_each(lakeside, work):
    spoiled = [line(number, external_reference=value) for number, value in enumerate(VALUES, 2)]
    whole = lines(line(1), *spoiled) + b"\n".join(data for data in MALFORMED.values() if b"\0" not in data[:3])
    run = send(lakeside, whole).json
    work()
    told = lakeside.get(f"/imports/{run['id']}").json
    assert (told["status"], told["counts"]["lines"]) == ("done", told["lines"]), told
    assert receipts(lakeside, run)[0]["outcome"] == "accepted"


def test_cells_that_say_anything_at_all_get_a_receipt_each(lakeside, work):
    rows = "".join(f'"{cell}{number}","{cell}","{cell}"\n' for number, cell in enumerate(ODD_CELLS))
    run = send(lakeside, (TABLE + rows).encode(), CSV).json
    work()
    told = lakeside.get(f"/imports/{run['id']}").json
    assert (told["status"], told["counts"]["refused"]) == ("done", told["lines"]), told
    assert len(receipts(lakeside, run)) == len(ODD_CELLS)


def file(name: bytes) -> bytes:
    return b'--B\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\n\r\n' + PDF + b"\r\n"


KIND = b'--B\r\nContent-Disposition: form-data; name="kind"\r\n\r\npathology\r\n'
END = b"--B--\r\n"
FORMS = {
    "no end": KIND,
    "10,000 parts": KIND * 10_000 + END,
    "900 parts of other names": b"".join(KIND.replace(b"kind", b"f%d" % number) for number in range(900)) + END,
    "a huge name of a part": b'--B\r\nContent-Disposition: form-data; name="'
    + b"x" * 2_000_000
    + b'"\r\n\r\n\r\n'
    + END,
    "a huge field": KIND.replace(b"pathology", b"x" * 2_000_000) + END,
    "half a surrogate pair": KIND.replace(b"pathology", b"\xed\xa0\x80") + file(b"a.pdf") + END,
    "another character set": KIND.replace(b"\r\n\r\n", b"\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n") + END,
    "a part without a name": b"--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END,
    "a part without a header": b"--B\r\n\r\nx\r\n" + END,
    "a file that is a field": file(b"").replace(b'; filename=""', b"") + KIND + END,
    "a long beginning": b"x" * 3_000_000 + b"\r\n" + KIND + END,
}


def test_a_form_that_is_no_form_is_refused_and_keeps_no_file(app, lakeside, db):
    referral = lakeside.create(packet())
    path = f"/referrals/{referral['id']}/documents"
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=B"):
        forms = FORMS if content_type.endswith("=B") else {"a field": KIND}
        for name, data in ({"nothing": b""} | forms).items():
            answer = lakeside.post(path, data=data, headers={"Content-Type": content_type})
            assert answer.status_code in {413, 422}, (name, answer.text)
    assert lakeside.get(path).json["items"] == []
    for name in (
        b"../../etc/passwd.pdf",
        b"a\0b.pdf",
        b"x" * 9000 + b".pdf",
        b"\xff\xfe.pdf",
        "\u202efdp.exe".encode(),
    ):
        answer = lakeside.post(
            path, data=file(name) + KIND + END, headers={"Content-Type": "multipart/form-data; boundary=B"}
        )
        assert answer.status_code in {201, 422}, (name, answer.text)
        assert not set(answer.json.get("name", "")) & set("/\\\0"), answer.json


TOKEN_FORMS = {
    "a million fields": b"a=b&" * 1_000_000,
    "thousands of names": b"".join(b"a%d=&" % number for number in range(6000)),
    "bad escapes": b"grant_type=client_credentials&client_id=%zz%00&client_secret=%ff",
    "half a surrogate pair": b"grant_type=client_credentials&client_id=%ED%A0%80&client_secret=%00",
    "no UTF-8": b"grant_type=\xff\xfe",
    "no scope of ours": b"grant_type=client_credentials&client_id=x&client_secret=x&scope=%00+%F0%9F%A9%BA",
    "a long id": b"grant_type=client_credentials&client_id=" + b"x" * 60_000 + b"&client_secret=x",
    "an assertion of dots": b"grant_type=client_credentials&client_assertion_type=urn:ietf:params:oauth:"
    b"client-assertion-type:jwt-bearer&client_assertion=" + b"a." * 5000,
}


def test_the_token_door_refuses_whatever_it_is_sent(stranger):
    for path in ("/oauth/token", "/oauth/revoke"):
        for name, data in TOKEN_FORMS.items():
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = stranger.post(path, data=data, headers=form)
            assert answer.status_code in {400, 401, 413}, (path, name, answer.text)
            assert answer.json["error"].startswith("invalid_")
        for shown in ("Basic ////", "Basic gA==", "Basic " + "x" * 90_000, "Basic AAAA", "Digest x", "Bearer \xff"):
            answer = stranger.post(
                path, data=b"grant_type=client_credentials&token=x", headers=form | {"Authorization": shown}
            )
            assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


def test_a_method_is_what_the_request_says_and_nothing_overrides_it(lakeside):
    referral = lakeside.create(packet(submit=False))
    path = f"{BASE}/referrals/{referral['id']}"
    for method in ("TRACE", "CONNECT", "OPTIONS", "PROPFIND", "DELETE"):
        assert lakeside.http.open(path, method=method, headers=lakeside.headers()).status_code == 405
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        sent = {header: "PATCH", "If-Match": "*"}
        assert lakeside.post(f"{path}?_method=PATCH", {"summary": "x"}, headers=sent).status_code == 405
    assert lakeside.get(path).json == referral
