"""What a page says at its top after something was done, by the word that stands in the address."""

from __future__ import annotations

from hongbao.sentences import marked as _

NOTICES = {
    "paused": _(
        "Paused. Nothing more is sent; calls that are on their way end as they would have."
    ),
    "resumed": _("Resumed. Workers go on with the same order numbers."),
    "campaign-cancelled": _(
        "Cancelled. What was sent, or may be, is still queried; nothing more is sent."
    ),
    "scheduled": _("Scheduled. Workers begin by themselves at that time, once it is approved."),
    "withdrawn": _("Withdrawn. It is a draft again, and waits for an approval."),
    "retried": _("Workers send them again. What a query finds paid is not sent."),
    "approved": _("Approved. Workers pay it from now on, or from its time on."),
    "approved-by-one": _("Approved by you. Another person has to approve it, too, within a day."),
    "rejected": _("Rejected. It is back with who made it."),
    "submitted": _("Stored as a draft. Nothing is sent before another person approves it."),
    "nothing-new": _("Nothing was stored: the books have all of it already."),
    "dropped": _("The file is deleted. Nothing of it was stored."),
    "confirmed": _("Thank you. Now do it once more."),
    "signed-out": _("You are signed out."),
    "password": _("Your password is changed, and your other sessions have ended."),
    "sessions": _("The other sessions have ended."),
    "queried": _("A worker asks WeChat about it at its next look."),
    "noted": _("The note stands in the history."),
    "cancelled": _("Cancelled. Nobody is paid under this key any more while the campaign lives."),
    "all-stopped": _("All sending is stopped. What is on its way ends as it would have."),
    "all-resumed": _("Merchants send again. Campaigns that are paused stay so."),
    "replayed": _("It is sent once more, with the same ids."),
    "endpoint": _("The endpoint is changed."),
    "break-closed": _("The break is closed. It opens again only if it shows with other amounts."),
    "period-closed": _("The days are closed. A bill that comes later and changes them is a break."),
    "period-reopened": _("The days are open again; their totals stand in the history."),
    "limits-asked": _("Asked. Nothing changes before another person accepts it."),
    "limits": _("Accepted. The books hold these limits now, and workers heed them at once."),
    "limits-declined": _("Declined. The limits stay as they are."),
    "audit-begun": _("The audit runs. You may leave this page; its result stays here."),
    "audit-runs": _("An audit runs already: wait for its result."),
    "account": _("The account is changed."),
}
