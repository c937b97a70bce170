"""What is wrong with an answer, held against what was expected."""

from tests.contract.shapes import MISSING, at, code_of, is_one_of, misfits


def problems_of(response, content, expect):
    """What is wrong with an answer, in words.

    Args:
        response: the httpx response.
        content: its body as decoded.
        expect: the expectation, without placeholders.
    """
    if response.status_code not in expect.status:
        return [f"the status is {response.status_code}"]
    return [
        *misfits(expect.shape, content),
        *_wrong_code(expect, content),
        *_wrong_values(expect, content),
        *_wrong_lists(expect, content),
        *_missing(expect, response, content),
    ]


def _wrong_code(expect, content):
    if expect.code is not None and code_of(content) != expect.code:
        yield f"the code is {code_of(content)}"


def _wrong_values(expect, content):
    for pointer, wanted in expect.equal.items():
        found = at(pointer, content)
        if not is_one_of(wanted, found):
            yield f"{pointer} is {found!r} instead of {wanted!r}"


def _wrong_lists(expect, content):
    for pointer, number in expect.count.items():
        if len(at(pointer, content)) != number:
            yield f"{pointer} has {len(at(pointer, content))} entries instead of {number}"
    for pointer, wanted in expect.among.items():
        if not any(_has(entry, wanted) for entry in at(pointer, content) or []):
            yield f"{pointer} has no entry with {wanted}"


def _missing(expect, response, content):
    yield from (f"{it} is missing" for it in expect.has if at(it, content) is MISSING)
    yield from (f"the body does not say {it}" for it in expect.says if it not in response.text)
    for names in expect.headers:
        if not any(name in response.headers for name in names.split("|")):
            yield f"header {names} is missing"


def _has(entry, members):
    return all(is_one_of(value, at(f"/{name}", entry)) for name, value in members.items())
