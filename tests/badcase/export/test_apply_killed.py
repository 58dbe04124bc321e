"""A program that is killed at any statement of applying a patch has applied all of it or nothing, and one undo takes it back."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from badcase.project import Project
from badcase.store.judgments import Judgment
from badcase.store.verdicts import Verdict
from tests import warm

# One process forks a child for every statement, which is killed as that statement begins, and looks at what is left.
KILL = """
import json, os, shutil, signal, sys
from pathlib import Path
from badcase.project import Project

folder, patch = Path(sys.argv[1]), sys.argv[2]

def apply(number):
    project = Project.open(folder / "tried")
    left = [number]
    def trace(_statement):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
    project._store._connection.set_trace_callback(trace)
    project.apply(patch)
    os._exit(0)

killed, found = True, []
while killed:
    shutil.copytree(folder / "two", folder / "tried")
    child = os.fork()
    if not child:
        apply(len(found) + 1)
    killed = os.waitpid(child, 0)[1] == signal.SIGKILL
    with Project.open(folder / "tried") as project:
        def state():
            journal = project.journal
            return [len(project.classes), project.labels.tolist(), project.verdicts.tolist(), len(journal.by_reviewer())]
        one = {"killed": killed, "state": state()}
        if project.revision > 1:
            project.journal.undo()
            one["undone"] = state()
        found.append(one)
    shutil.rmtree(folder / "tried")
print(json.dumps(found))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_kill_at_any_statement_leaves_all_of_a_patch_or_nothing(tmp_path: Path) -> None:
    rows = [f"k{i},words {i * 7919},{'a;b' if i % 2 else 'c'}" for i in range(8)]
    (tmp_path / "t.csv").write_text("\n".join(["id,text,label", *rows]), encoding="utf-8")
    for name in ("one", "two"):
        with Project.create(tmp_path / name, tmp_path / "t.csv", task="multilabel") as project:
            if name == "two":
                project.journal.record([0], "exclude", who="eve")
                continue
            new = project.taxonomy.id_of("a;c"), project.taxonomy.id_of("")  # sets that are classes only here
            said = [Judgment(i, Verdict.RELABEL, new[0], "ann") for i in (0, 1, 2)]
            said += [Judgment(i, Verdict.RELABEL, new[1], "bob") for i in (2, 3)] + [Judgment(4, Verdict.UNSURE, who="bob")]
            project.journal.record_all(said)
            project.export(tmp_path / "c.patch", format="patch")
    done = warm.run("-c", KILL, str(tmp_path), str(tmp_path / "c.patch"))
    found = json.loads(done.stdout)
    before, after = found[0]["state"], found[-1]["state"]
    assert before[0] + 2 == after[0] and before[3] + 6 == after[3] and before[2] != after[2]
    assert [one["killed"] for one in found] == [True] * (len(found) - 1) + [False] and len(found) > 12
    for one in found[:-1]:
        assert one["state"] == before, "not one verdict and not one class before the whole is there"
    assert found[-1]["undone"][1:] == before[1:]
