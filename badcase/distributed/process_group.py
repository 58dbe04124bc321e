"""This process as one of several that `torchrun` or `accelerate launch` started; gloo between CPUs, NCCL between GPUs."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from badcase.distributed.team import Lost, Stopped, Team, at_work, lead
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.out_of_memory import is_out_of_memory
from badcase.progress import finish

if TYPE_CHECKING:
    from torch import Tensor, nn

T = TypeVar("T")
GO, STOP, FAILED = 0, 1, 2
SAID = "badcase/said"
WORKING = timedelta(minutes=10)  # without a word from another process at work, after which it counts as gone
IDLE = timedelta(days=30)  # a process that follows waits as long as the first one does something alone


class ProcessGroup(Team):
    """This process among several."""

    def __init__(self) -> None:
        import torch
        import torch.distributed as dist

        backend = "gloo"
        if torch.cuda.is_available():
            # "cuda" is from here on the GPU of this process. NCCL refuses two processes on one GPU; gloo does not.
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
            shared = int(os.environ.get("LOCAL_WORLD_SIZE", "1")) > torch.cuda.device_count()
            backend = "cpu:gloo,cuda:gloo" if shared else "cpu:gloo,cuda:nccl"
        self.lost, self._parted = False, False
        with self._heard():
            dist.init_process_group(backend, timeout=WORKING)
            self._words = dist.new_group(backend="gloo", timeout=WORKING)
            self._calls = dist.new_group(backend="gloo", timeout=IDLE)
        self.rank, self.world = dist.get_rank(), dist.get_world_size()
        signal.signal(signal.SIGTERM, self._told_to_end)
        if self.rank:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first one stops where it is safe, and says so

    # --- exchanges ----------------------------------------------------------------------------------------------

    def same(self, value: T) -> T:
        self._agree()
        return self._spread(value, self._words)

    def gather(self, value: T) -> list[T]:
        import torch.distributed as dist

        self._agree()
        made: list[Any] | None = None if self.rank else [None] * self.world
        with self._heard():
            dist.gather_object(value, made, group=self._words)
        return made or []

    def sum(self, tensors: Sequence[Tensor]) -> None:
        import torch
        import torch.distributed as dist

        self._agree()
        # One message for all: many small ones cost more than the copy.
        flat = _carried(torch.cat([tensor.reshape(-1) for tensor in tensors]))
        with self._heard():
            dist.all_reduce(flat)
        for tensor, part in zip(tensors, torch.split(flat, [tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(part.view_as(tensor))

    def align(self, network: nn.Module) -> None:
        import torch.distributed as dist

        self._agree()
        for tensor in network.state_dict().values():
            if tensor.is_floating_point():
                plain = _carried(tensor).contiguous()
                with self._heard():
                    dist.broadcast(plain, 0)
                tensor.copy_(plain)

    def _agree(self, word: int = GO, error: BaseException | None = None) -> None:
        """Say how it stands here; raises where another process has left the work, unless this one does so too."""
        import torch
        import torch.distributed as dist

        words = torch.tensor([word])
        errors: list[BadcaseError | None] = [None] * self.world
        with self._heard():
            dist.all_reduce(words, dist.ReduceOp.MAX, group=self._words)
            if words.item() == FAILED:
                dist.all_gather_object(errors, _portable(error, self.rank), group=self._words)
        if words.item() == GO:
            return
        self._parted = True
        if word == GO:
            raise next((one for one in errors if one is not None), Stopped())

    def _spread(self, value: Any, group: Any) -> Any:
        import torch.distributed as dist

        box = [value]
        with self._heard():
            dist.broadcast_object_list(box, 0, group=group)
        return box[0]

    # --- coming and going ---------------------------------------------------------------------------------------

    @contextmanager
    def calling(self, function: Callable[..., Any], *arguments: Any) -> Iterator[None]:
        self._spread((function, arguments), self._calls)
        with self._at_work():
            yield

    def follow(self) -> None:
        """In the others: do what the first one calls for until it dismisses them."""
        while (call := self._spread(None, self._calls)) is not None:
            function, arguments = call
            try:
                with self._at_work():
                    made = function(*arguments)
                    if made is not None:
                        finish(made)
            except Lost:
                raise
            except Exception:  # the first process has been told of it, says it, and may have other work
                continue

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        self._parted = False
        try:
            with at_work(self):
                yield
            if not self._parted:
                self._agree(GO if self.rank else STOP)  # nobody is done before the first one is
        except BaseException as error:
            if not self._parted and not self.lost:
                with suppress(Lost):  # it has left for a reason of its own
                    self._agree(FAILED if self.rank else STOP, error)
            raise

    def leave(self) -> None:
        """The command is over; the first process dismisses the others."""
        import torch.distributed as dist

        if self.rank == 0 and not self.lost:
            with suppress(Lost):
                self._spread(None, self._calls)
        if not self.lost:
            del self._words, self._calls  # a group that outlives this aborts the interpreter now and then
            dist.destroy_process_group()

    def speaks(self) -> bool:
        """Whether it is for this process to say that another is lost: it is the second, and the first cannot."""
        time.sleep(1.0)
        return self.rank == 1 and not self._said(ask=True)

    def _said(self, *, ask: bool = False) -> bool:
        """Note for the others that the first process says what happened, or ask whether it does."""
        from torch.distributed.distributed_c10d import _get_default_store

        try:
            store = _get_default_store()
            if not ask:
                store.set(SAID, "1")
            return bool(store.check([SAID]))
        except RuntimeError:  # the store was in the process that is lost
            return False

    @contextmanager
    def _heard(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise
            self._lose(_("another process of this command has ended or does not answer"), error)

    def _told_to_end(self, _number: int, _frame: FrameType | None) -> None:
        """What a launcher sends when a process has ended or when it is told to end itself."""
        if not self.lost:
            self._lose(_("the launcher has ended this command, as it does when one of its processes ends"))

    def _lose(self, what: str, error: BaseException | None = None) -> NoReturn:
        self.lost = True
        if self.rank == 0:
            self._said()
        raise Lost(
            what,
            where=_("process {rank} of {world}").format(rank=self.rank, world=self.world),
            got=re.sub(r"^\[\S+\] ", "", str(error).partition("\n")[0]) if error else "",
            hint=_(
                "The launcher's last lines say which process ended and how; -9 often means that memory ran out. What was "
                "finished is kept: start the same command again."
            ),
        ) from error


def _carried(tensor: Tensor) -> Tensor:
    """On a device that processes can exchange from."""
    return tensor if tensor.device.type in ("cpu", "cuda") else tensor.cpu()


def _portable(error: BaseException | None, rank: int) -> BadcaseError | None:
    """An error of another process as this one can raise it."""
    if error is None or isinstance(error, Stopped | GeneratorExit | KeyboardInterrupt) or rank == 0:
        return None
    if isinstance(error, BadcaseError):
        return error
    return BadcaseError(
        _("this is a fault of the program: {kind}: {text}").format(kind=type(error).__name__, text=error),
        where=_("process {rank}").format(rank=rank),
    )


def several() -> bool:
    """Whether a launcher started this process as one of several."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def follows() -> bool:
    """Whether another process is the first."""
    return several() and os.environ.get("RANK", "0") != "0"


def left_alone() -> bool:
    """Whether accelerate was asked for several processes and, as with --cpu, made one."""
    return "ACCELERATE_MIXED_PRECISION" in os.environ and "MASTER_ADDR" in os.environ and not several()


@contextmanager
def joined() -> Iterator[ProcessGroup]:
    """Within the block this process is one of those that the launcher started; it ends where they do."""
    here = ProcessGroup()
    try:
        with lead(here):
            yield here
    finally:
        here.leave()
