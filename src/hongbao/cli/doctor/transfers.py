"""What the doctor finds of a merchant that pays by transfers: keys, serials, the IP list.

One free signed query of a number that nobody has used says all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hongbao.cli.doctor.settings import Check, CheckState, fail, of_error, ok, warn
from hongbao.cli.exit_code import ExitCode
from hongbao.client.transfer.credentials import V3Credentials
from hongbao.client.transfer.sync import MerchantTransfer
from hongbao.errors import ConfigurationError, NotSent, OutcomeUnknown, TransferNotFound
from hongbao.sentences import say

_NAME = say("signed query")
_KEYS = say(
    "Check the private key, the serial number of its certificate, and this machine's clock."
)
_CODES = {
    "SIGN_ERROR": fail(_NAME, say("SIGN_ERROR: WeChat does not take the signature"), _KEYS),
    "PARAM_ERROR": fail(
        _NAME,
        say("PARAM_ERROR: mch_id is unknown, or public_key_id is not one of WeChat's"),
        say("Check mch_id, public_key_id and the serials of WeChat's certificates."),
    ),
    "INVALID_REQUEST": fail(
        _NAME,
        say(
            "INVALID_REQUEST: this machine's address is not on the list, or the call is not allowed"
        ),
        say("Add this machine's outgoing address in 产品中心 > 商家转账 > 安全能力 > 接口IP."),
    ),
    "NO_AUTH": warn(
        _NAME,
        say("NO_AUTH: the keys are right, but the product is not opened"),
        say("Open 商家转账 in the merchant platform."),
    ),
}
"""What each answer says about the settings."""


def examine_transfers(
    make: Callable[[], V3Credentials],
    on_the_way: Callable[[V3Credentials], Iterator[Check]],
    out_bill_no: str,
    *,
    clock: Callable[[], float],
) -> Iterator[Check]:
    """All checks in their order; the network's only once the settings are right.

    Args:
        make: makes the credentials.
        on_the_way: checks of the way to WeChat.
        out_bill_no: a number that nobody has used.
        clock: seconds since the epoch, by which the query is signed.
    """
    try:
        credentials = make()
    except ConfigurationError as error:
        yield of_error(say("settings"), error)
        return
    shown = say(
        "mch_id {mch_id}, app_id {app_id}", mch_id=credentials.mch_id, app_id=credentials.app_id
    )
    yield ok(
        say("settings"),
        say("{shown}, certificate {serial_no}", shown=shown, serial_no=credentials.serial_no),
    )
    for check in on_the_way(credentials):
        yield check
        if check.state is CheckState.FAIL:
            return
    with MerchantTransfer(credentials, clock=clock) as client:
        yield check_transfer_query(client, out_bill_no)


def check_transfer_query(client: MerchantTransfer, out_bill_no: str) -> Check:
    """The query: its answer tells apart what is wrong, and WeChat's signature what is right."""
    try:
        client.query(out_bill_no)
    except TransferNotFound:
        found = say(
            "NOT_FOUND, signed by WeChat, as it must be: keys, serials and address are right"
        )
        return ok(_NAME, found)
    except OutcomeUnknown as error:
        known = _CODES.get(error.err_code or "")
        return known or fail(_NAME, error.why, error.advice, ExitCode.UNKNOWN)
    except NotSent as error:
        return fail(_NAME, error.why, say("Check the firewall and proxies."), ExitCode.NOT_SENT)
    return ok(_NAME, say("answered: keys, serials and address are right"))
