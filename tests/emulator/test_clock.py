from datetime import UTC, datetime, timedelta

import pytest

from thegrid_emulator import Clock, serve


@pytest.fixture
def file(tmp_path):
    return tmp_path / "offset"


def seconds_ahead(clock):
    return (clock.now() - datetime.now(UTC)).total_seconds()


def test_a_clock_without_a_file_keeps_its_offset_to_itself():
    moved, other = Clock(), Clock()
    moved.advance(3600)
    assert seconds_ahead(moved) == pytest.approx(3600, abs=1)
    assert seconds_ahead(other) == pytest.approx(0, abs=1)


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_a_missing_or_empty_file_means_no_offset(file, content):
    if content is not None:
        file.write_text(content)
    assert Clock(file).offset_seconds == 0


def test_clocks_on_one_file_agree_at_once(file):
    writer, reader = Clock(file), Clock(file)
    writer.advance(90.5)
    assert reader.offset_seconds == 90.5
    reader.advance(-100)
    assert writer.offset_seconds == -9.5
    file.write_text("12.25\n")  # another program's hand
    assert writer.offset_seconds == reader.offset_seconds == 12.25
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("content", ["soon", "nan", "inf", "1 2"])
def test_a_file_with_anything_else_is_an_error_that_names_the_variable(file, content):
    file.write_text(content)
    with pytest.raises(ValueError, match="THEGRID_TEST_CLOCK: its file must hold a decimal"):
        Clock(file).now()


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 1e300, 1e12])
def test_a_clock_stays_within_the_calendar(seconds):
    clock = Clock()
    with pytest.raises(ValueError, match="must be a finite number"):
        clock.advance(seconds)
    assert clock.offset_seconds == 0


def test_a_clock_can_be_moved_to_a_moment():
    clock = Clock()
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    clock.move_to(moment)
    assert clock.now() - moment < timedelta(seconds=1)


def test_the_variable_names_the_file_that_the_emulator_shares(monkeypatch, file, http):
    file.write_text("86400")
    monkeypatch.setenv("THEGRID_TEST_CLOCK", str(file))
    with serve() as emulator:
        url = f"{emulator.platform}/_emulator/clock"
        assert http.get(url).json()["offset_seconds"] == 86400
        http.post(url, json={"advance_seconds": 0.5})
        assert float(file.read_text()) == 86400.5
        assert seconds_ahead(emulator.clock) == pytest.approx(86400.5, abs=1)
