"""Small pictures of a project's images, decoded by the session's pool."""

from __future__ import annotations

from functools import partial

from ui.desktop.review.faces import decode
from ui.desktop.review.media import Deliver, Pictures
from ui.desktop.session import Session


def thumbnails(session: Session) -> Pictures:
    """Pictures of this session's project; each arrives a moment after it was first asked for."""

    def fetch(item: int, side: int, deliver: Deliver) -> None:
        session.pool.submit(
            partial(decode, session.project, item, side), deliver, failed=lambda error: deliver(None), owner=session
        )

    return Pictures(fetch, budget=32 << 20)
