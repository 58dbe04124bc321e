"""What programs for labelling write as JSON is read as they mean it, and gets corrections in their own form."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.export import export
from badcase.importing import understand
from badcase.progress import finish
from badcase.project import Project

TEXTS = [f"a text, number {i * 7919}, about {'goals' if i % 2 else 'votes'}" for i in range(16)]
LABELS = [("politics", "sport")[i % 2] for i in range(16)]
PAIRS = list(zip(TEXTS, LABELS, strict=True))


def write(path: Path, records: list[Any], **how: Any) -> Path:
    """As JSON lines or as a list, by the name."""
    text = "".join(json.dumps(one) + "\n" for one in records) if path.suffix == ".jsonl" else json.dumps(records, **how)
    path.write_text(text, encoding="utf-8")
    return path


def read(path: Path) -> list[Any]:
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else json.loads(text)


def corrected(data: Path, tmp_path: Path, **how: Any) -> tuple[Path, list[str]]:
    """Item 3 gets another class, item 5 is left out; the file as it comes out, and what was said at the import."""
    out = tmp_path / f"out{data.suffix}"
    with Project.create(tmp_path / "p", data, **how) as project:
        assert tuple(project.label_names) == ("politics", "sport")
        wanted = project.taxonomy.id_of("politics")
        assert project.classes[project.given[3]] == "sport"
        project.journal.record([3], "relabel", wanted)
        project.journal.record([5], "exclude")
        finish(export(project, out))
        return out, list(project.notes)


def doccano(text: str, label: str) -> dict[str, Any]:
    return {"id": TEXTS.index(text), "text": text, "label": [label], "Comments": []}


def spacy(text: str, label: str) -> dict[str, Any]:
    return {"text": text, "cats": {name: float(name == label) for name in ("politics", "sport")}}


def spacy_whole(text: str, label: str) -> dict[str, Any]:
    return {"cats": {name: name == label for name in ("politics", "sport")}, "text": text, "meta": {"n": 1}}


def prodigy_choice(text: str, label: str) -> dict[str, Any]:
    options = [{"id": name, "text": name.title()} for name in ("politics", "sport")]
    return {"text": text, "_input_hash": 1, "options": options, "accept": [label], "answer": "accept"}


def prodigy_binary(text: str, label: str) -> dict[str, Any]:
    return {"text": text, "_task_hash": 2, "label": label, "answer": "accept"}


def argilla_flat(text: str, label: str) -> dict[str, Any]:
    return {
        "id": text[-9:],
        "text": text,
        "label.responses": [label],
        "label.responses.users": ["u1"],
        "label.responses.status": ["submitted"],
        "label.suggestion": "sport",
        "label.suggestion.score": 0.9,
    }


def argilla_nested(text: str, label: str) -> dict[str, Any]:
    return {
        "fields": {"review": text},
        "metadata": {"page": 3},
        "suggestions": {"topic": {"value": "sport", "score": 0.7, "agent": "m"}},
        "responses": {"topic": [{"value": label, "user_id": "a"}, {"value": label, "user_id": "b"}]},
    }


def argilla_old(text: str, label: str) -> dict[str, Any]:
    discarded = {"user_id": "b", "status": "discarded", "values": {"topic": {"value": "sport"}}}
    given = {"user_id": "a", "status": "submitted", "values": {"topic": {"value": label}}}
    return {"fields": {"text": text}, "responses": [discarded, given], "suggestions": []}


def label_studio(text: str, label: str) -> dict[str, Any]:
    def answer(choice: str) -> list[dict[str, Any]]:
        return [{"value": {"choices": [choice]}, "from_name": "topic", "to_name": "text", "type": "choices"}]

    cancelled = {"id": 1, "result": answer("sport"), "was_cancelled": True}
    return {"id": TEXTS.index(text), "data": {"text": text}, "annotations": [cancelled, {"id": 2, "result": answer(label)}]}


def label_studio_bare(text: str, label: str) -> dict[str, Any]:
    return {"data": {"text": text}, "annotations": [{"result": [{"value": {"choices": [label]}}]}]}


def label_studio_min(text: str, label: str) -> dict[str, Any]:
    own = {"annotator": 1, "annotation_id": 3, "lead_time": 3.1}
    return {"id": TEXTS.index(text), "text": text, "sentiment": label, **own}


def nested(text: str, label: str) -> dict[str, Any]:
    return {"data": {"text": text, "tokens": [1, 2]}, "annotations": [{"who": "me", "label": label}, {"who": "you"}]}


# How each is written with another label.
WRITERS = [
    doccano,
    spacy,
    spacy_whole,
    prodigy_choice,
    prodigy_binary,
    argilla_flat,
    argilla_nested,
    argilla_old,
    label_studio,
    label_studio_bare,
    label_studio_min,
    nested,
]


@pytest.mark.parametrize("ending", [".jsonl", ".json"])
@pytest.mark.parametrize("writer", WRITERS, ids=lambda one: one.__name__)
def test_each_layout_gets_its_corrections_in_its_own_form(writer: Any, ending: str, tmp_path: Path) -> None:
    how = {"indent": 2} if ending == ".json" else {}
    data = write(tmp_path / f"t{ending}", [writer(*pair) for pair in PAIRS], **how)
    out, _notes = corrected(data, tmp_path)
    kept = [(text, "politics" if at == 3 else label) for at, (text, label) in enumerate(PAIRS) if at != 5]
    assert read(out) == [writer(*pair) for pair in kept]
    assert out.read_bytes() == write(tmp_path / f"expected{ending}", [writer(*pair) for pair in kept], **how).read_bytes()


def test_only_an_accepted_answer_of_prodigy_is_a_label(tmp_path: Path) -> None:
    records = [prodigy_binary(*pair) for pair in PAIRS]
    records[2]["answer"], records[9]["answer"], records[11]["answer"] = "reject", "ignore", "reject"
    data = write(tmp_path / "t.jsonl", records)
    with Project.create(tmp_path / "p", data) as project:
        assert len(project.items) == 13 and [bad.row for bad in project.set_aside] == [3, 10, 12]
        assert any(note.startswith("3 rows were answered with reject or ignore") for note in project.notes)


def test_the_answers_are_the_classes_where_prodigy_asks_for_one_label(tmp_path: Path) -> None:
    """As its binary interfaces do: a rejected row says something of the text too."""
    answers = [("accept", "reject")[i % 2] for i in range(16)]
    records = [prodigy_binary(text, "spam") | {"answer": answer} for text, answer in zip(TEXTS, answers, strict=True)]
    records[6]["answer"] = "ignore"
    with Project.create(tmp_path / "p", write(tmp_path / "t.jsonl", records)) as project:
        assert tuple(project.label_names) == ("accept", "reject") and [bad.row for bad in project.set_aside] == [7]
        assert any("the one label spam" in note for note in project.notes)
        project.journal.record([3], "relabel", project.taxonomy.id_of("accept"))
        finish(export(project, tmp_path / "o.jsonl"))
    records[3]["answer"] = "accept"
    assert read(tmp_path / "o.jsonl") == records


def test_ratings_of_label_studio_are_labels_and_stay_numbers(tmp_path: Path) -> None:
    def task(text: str, rating: int) -> dict[str, Any]:
        result = {"from_name": "stars", "to_name": "text", "type": "rating", "value": {"rating": rating}}
        return {"id": 1, "data": {"text": text}, "annotations": [{"id": 1, "result": [result]}]}

    records = [task(text, 1 + 4 * (i % 2)) for i, text in enumerate(TEXTS)]
    with Project.create(tmp_path / "p", write(tmp_path / "t.json", records)) as project:
        assert tuple(project.label_names) == ("1", "5")
        project.journal.record([3], "relabel", project.taxonomy.id_of("1"))
        finish(export(project, tmp_path / "o.json"))
    records[3] = task(TEXTS[3], 1)
    assert read(tmp_path / "o.json") == records


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([("choices", ["a"]), ("choices", ["b"])], "expected one of q0, q1"),
        ([("labels", ["PER"])], "hold no choices of whole texts or images, which are what badcase reviews, but labels."),
    ],
)
def test_tasks_of_label_studio_without_one_set_of_choices_say_what_they_hold(
    values: list[tuple[str, list[str]]], words: str, tmp_path: Path
) -> None:
    result = [{"from_name": f"q{at}", "type": kind, "value": {kind: chosen}} for at, (kind, chosen) in enumerate(values)]
    records = [{"data": {"text": text}, "annotations": [{"result": result}]} for text in TEXTS]
    with pytest.raises(BadcaseError, match="which column is the label") as refusal:
        Project.create(tmp_path / "p", write(tmp_path / "t.json", records))
    assert words in f"{refusal.value} {refusal.value.hint}"


def test_several_labels_of_a_layout_are_sets(tmp_path: Path) -> None:
    records = [prodigy_choice(*pair) for pair in PAIRS]
    records[0]["accept"] = ["sport", "politics"]
    cats = [spacy(*pair) for pair in PAIRS]
    cats[0]["cats"] = {"politics": 1.0, "sport": 1.0}
    for name, rows in (("a", records), ("b", cats)):
        data = write(tmp_path / f"{name}.jsonl", rows)
        with Project.create(tmp_path / f"p{name}", data, task="multilabel") as project:
            assert set(project.classes) == {"politics", "sport", "politics;sport"}
            project.journal.record([1], "relabel", project.taxonomy.id_of("politics;sport"))
            finish(export(project, tmp_path / f"o{name}.jsonl"))
        first, second = read(tmp_path / f"o{name}.jsonl")[:2]
        assert first == rows[0]
        given = second["accept"] if name == "a" else [label for label, value in second["cats"].items() if value]
        assert sorted(given) == ["politics", "sport"]


@pytest.mark.parametrize("writer", [argilla_nested, label_studio], ids=lambda one: one.__name__)
def test_annotators_who_disagree_give_no_label(writer: Any, tmp_path: Path) -> None:
    records = [writer(*pair) for pair in PAIRS]
    if writer is argilla_nested:
        records[4]["responses"]["topic"][1]["value"] = "sport"
    else:
        records[4]["annotations"].append({"id": 9, "result": [{"value": {"choices": ["sport"]}, "from_name": "topic"}]})
    with Project.create(tmp_path / "p", write(tmp_path / "t.json", records)) as project:
        assert np.flatnonzero(project.given < 0).tolist() == [4] and not project.set_aside
        assert any("disagree" in note for note in project.notes)


def test_suggestions_are_no_labels(tmp_path: Path) -> None:
    records = [argilla_flat(*pair) for pair in PAIRS]
    records[7]["label.responses"] = None
    with Project.create(tmp_path / "p", write(tmp_path / "t.jsonl", records)) as project:
        assert np.flatnonzero(project.given < 0).tolist() == [7] and not project.set_aside


@pytest.mark.parametrize(
    "label",
    [
        [[0, 6, "PER"], [8, 14, "ORG"]],
        [{"start": 0, "end": 6, "label": "PER"}],
        [{"start_offset": 0, "end_offset": 6, "label": "PER"}],
    ],
)
def test_labels_of_spans_are_refused_in_true_words(label: list[Any], tmp_path: Path) -> None:
    key = "label" if isinstance(label[0], list) else "entities"
    for others in ({}, {"_input_hash": 1, "answer": "accept"}):  # the latter of Prodigy, whose answer is no label
        data = write(tmp_path / "t.jsonl", [{"text": text, key: label} | others for text in TEXTS])
        with pytest.raises(BadcaseError, match="spans inside the texts"):
            understand(data)
    data = write(tmp_path / "t.jsonl", [{"text": text, "label": name, "entities": label} for text, name in PAIRS])
    assert understand(data).columns.label == "label"


FLAT = [{"text": text, "label": label} for text, label in PAIRS]


@pytest.mark.parametrize(
    "document",
    [
        json.dumps(FLAT),
        json.dumps({"version": 1, "data": FLAT}, indent=1),
        "".join(json.dumps(one) + "\n" for one in FLAT),
        "\n\n".join(json.dumps(one, indent=2) for one in FLAT),
        json.dumps({"train": FLAT[:10], "test": FLAT[10:]}),
    ],
)
def test_a_json_file_is_read_in_every_form_that_holds_objects(document: str, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(document, encoding="utf-8")
    out, _notes = corrected(tmp_path / "t.json", tmp_path)
    one, other = (json.dumps(FLAT[at])[1:-1] for at in (3, 5))
    text = out.read_text(encoding="utf-8")
    assert TEXTS[5] in document and TEXTS[5] not in text and len(text) < len(document) and one not in text and other not in text
    with Project.create(tmp_path / "again", out) as project:
        assert len(project.items) == 15 and project.classes[project.given[3]] == "politics"


@pytest.mark.parametrize("document", [json.dumps(FLAT), "\n".join(json.dumps(one, indent=1) for one in FLAT)])
def test_a_list_under_the_name_of_json_lines_is_read_as_one(document: str, tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text(document, encoding="utf-8")
    with Project.create(tmp_path / "p", tmp_path / "t.jsonl") as project:
        assert len(project.items) == 16
        project.journal.record([3], "relabel", 0)
        finish(export(project, tmp_path / "o.jsonl"))
    expected = document.replace(TEXTS[3], "\0", 1)
    at = expected.index("\0")
    expected = expected[:at] + expected[at:].replace("sport", "politics", 1)
    assert (tmp_path / "o.jsonl").read_text(encoding="utf-8") == expected.replace("\0", TEXTS[3])


def test_a_list_loses_the_first_or_the_last_of_its_objects_with_its_comma(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(json.dumps(FLAT, indent=1), encoding="utf-8")
    with Project.create(tmp_path / "p", tmp_path / "t.json") as project:
        project.journal.record([0, 1, 15], "exclude")
        finish(export(project, tmp_path / "o.json"))
    assert (tmp_path / "o.json").read_text(encoding="utf-8") == json.dumps(FLAT[2:15], indent=1)


@pytest.mark.parametrize(
    "document",
    [
        {"text": {str(i): t for i, t in enumerate(TEXTS)}, "label": {str(i): t for i, t in enumerate(LABELS)}},
        {str(i): {"text": t, "label": n} for i, (t, n) in enumerate(PAIRS)},
        {"columns": ["text", "label"], "index": list(range(16)), "data": [list(pair) for pair in PAIRS]},
        {"text": TEXTS, "label": LABELS},
        [["text", "label"], *map(list, PAIRS)],
        {"images": [{"id": 1}], "rows": FLAT},
    ],
)
def test_json_of_another_form_comes_with_the_line_that_converts_it(
    document: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(BadcaseError) as refusal:
        understand(tmp_path / "t.json")
    exec(refusal.value.hint.split("Convert it: ", 1)[1], {})  # the words of the program itself
    assert Path("t.jsonl").exists() and ("images" in document or understand(tmp_path / "t.jsonl").count == 16)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([0, 1], "0"),
        ([float("nan"), 1, 0, None], "0"),
        ([0.0, 1.0], "0.0"),
        ([True, False], "false"),
        ([True, False, None], "false"),
        (["0", "1"], '"0"'),
        ([2**70, 1], "1"),
        ([1, "zero"], '"zero"'),
    ],
)
def test_a_label_is_written_with_the_json_type_of_its_column(values: list[Any], wanted: str, tmp_path: Path) -> None:
    rows = [{"text": text, "label": values[i % len(values)]} for i, text in enumerate(TEXTS)]
    data = write(tmp_path / "t.jsonl", rows)
    with Project.create(tmp_path / "p", data) as project:
        new = [at for at, name in enumerate(project.classes) if name.lower() == wanted.strip('"').removesuffix(".0")]
        item = next(at for at in range(len(project.items)) if project.given[at] != new[0])
        project.journal.record([item], "relabel", new[0])
        row = project.items.row(item)
        finish(export(project, tmp_path / "o.jsonl"))
    before, after = data.read_text().splitlines(), (tmp_path / "o.jsonl").read_text().splitlines()
    assert [at for at, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]] == [row - 1]
    assert after[row - 1].endswith(f'"label": {wanted}}}')


@pytest.mark.parametrize("whole", [True, False])
def test_the_csv_of_label_studio_holds_one_choice_or_several(whole: bool, tmp_path: Path) -> None:
    """Also where somebody kept only the columns that matter."""

    def lines(labels: list[list[str]]) -> list[str]:
        cells = [one[0] if len(one) == 1 else json.dumps({"choices": one}).replace('"', '""') for one in labels]
        before, between = ("{i},1,{i},", "2.5,") if whole else ("", "")
        pairs = enumerate(zip(cells, TEXTS, strict=True))
        return [f'{before.format(i=i)}"{cell}",{between}"{text}"' for i, (cell, text) in pairs]

    header = "annotation_id,annotator,id,topic,lead_time,text" if whole else "topic,text"
    labels = [[label] for label in LABELS]
    labels[4] = ["politics", "sport"]
    (tmp_path / "t.csv").write_text("\n".join([header, *lines(labels)]), encoding="utf-8")
    with Project.create(tmp_path / "p", tmp_path / "t.csv", task="multilabel", label="topic") as project:
        assert tuple(project.label_names) == ("politics", "sport")
        project.journal.record([4, 7], "relabel", [project.taxonomy.id_of("sport"), project.taxonomy.id_of("politics;sport")])
        finish(export(project, tmp_path / "o.csv"))
    labels[4], labels[7] = ["sport"], ["politics", "sport"]
    written = csv.reader((tmp_path / "o.csv").read_text(encoding="utf-8").splitlines())
    assert list(written) == list(csv.reader([header, *lines(labels)]))


@pytest.mark.parametrize("half", ["\\ud83d", "\\uD83D", "\\udc4d\\ud83d", "\\ud83d\\ud83d\\udc4d"])
@pytest.mark.parametrize("name", ["t.jsonl", "t.json"])
def test_half_a_character_in_a_text_is_a_mark_there_and_stays_in_the_file(half: str, name: str, tmp_path: Path) -> None:
    data = write(tmp_path / name, [{"text": text, "label": label, "by": {"who": text}} for text, label in PAIRS])
    data.write_text(data.read_text("utf-8").replace(TEXTS[3], TEXTS[3] + half), encoding="utf-8")
    with Project.create(tmp_path / "p", data) as project:
        assert len(project.items) == 16 and project.items.text(3).startswith(TEXTS[3] + "\ufffd")
        project.journal.record([3], "relabel", project.taxonomy.id_of("politics"))
        finish(export(project, tmp_path / "out"))
    before = data.read_text("utf-8")
    at = before.index(half)
    assert (tmp_path / "out").read_text("utf-8") == before[:at] + before[at:].replace('"sport"', '"politics"', 1)
