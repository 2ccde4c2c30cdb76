"""Tables fit the terminal: columns are dropped, then cut, and wide characters take two cells."""

from __future__ import annotations

import pytest

from bridge.cli.output.table import cell_width, fitted, print_table

ROWS = [
    ("event", "delivery", "received", "hook", "lead", "to", "state"),
    ("evt_12", "dlv_14", "09:20:25", "signup", "lead7129@example.com", "trigger Welcome all", "delivered"),
    (
        "evt_13",
        "dlv_15",
        "09:20:26",
        "signup",
        "山田太郎@例え.example.com",
        "subscribe ニュースレター",
        "dead expired",
    ),
]


def printed(columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    print_table(ROWS, whole=[4], drop=[1])
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("columns", [60, 72, 80, 100])
def test_every_line_fits_and_columns_stay_in_line(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(columns, monkeypatch, capsys)
    assert max(map(cell_width, lines)) <= columns
    starts = {cell_width(line[: line.index("signup" if "signup" in line else "hook")]) for line in lines}
    assert len(starts) == 1


def test_at_80_columns_the_address_is_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(80, monkeypatch, capsys)
    assert "delivery" not in lines[0]
    assert "lead7129@example.com" in lines[1]
    assert "山田太郎@例え.example.com" in lines[2]
    assert "09:20:25" in lines[1]


def test_a_pipe_gets_everything(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(ROWS, whole=[4], drop=[1])
    shown = capsys.readouterr().out
    assert all(cell in shown for row in ROWS for cell in row)


def test_the_widest_columns_are_cut_first_and_those_to_keep_whole_last() -> None:
    assert fitted([10, 40, 20], 60, [0, 1, 2]) == [10, 26, 20]
    assert fitted([10, 12], 80, [0, 1]) == [10, 12]
    assert fitted([10, 30, 30], 60, [0, 1, 2], whole=[1]) == [10, 30, 16]
    assert fitted([10, 30, 30], 40, [0, 1, 2], whole=[1]) == [10, 14, 12]


def test_a_long_address_leaves_every_column_legible() -> None:
    assert fitted([5, 8, 52, 53, 20, 9], 80, range(6), whole=[3]) == [5, 8, 12, 24, 12, 9]
    assert fitted([5, 8, 52, 53, 20, 9], 55, range(6), whole=[3]) == [5, 8, 8, 8, 8, 8]
