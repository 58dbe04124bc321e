"""Files and folders that belong together appear together, or what was there stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from badcase.store.atomic_files import replace_together


def fresh_and_old(at: Path) -> list[tuple[Path, Path]]:
    """A finished folder and a finished file, each with one of an earlier time at its place."""
    pairs = [(at / "fresh_folder", at / "images"), (at / "fresh_file", at / "t.csv")]
    for folder in (at / "fresh_folder", at / "images"):
        folder.mkdir()
        (folder / "1.jpg").write_text(folder.name)
    (at / "fresh_file").write_text("new")
    (at / "t.csv").write_text("old")
    return pairs


def test_all_are_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    replace_together(fresh_and_old(tmp_path))
    assert (tmp_path / "images" / "1.jpg").read_text() == "fresh_folder" and (tmp_path / "t.csv").read_text() == "new"
    assert {path.name for path in tmp_path.iterdir()} == {"images", "t.csv"}


@pytest.mark.parametrize("fails", ["fresh_folder", "fresh_file"])
def test_where_one_cannot_be_placed_all_stay_as_they_were(fails: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs, replace = fresh_and_old(tmp_path), Path.replace

    def failing(self: Path, target: Path) -> Path:
        if self.name == fails:
            raise OSError("the disk has gone")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OSError, match="the disk has gone"):
        replace_together(pairs)
    assert (tmp_path / "images" / "1.jpg").read_text() == "images" and (tmp_path / "t.csv").read_text() == "old"
    assert (tmp_path / "fresh_file").read_text() == "new" and (tmp_path / "fresh_folder" / "1.jpg").exists()


def test_a_folder_goes_where_a_file_was_and_a_file_where_a_folder_was(tmp_path: Path) -> None:
    (folder, images), (file, table) = fresh_and_old(tmp_path)
    replace_together([(folder, table), (file, images)])
    assert table.is_dir() and images.read_text() == "new"
    assert {path.name for path in tmp_path.iterdir()} == {"images", "t.csv"}
