"""Lists: parameters with a preview, the upload, what the check found, and storing as a draft."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from starlette.responses import Response

from hongbao.campaign.compare.bookmark import Purpose
from hongbao.campaign.rows.amounts import Unit
from hongbao.campaign.table.encoding import Encoding
from hongbao.campaign.template import write_template
from hongbao.configuration.settings import RED_PACKETS, TRANSFERS
from hongbao.console.list_form import DELIMITERS, TEXTS, fields_of, list_import
from hongbao.console.page_advice import on_pages
from hongbao.console.preflight import Preflight
from hongbao.console.uploads import UploadedList, shown_name
from hongbao.engine.list_import import import_list
from hongbao.english import sentence
from hongbao.errors import HongbaoError, LedgerCode, LedgerError
from hongbao.ledger.model.campaign import CampaignState
from hongbao.money import capital_yuan
from hongbao.rails.known import RAILS
from hongbao.sentences import Tongue, say
from hongbao.sentences import marked as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.console.visit import Visit
    from hongbao.engine.list_import import ListImport

LIST_BYTES_MAX = 50 * 1024**2
"""A list of a million rows has about 60 MB as CSV; longer ones go by the command line."""
FORM_BYTES_MAX = LIST_BYTES_MAX + 65_536
"""The list and what is said beside it."""
_SHOWN_MAX = 200
"""Problems on a page; more are fixed in rounds."""
_NO_FILE = _("Choose a file: a CSV or XLSX list.")
_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv; charset=utf-8",
}


def show_new(visit: Visit) -> Response:
    """Ask for the parameters and the file; the packet is drawn as these parameters make it."""
    return _form(visit, fields_of(visit.query), "")


def check(visit: Visit) -> Response:
    """Check a list that is uploaded, and show what was found."""
    return _received(visit, fields_of(visit.form), None)


def check_again(visit: Visit) -> Response:
    """Check another file with the same parameters."""
    earlier = _kept(visit)
    return _received(visit, dict(earlier.fields), earlier)


def show(visit: Visit) -> Response:
    """What the check found."""
    kept = _kept(visit)
    preflight = kept.preflight
    found = preflight.findings
    return visit.render(
        "list.html", kept=kept, found=found, samples=preflight.samples, preflight=preflight,
        problems=[
            it._replace(what=on_pages(it.what))
            for it in sorted(found.problems, key=lambda it: it.row)[:_SHOWN_MAX]
        ],
        warnings=[it for it in found.cautions if not it.note],
        notes=[it for it in found.cautions if it.note],
        capitals=capital_yuan(found.new.amount),
        standing_in_the_way=None if found.again is None or kept.fields["pay_again"]
        else [it.campaign for it in found.again.places],
    )  # fmt: skip


def submit(visit: Visit) -> Response:
    """Store it as a draft, exactly as it is checked once more."""
    kept = _kept(visit)
    wanted = _wanted(visit, kept.fields, kept.path, kept.source)
    found, stored = import_list(
        visit.site.configuration, wanted, visit.book, by=visit.by,
    )  # fmt: skip
    if not found.ok or stored is None:
        # The books have changed since it was looked at.
        again = _keep(visit, kept.fields, kept.path, kept.source)
        return visit.redirect(f"/lists/{again.id}")
    visit.site.uploads.drop(kept)
    done = "submitted" if stored.new else "nothing-new"
    if stored.campaign is None:
        return visit.redirect("/campaigns", done=done)
    campaign = stored.campaign
    if campaign.state is CampaignState.DRAFT:
        return visit.redirect(f"/approvals/{campaign.name}", done=done)
    return visit.redirect(f"/campaigns/{campaign.name.partition('+')[0]}", done=done)


def drop(visit: Visit) -> Response:
    """Delete the file."""
    visit.site.uploads.drop(_kept(visit))
    return visit.redirect("/campaigns", done="dropped")


def template(visit: Visit) -> Response:
    """An empty list to fill in, with columns in the language of who asks."""
    suffix = ".csv" if visit.query.get("as") == "csv" else ".xlsx"
    with TemporaryDirectory(prefix="hongbao-template-") as folder:
        path = Path(folder) / f"list{suffix}"
        write_template(
            path,
            chinese=visit.tongue is Tongue.CHINESE,
            transfers=visit.query.get("of") == "transfers",
        )
        content = path.read_bytes()
    disposition = f'attachment; filename="list{suffix}"'
    return Response(
        content, media_type=_TYPES[suffix], headers={"content-disposition": disposition}
    )


def _received(visit: Visit, fields: dict[str, str], earlier: UploadedList | None) -> Response:
    file = visit.uploads.get("file")
    if file is None or not file.filename:
        return _form(visit, fields, visit.say(_NO_FILE))
    source = shown_name(file.filename)
    path = visit.site.uploads.receive(file.file, source)
    try:
        kept = _keep(visit, fields, path, source)
    except HongbaoError as error:
        visit.site.uploads.delete(path)
        return _form(visit, fields, _said(visit, error))
    if earlier is not None:
        visit.site.uploads.drop(earlier)
    return visit.redirect(f"/lists/{kept.id}")


def _keep(visit: Visit, fields: Mapping[str, str], path: Path, source: str) -> UploadedList:
    preflight = Preflight.of(visit.site, _wanted(visit, fields, path, source))
    return visit.site.uploads.keep(
        path, source, fields, preflight, person=visit.by, at=visit.at
    )  # fmt: skip


def _wanted(visit: Visit, fields: Mapping[str, str], path: Path, source: str) -> ListImport:
    return list_import(fields, path, source, campaigns=list(visit.book.campaign_names().values()))


def _kept(visit: Visit) -> UploadedList:
    found = visit.site.uploads.find(visit.places["upload"], person=visit.by, at=visit.at)
    if found is None:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=say("this list is not kept any more"),
            remedy=say("Upload it again. Lists stay for an hour, one for each person."),
        )
    return found


def _said(visit: Visit, error: HongbaoError) -> str:
    if isinstance(error, LedgerError):
        problem = sentence(error.problem, begins=True)
        return visit.say(say("{problem} {remedy}", problem=problem, remedy=error.remedy))
    return visit.say(on_pages(error.message))


def _form(visit: Visit, fields: dict[str, str], problem: str) -> Response:
    profiles = visit.site.configuration.profiles
    purpose = Purpose(fields["purpose"])
    if purpose is not Purpose.NEW:
        fields["merchant"] = visit.book.standing(fields["name"]).campaign.profile
    elif fields["merchant"] not in profiles:
        fields["merchant"] = next(iter(profiles), "")
    profile = profiles.get(fields["merchant"])
    said = {} if profile is None else dict(profile.texts)
    return visit.render(
        "list_form.html", status=422 if problem else 200, problem=problem, fields=fields,
        transfers=any(it.rail == TRANSFERS for it in profiles.values()),
        merchants=list(profiles), units=list(Unit), kinds=RAILS.kinds,
        encodings=list(Encoding), delimiters=list(DELIMITERS), text_fields=TEXTS, defaults=said,
        preview=said | {name: fields[name] for name in TEXTS if fields[name]},
        campaigns=[it for it in visit.book.campaign_names().values() if it != fields["name"]],
        needed=TEXTS if profile is not None and profile.rail == RED_PACKETS else (),
        megabytes=LIST_BYTES_MAX // 1024**2,
    )  # fmt: skip
