"""What the check of a list found, for a person to look at before the list is stored.

Some texts that receivers will see belong to it. No program can tell every wrong encoding; whoever
reads a greeting can.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hongbao.campaign.compare.leaving_out import LeftOut
    from hongbao.campaign.compare.same_people import Repeats
    from hongbao.campaign.notes import Caution, Problem, Sum

LOOKED_AT = 50
"""So many contents of requests are looked at; some of them differ in other things than texts."""
_SHOWN = 3
_SEEN = (
    *("send_name", "wishing", "act_name", "remark", "sender_name"),
    *("transfer_remark", "user_recv_perception"),
    *("transfer_scene_id", "transfer_scene_report_infos"),  # WeChat sees these
)


def sample_texts(contents: Iterable[Mapping[str, object]]) -> tuple[dict[str, str], ...]:
    """The first texts that differ, by the names of their fields.

    Args:
        contents: what requests say but for whom and how much.
    """
    found: list[dict[str, str]] = []
    for content in contents:
        texts = {name: str(content[name]) for name in _SEEN if name in content}
        if texts and texts not in found:
            found.append(texts)
        if len(found) == _SHOWN:
            break
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What is to be known of a list before it is stored.

    Attributes:
        campaign: the name under which it would be stored.
        source: the file's name.
        read_as: how the file was read; empty if what it holds is no table.
        source_digest: SHA-256 of the file's bytes; empty then, too.
        total: all rows that are right by themselves.
        kinds: the same by kind.
        new: the rows that the books do not have.
        known: the rows that this campaign has already.
        elsewhere: the rows that another campaign has already, by their keys: this one does not pay
            them.
        owners: the same by the id of the campaign that has them.
        left_out: the rows that were left out as the caller asked, and why.
        again: rows without keys that repeat what other campaigns pay. A problem, unless the caller
            wants them to be paid again.
        again_with_keys: the same of rows with keys of their own, which are other payments.
        digest: what an approver is asked for once all is stored; None while there are problems.
        problems: the first of them.
        problem_count: of all. The list can be stored if there are none.
        cautions: the first of them.
        keeps: the columns that are kept sealed, as the list calls them.
        texts: some that receivers will see, by the names of their fields.
    """

    campaign: str
    source: str
    read_as: str
    source_digest: bytes
    total: Sum
    kinds: Mapping[str, Sum]
    new: Sum
    known: Sum
    elsewhere: Sum
    owners: Mapping[int, Sum]
    left_out: tuple[LeftOut, ...] = ()
    again: Repeats | None = None
    again_with_keys: Repeats | None = None
    digest: bytes | None
    problems: tuple[Problem, ...] = field(repr=False)
    problem_count: int
    cautions: tuple[Caution, ...] = field(repr=False)
    keeps: tuple[str, ...] = ()
    texts: tuple[Mapping[str, str], ...] = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether it can be stored."""
        return not self.problem_count
