"""Duplicates are found, and different things are not joined."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.items.images import examine
from badcase.items.twins.image_twins import image_twins
from badcase.items.twins.joining import _WINDOW, agreeing
from badcase.items.twins.text_twins import _normal, _normals, text_twins
from tests.badcase.importing.importing import encoded, imported, photo


def test_the_planted_duplicates_of_the_hand_signs_are_found_and_no_others(shared_data: Path, tmp_path: Path) -> None:
    data = shared_data / "signdigits_planted.zip"
    items, _result = imported(data, tmp_path / "p")
    with zipfile.ZipFile(data) as archive:
        truth = list(csv.DictReader(io.TextIOWrapper(archive.open("truth.csv"), "utf-8")))
    planted = {(items.find(row["file"]), items.find(row["copy_of"])) for row in truth if row["copy_of"]}
    found = sum(items.twins[copy] == items.twins[source] for copy, source in planted)
    joined = int((items.twins != np.arange(items.n)).sum())
    assert (found, joined) == (45, 45), f"{found} of {len(planted)} found, {joined - found} others joined"


def test_flat_images_are_twins_only_when_they_are_the_same_file() -> None:
    from PIL import Image

    flat = [encoded(Image.new("RGB", (32, 32), (shade,) * 3)) for shade in (10, 10, 120, 240)]
    thumbs = np.stack([examine(raw)[0].thumb for raw in flat])
    assert image_twins([str(hash(raw)) for raw in flat], thumbs).tolist() == [0, 0, 2, 3]


def test_an_image_saved_again_smaller_is_a_twin() -> None:
    raw = [photo(seed, size=(160, 120), format="PNG") for seed in range(40)] + [photo(7, size=(80, 60))]
    thumbs = np.stack([examine(one)[0].thumb for one in raw])
    assert image_twins([str(i) for i in range(41)], thumbs).tolist() == [*range(40), 7]


def test_the_search_for_twins_takes_little_more_memory_than_the_thumbnails() -> None:
    """All of them were standardized at once, in numbers of four and eight bytes: more than a gigabyte at 200,000."""
    thumbs = np.random.default_rng(0).integers(0, 256, (10_000, 16, 16), dtype=np.uint8)
    thumbs[9_000:] = thumbs[:1_000] // 2 + 60
    tracemalloc.start()
    try:
        found = image_twins([str(i) for i in range(10_000)], thumbs)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.tolist() == [*range(9_000), *range(1_000)]
    assert most < 12 * thumbs.nbytes


def test_texts_that_differ_in_case_and_marks_are_twins_and_other_sentences_are_not() -> None:
    texts = [
        "The market closed higher on Friday after a quiet week of trading in Tokyo.",
        "The market closed lower on Monday; analysts expect more losses soon.",
        "the market closed higher on friday, after a quiet week of trading in tokyo",
        "The market closed higher on Friday after a quiet week of trading in Tokyo (Reuters).",
        "今天的天气很好",
        "今天的天气很差",
        "ok",
        "OK!",
        "no",
    ]
    assert text_twins(texts).tolist() == [0, 1, 0, 0, 4, 5, 6, 6, 8]


def test_many_short_texts_on_one_pattern_stay_apart() -> None:
    texts = [f"order {i * 7919}" for i in range(2000)]
    assert np.array_equal(text_twins(texts), np.arange(2000))


@given(st.lists(st.text("aB \0\t.,é本\n", max_size=6), max_size=12))
@settings(max_examples=100, deadline=None)
def test_many_texts_are_made_comparable_as_each_of_them_is(texts: list[str]) -> None:
    assert _normals(texts) == [_normal(text) for text in texts]


@pytest.mark.parametrize(("n", "kinds"), [(0, 1), (1, 1), (2_000, 2_000), (2_000, 30), (900, 1)])
def test_pairs_that_agree_are_those_of_rows_in_the_order_of_both_words(n: int, kinds: int) -> None:
    """Few that are equal are all compared; of many, neighbours in the order of the following word, ties by row."""
    words = np.random.default_rng(n + kinds).integers(kinds, size=(n, 3))
    words[: n // 50] = np.iinfo(np.int64).min
    wanted = set()
    for band in range(3):
        order = np.lexsort((words[:, (band + 1) % 3], words[:, band]))
        for step in range(1, _WINDOW):
            for one, other in zip(order.tolist(), order[step:].tolist(), strict=False):
                if words[one, band] == words[other, band]:
                    wanted.add((min(one, other), max(one, other)))
    found = agreeing(words, lambda pairs: np.ones(len(pairs), np.bool_))
    assert list(map(tuple, found.tolist())) == sorted(wanted)
