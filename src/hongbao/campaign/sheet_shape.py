"""What the shape of a sheet means for a list: hidden columns, merged cells, conditional formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.campaign.table.around import letters_of

if TYPE_CHECKING:
    from hongbao.campaign.finding import Notebook
    from hongbao.campaign.layout import Layout
    from hongbao.campaign.table.around import Around, Merged


def look_around(around: Around, layout: Layout, rows: tuple[int, int], notebook: Notebook) -> None:
    """Note what a person does not see of a sheet's cells, or sees in more of them than hold it.

    Args:
        around: what stands around the rows.
        layout: where the columns of the list stand.
        rows: the first and the last of its rows.
        notebook: it is noted there.
    """
    columns = {place: layout.names[field] for field, place in layout.places.items()}
    for place in sorted(around.hidden & columns.keys()):
        notebook.caution(
            f"column {letters_of(place)} ({columns[place]}) is hidden, and is part of the list"
        )
    for merged in around.merged:
        covered = _covered(merged, columns, rows)
        if covered is not None:
            notebook.problem(
                *covered,
                f"{merged.name} are merged, and only the first of these cells holds a value: "
                "unmerge them and fill in each",
            )
    for reference in around.shown_otherwise:
        notebook.caution(
            f"conditional formatting of {reference} can show other numbers than the cells hold"
        )


def _covered(
    merged: Merged, columns: dict[int, str], rows: tuple[int, int]
) -> tuple[int, str] | None:
    """The row and the column of the first cell that counts; None if there are not two of them."""
    top, bottom = max(merged.rows[0], rows[0]), min(merged.rows[1], rows[1])
    left, right = merged.places
    places = [place for place in sorted(columns) if left <= place <= right]
    if not places or top > bottom:
        return None
    # What begins in the header gives none of its rows a value.
    count = (bottom - min(merged.rows[0], top) + 1) * len(places)
    return (top, columns[places[0]]) if count > 1 else None
