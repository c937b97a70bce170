"""Other intervals for the keys of a whole account whose rest stays, on the real Pulumi CLI."""

import pytest

pytestmark = pytest.mark.engines

DAY = 86400
THE_REST = ("bid", "units", "account")


@pytest.fixture
def rotated(stack, in_accord):
    """Run `up` with an interval, and tell which keys it rotated; the rest has to be as it was."""
    seen = {}

    def rotated(interval):
        stack.config({"wish:rotateAfter": interval})
        stack.up()
        state = in_accord(stack)
        rest = [state[name] for name in THE_REST]
        assert seen.setdefault("the rest", rest) == rest
        ids = {name: state[name]["key_id"] for name in ("ci", "desk")}
        changed = {name for name in ids if ids[name] != seen.get(name)}
        seen.update(ids)
        return changed

    return rotated


def test_a_longer_interval_spares_the_keys_and_a_shorter_one_rotates_them(
    stack, market, world, rotated
):
    assert rotated("14d") == {"ci", "desk"}
    market.advance(10 * DAY)
    assert rotated("20d") == set()
    market.advance(5 * DAY)
    stack.preview("--expect-no-changes")  # although the fourteenth day has passed
    assert rotated("12d") == {"ci", "desk"}
    assert world().counts()[:2] == (2, 2)
    stack.preview("--expect-no-changes")

    market.advance(2 * DAY + 60)
    assert rotated("60d") == set(), "made for 12 days, a consumption key lives for 26"
    assert world().counts()[:2] == (1, 1)
    market.advance(22 * DAY)
    assert rotated("60d") == {"ci"}, "before it dies; a trading key never does"
    market.advance(2 * DAY + 60)
    assert rotated("60d") == set()
    assert world().counts()[:2] == (1, 1)
    stack.destroy()
