"""Broken images and texts are found where they are planted; ordinary ones, of any language, are left alone."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from badcase.importing.content import Contents
from badcase.items.image_measures import lines_of, sharpness
from badcase.items.seen_images import SEEN, look
from badcase.items.text_measures import text_measures
from badcase.scorers import SCORERS, BadCase, Evidence, score_all, speaking
from badcase.scorers.reasons import Names
from tests.badcase.importing.importing import imported, photo


def found(evidence: Evidence) -> dict[str, list[int]]:
    """The items that each scorer speaks of."""
    return {name: np.flatnonzero(mask).tolist() for name, mask in speaking(score_all(evidence)).items()}


def of_images(raws: list[bytes]) -> dict[str, list[int]]:
    records = [record for record in look([("", raw) for raw in raws]) if isinstance(record, bytes)]
    measures = Contents(seen=np.frombuffer(b"".join(records), SEEN)).measures()
    return found(Evidence(np.zeros(len(raws), np.int64), images=measures))


def of_texts(texts: list[str]) -> dict[str, list[int]]:
    return found(Evidence(np.zeros(len(texts), np.int64), texts=text_measures(texts)))


def png(image: Image.Image) -> bytes:
    raw = io.BytesIO()
    image.save(raw, "PNG")
    return raw.getvalue()


def photos(n: int) -> list[bytes]:
    """Images with fine texture, as a photograph has."""
    smooth = [np.asarray(Image.open(io.BytesIO(photo(seed, size=(96, 96), format="PNG")))) for seed in range(n)]
    grain = np.random.default_rng(0).normal(0, 12, (n, 96, 96, 3))
    return [png(Image.fromarray(np.clip(one + more, 0, 255).astype(np.uint8))) for one, more in zip(smooth, grain, strict=True)]


def changed(raw: bytes, change: object) -> bytes:
    return png(change(Image.open(io.BytesIO(raw)).convert("RGB")))  # type: ignore[operator]


def test_images_of_any_sizes_are_measured_together_as_each_alone() -> None:
    rng = np.random.default_rng(0)
    sizes = [(1, 1), (2, 1), (1, 3), (40, 200), (3, 2), (64, 64), (301, 7), (1, 90)]
    images = [rng.integers(0, 256, size).astype(np.uint8) for size in sizes]

    def alone(shades: np.ndarray) -> float:
        steps, bends = (
            sum(float((np.diff(lines.astype(float), order, axis=1) ** 2).sum()) for lines in lines_of(shades)) for order in (1, 2)
        )
        return float(np.sqrt(bends / (steps or 1)))

    assert sharpness([lines_of(one) for one in images]) == pytest.approx([alone(one) for one in images], rel=1e-6)


def test_each_way_to_break_an_image_is_found_by_its_scorer_and_sound_images_by_none() -> None:
    sound = photos(60)
    assert not any(of_images(sound).values())
    broken = {
        "blank": png(Image.new("RGB", (96, 96), (90, 90, 90))),
        "dark": changed(sound[0], lambda image: image.point(lambda v: v // 12)),
        "bright": changed(sound[1], lambda image: image.point(lambda v: 236 + v // 14)),
        "blurred": changed(sound[2], lambda image: image.filter(ImageFilter.GaussianBlur(4))),
        "odd_size": changed(sound[3], lambda image: image.resize((12, 12))),
        "odd_shape": changed(sound[4], lambda image: image.resize((400, 60))),
    }
    spoken = of_images(sound + list(broken.values()))
    for place, name in enumerate(broken):
        assert 60 + place in spoken[name], name
        assert set(spoken[name]) == {60 + place}, name


def test_a_set_of_dark_or_blurred_images_has_no_odd_ones_among_them() -> None:
    night = [changed(raw, lambda image: image.point(lambda v: v // 12)) for raw in photos(40)]
    spoken = of_images(night)
    assert not any(spoken[name] for name in ("dark", "low_information", "blurred", "odd_size", "odd_shape"))


def test_what_is_planted_in_the_hand_signs_is_found_and_hardly_anything_else(
    shared_data: Path, tmp_path: Path, record_property: object
) -> None:
    data = shared_data / "signdigits_planted.zip"
    items, _result = imported(data, tmp_path / "p")
    with zipfile.ZipFile(data) as archive:
        truth = list(csv.DictReader(io.TextIOWrapper(archive.open("truth.csv"), "utf-8")))
    case = Evidence(items.given.astype(np.int64), copies=items.copies, twins=items.twins, images=items.measures)
    spoken = found(case)
    by_issue = {
        "blank": ("blank",),
        "dark": ("dark",),
        "bright": ("bright",),
        "blurry": ("blurred",),
        "exact_dup": ("copy",),
        "odd_size": ("odd_size", "odd_shape"),
        "near_dup": ("twin",),
        "dup_conflict": ("conflict",),
    }
    for issue, names in by_issue.items():
        rows = [row for row in truth if row["issue"] == issue]
        planted = {items.find(row["file"]) for row in rows}
        sources = {items.find(row["copy_of"]) for row in rows if row["copy_of"]}
        told = {item for name in names for item in spoken[name]}
        recall, precision = len(told & planted) / len(planted), len(told & (planted | sources)) / max(len(told), 1)
        record_property("figure", f"{issue}: recall {recall:.3f}, precision {precision:.3f}")  # type: ignore[operator]
        assert recall >= 0.9 and precision >= 0.9, issue
    assert spoken["low_information"] == []


def test_in_two_thousand_photographs_hardly_one_is_called_junk(shared_data: Path) -> None:
    with zipfile.ZipFile(shared_data / "cifar10_test_images.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))[:2000]
        spoken = of_images([archive.read(name) for name in names])
    assert sum(map(len, spoken.values())) <= 2, spoken


ORDINARY = [
    "The market closed higher on Friday after a quiet week.",
    "Where can I withdraw money from?",
    "It’s “fine” – I’d say…",
    "Les élèves ont déjà été là-bas, voilà !",
    "¿Dónde está la estación de Ñuñoa?",
    "Great product 🙂🙂, 5/5!!!",
    "Order #4471-B shipped on 2024-03-01",
    "naïve café, 100 % pure",
    "Über die Brücke nach Köln",
    "SÃO PAULO É GRANDE",
] * 3


@pytest.mark.parametrize(
    ("text", "scorer", "words"),
    [
        ("!!! ??? ---", "no_words", "no letter and no digit"),
        ("x", "too_short", "1 characters"),
        ("word " * 200, "too_long", "1000 characters"),
        ("Ã¼ber die BrÃ¼cke nach KÃ¶ln", "garbled", "decoded wrongly"),
        ("Itâ€™s a nice day for a walk", "garbled", "decoded wrongly"),
        ("caf\ufffd au lait, cr\ufffdme", "garbled", "decoded wrongly"),
        ("ä½ å¥½ä¸–ç•Œ", "garbled", "decoded wrongly"),
        ("aaaaaaaaaaaaaaaaaaaaaaa", "garbled", "repeats one letter"),
        ("@@##$$%%^^ abcde &&**((!!~~ $$%%", "garbled", "neither letter nor digit"),
        ("Где находится ближайший банкомат?", "other_script", "Cyrillic"),
        ("今天的天气很好我们去公园", "other_script", "Chinese"),
        ("Frее mоnеy fоr уou", "other_script", "Latin and Cyrillic"),
    ],
)
def test_a_broken_text_among_ordinary_ones_is_found_and_its_sentence_says_how(text: str, scorer: str, words: str) -> None:
    assert not any(of_texts(ORDINARY).values())
    spoken = of_texts([*ORDINARY, text])
    at = len(ORDINARY)
    assert {name: items for name, items in spoken.items() if items} == {scorer: [at]}
    case = Evidence(np.zeros(at + 1, np.int64), texts=text_measures([*ORDINARY, text]))
    assert words in SCORERS[scorer].explain(at, 0.9, case, Names()).text


@pytest.mark.parametrize("name", ["thucnews_zh", "agnews_test", "banking77", "tnews_zh"])
def test_of_real_texts_in_either_language_only_damaged_ones_are_called_junk(shared_data: Path, name: str) -> None:
    """27 of the 10,000 Chinese titles really lost a character to a wrong decoding; "Welcome to ONO!" is no Chinese."""
    with gzip.open(shared_data / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    spoken = of_texts(texts)
    junk = {item for kind, items in spoken.items() if SCORERS[kind].finds is BadCase.JUNK for item in items}
    damaged = {item for item, text in enumerate(texts) if "\ufffd" in text}
    english = {item for item, text in enumerate(texts) if name == "tnews_zh" and text.isascii()}
    assert junk == damaged | (junk & english)
