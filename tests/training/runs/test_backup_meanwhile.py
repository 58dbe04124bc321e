"""A backup beside a training, at whatever moment: it is whole, opens, and the training that it caught can go on from it."""

from __future__ import annotations

import shutil
from pathlib import Path

from badcase.mending.check_up import Soundness, check_up
from badcase.mending.whole_copy import backing_up, restoring
from badcase.progress import finish
from badcase.project import Project
from badcase.store.run_table import RunState
from badcase.training.recipe import Recipe
from badcase.training.runs.resume import resume_in_steps
from badcase.training.runs.train import train_in_steps
from tests.projects import write_texts


def test_a_backup_at_any_moment_of_a_training_opens_and_the_training_goes_on_from_it(tmp_path: Path) -> None:
    write_texts(tmp_path / "texts.csv", 36)
    with Project.create(tmp_path / "p", tmp_path / "texts.csv") as project:
        project.predict("chargrams")
        project.journal.record([3, 4], "exclude")
        copy, again, caught, kept, steps = tmp_path / "copy.zip", tmp_path / "again", [], [], 0
        job = train_in_steps(project, Recipe(epochs=3, head_epochs=1, batch_size=16))
        try:
            while True:
                next(job)
                steps += 1
                if steps > 4 and steps % (24 if len(project.runs.all()) < 2 else 3):
                    continue
                finish(backing_up(project.path, copy, overwrite=True))
                shutil.rmtree(again, ignore_errors=True)
                finish(restoring(copy, again))
                with Project.open(again, read_only=True) as restored:
                    assert restored.verdicts.tolist() == project.verdicts.tolist()
                    caught.append([run.state for run in restored.runs.all()][1:])
                bad = [part for part in finish(check_up(again)) if part.state is Soundness.DAMAGED]
                assert not bad, [f"{part.part}: {part.found}" for part in bad]
                if caught[-1] and RunState.DONE not in caught[-1] and (again / "runs" / "2" / "state.pt").exists() and not kept:
                    kept.append(shutil.copytree(again, tmp_path / "kept"))
        except StopIteration as end:
            done = end.value
    assert len(caught) > 5 and kept
    with Project.open(kept[0]) as restored:
        left = restored.runs.all()[-1]
        assert left.state in (RunState.CANCELLED, RunState.FAILED)
        resumed = finish(resume_in_steps(restored, left.id)).metrics
    assert {**resumed, "seconds": 0} == {**done.metrics, "seconds": 0}
