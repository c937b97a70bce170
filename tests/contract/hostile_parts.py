"""What makes a request wrong, whatever else it says."""

from urllib.parse import quote

MARK = "a value that is replaced"
NO_VALUES = (
    ("an object", '{"a": [null]}'),
    ("lists", "[[[]]]"),
    ("a huge integer", "9" * 4000),
    ("more digits than Python reads", "9" * 5000),
    ("a huge exponent", "1e999999999999999999"),
    ("a tiny exponent", "1e-999999999"),
    ("no number", "NaN"),
    ("endless", "-Infinity"),
    ("half a surrogate", '"\\ud800"'),
)

CONTENT_TYPES = (
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "text/plain; charset=utf-7",
    "application/json; charset=utf-16",
    "*/*",
)

_CURSORS = ["***", "%00", "eyJpZCI6", quote("é"), "bm8gY3Vyc29y", "x" * 5000, "%ff%fe"]
_PAGES = [
    ("next", _CURSORS),
    ("prev", _CURSORS),
    ("limit", ["-1", "0", "x", "1.5", "1e3", "%00"]),
    ("order_by", ["colour", "__class__", "%00"]),
    ("order_direction", ["sideways", "%00"]),
]
_TIMES = [(name, ["yesterday", "%00", "1e400"]) for name in ("start_datetime", "end_datetime")]
STRICT_QUERIES = {
    "GET /orders": [*_PAGES, *_TIMES],
    "GET /trades": [*_PAGES, *_TIMES],
    "GET /instruments": _PAGES,
    "GET /transfer-histories": _PAGES,
    "GET /trading-accounts": _PAGES,
    "GET /usage": _PAGES,
    "GET /markets/{id}/orderbook": [("depth", ["0", "-1", "101", "x", "9" * 5000])],
    "GET /usage/summary": [("group_by", ["colour"]), ("from", ["yesterday", "%00"])],
    "GET /consumption/stats": [("filters[0][field]", ["date", "%00"])],
    "GET /oauth/scopes": [("client_id", ["%00", "%ff", "x" * 5000])],
}
NO_HTTP = (
    ("no HTTP", lambda _: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    ("an empty line", lambda _: b"\r\n\r\n\r\n\r\nnothing\r\n\r\n"),
    ("a version that is none", lambda it: b"GET " + it.target + b" HTTP/nine\r\nhost: x\r\n\r\n"),
    (
        "a target beyond ASCII",
        lambda it: b"GET " + it.target + b"\xc3\xa9 HTTP/1.1\r\nhost: x\r\n\r\n",
    ),
    ("no host", lambda it: b"GET " + it.target + b" HTTP/1.1\r\n\r\n"),
    (
        "a header without a name",
        lambda it: b"GET " + it.target + b" HTTP/1.1\r\nhost: x\r\n: y\r\n\r\n",
    ),
    (
        "a NUL in a header",
        lambda it: b"GET " + it.target + b" HTTP/1.1\r\nhost: x\r\na: \0\r\n\r\n",
    ),
    ("a blank in the target", lambda it: b"GET " + it.target + b" x HTTP/1.1\r\nhost: x\r\n\r\n"),
    (
        "two lengths",
        lambda it: (
            b"POST " + it.target + b" HTTP/1.1\r\nhost: x\r\n"
            b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}"
        ),
    ),
    (
        "a length that is none",
        lambda it: b"POST " + it.target + b" HTTP/1.1\r\nhost: x\r\ncontent-length: -2\r\n\r\n{}",
    ),
    (
        "chunks that are none",
        lambda it: (
            b"POST " + it.target + b" HTTP/1.1\r\nhost: x\r\n"
            b"transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"
        ),
    ),
    (
        "a header without an end",
        lambda it: b"GET " + it.target + b" HTTP/1.1\r\nhost: x\r\na: " + b"x" * 100_000,
    ),
)
