"""What users do: opening packets, claiming in a mini program, drawing tickets."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from hongbao.simulator.claims import (
    CLAIM_SCENES,
    ClaimRefused,
    claim_mini_program,
    claim_packet,
    draw_ticket,
)
from hongbao.simulator.merchant import Delivery
from hongbao.simulator.money_audit import check
from hongbao.simulator.settings import FOREIGN_PREFIX
from hongbao.wire.claim import claim_params
from hongbao.wire.messages import Query
from hongbao.wire.signature import sign_md5
from hongbao.wire.status import Status
from stage import (
    ALICE,
    BOB,
    DAY,
    KEY,
    MCH_ID,
    MINI,
    OFFICIAL,
    Stage,
    group,
    mini,
    normal,
    preorder,
    work,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.simulator.claims import ClaimResult

_Params = dict[str, Any]
NONCE = "n0nceABCDEF1234567890"


def _claim(stage: Stage, mch_billno: str, openid: str = ALICE) -> ClaimResult:
    return claim_packet(stage.world, mch_id=MCH_ID, mch_billno=mch_billno, openid=openid)


def _refused(stage: Stage, mch_billno: str, openid: str = ALICE) -> tuple[str, str]:
    with pytest.raises(ClaimRefused) as caught:
        _claim(stage, mch_billno, openid)
    check(stage.world)
    return caught.value.field, caught.value.reason


def _params(package: str, *, upper: bool = True) -> _Params:
    params = claim_params(
        package, app_id=MINI, key=KEY, time_stamp=1795406400, nonce_str=NONCE, upper=upper
    )
    return dict(params.as_dict())


def _signed(params: _Params, **fields: str) -> _Params:
    """Parameters whose ``paySign`` is over other fields than it should be."""
    return {**params, "paySign": sign_md5(fields, KEY)}


def test_a_normal_packet_is_claimed_once_by_its_receiver() -> None:
    stage = Stage()
    stage.ask(normal())
    assert _refused(stage, "N1", BOB) == ("openid", "the packet is for another user")
    claimed = _claim(stage, "N1")
    assert (claimed.mch_billno, claimed.amount) == ("N1", 100)
    assert _refused(stage, "N1")[0] == "openid"
    assert stage.world.wallet(ALICE) == 100
    assert stage.world.totals() == (100, 100, 0)


def test_a_wecom_packet_is_claimed_like_a_normal_one() -> None:
    stage = Stage()
    stage.ask(work())
    assert _claim(stage, "W1").amount == 100


def test_of_a_group_everyone_gets_one_share_and_the_last_gets_the_rest() -> None:
    stage = Stage()
    stage.ask(group())
    amounts = [_claim(stage, "G1", f"oTEST_{number}").amount for number in range(4)]
    assert _refused(stage, "G1", "oTEST_0") == ("openid", "this user has claimed already")
    amounts.append(_claim(stage, "G1").amount)
    assert (sum(amounts), min(amounts) >= 1) == (1000, True)
    assert _refused(stage, "G1", BOB) == ("mch_billno", "all of it is claimed")


def test_a_packet_that_is_not_there_not_sent_or_gone_cannot_be_claimed() -> None:
    stage = Stage()
    assert _refused(stage, "N0") == ("mch_billno", "no such packet")
    stage.merchant.delivery = Delivery(seconds=60)
    stage.ask(normal("N1"))
    assert _refused(stage, "N1") == ("mch_billno", "it is not sent yet")
    stage.merchant.delivery = Delivery(seconds=60, told=True, ends=Status.FAILED)
    stage.code(normal("N2"))
    stage.clock.advance(60)
    assert _refused(stage, "N2") == ("mch_billno", "it was never sent")
    stage.clock.advance(DAY - 1)
    assert _claim(stage, "N1").amount == 100
    stage.merchant.delivery = Delivery()
    stage.ask(normal("N3"))
    stage.clock.advance(DAY)
    assert _refused(stage, "N3") == ("mch_billno", "it has expired and its money went back")


def test_a_stranger_to_the_appid_gets_no_share() -> None:
    stage = Stage()
    stage.ask(group())
    assert _refused(stage, "G1", f"{FOREIGN_PREFIX}_1")[0] == "openid"
    assert _refused(stage, "G1", "")[0] == "openid"


def test_a_mini_program_packet_is_claimed_by_its_parameters_alone() -> None:
    stage = Stage()
    package = stage.ask(mini()).package
    assert _refused(stage, "M1")[0] == "mch_billno"
    claimed = claim_mini_program(stage.world, _params(package), openid=ALICE)
    assert (claimed.mch_billno, claimed.amount) == ("M1", 100)
    assert stage.ask(Query("M1"), None).status is Status.RECEIVED
    with pytest.raises(ClaimRefused, match="claimed already"):
        claim_mini_program(stage.world, _params(package), openid=ALICE)
    check(stage.world)


def test_the_claim_signature_is_good_in_either_hex_case_and_with_the_appid_given() -> None:
    stage = Stage()
    for number, upper in enumerate((True, False)):
        package = stage.ask(mini(f"M{number}")).package
        params = {"appId": MINI, **_params(package, upper=upper)}
        assert claim_mini_program(stage.world, params, openid=ALICE).amount == 100


def test_claiming_in_a_mini_program_works_after_scanning_a_code_only() -> None:
    stage = Stage()
    params = _params(stage.ask(mini()).package)
    with pytest.raises(ClaimRefused) as caught:
        claim_mini_program(stage.world, params, openid=ALICE, scene=1001)
    assert caught.value.field == "scene"
    claimed = claim_mini_program(stage.world, params, openid=ALICE, scene=min(CLAIM_SCENES))
    assert claimed.amount == 100


def _sign_type_signed(params: _Params, _raw: str) -> _Params:
    return _signed(
        params,
        appId=MINI,
        nonceStr=NONCE,
        package=params["package"],
        timeStamp=params["timeStamp"],
        signType="MD5",
    )


def _raw_package_signed(params: _Params, raw: str) -> _Params:
    return _signed(params, appId=MINI, nonceStr=NONCE, package=raw, timeStamp=params["timeStamp"])


def _lower_package_signed(params: _Params, _raw: str) -> _Params:
    lower = params["package"].replace("%3D", "%3d").replace("%26", "%26")
    return _signed(params, appId=MINI, nonceStr=NONCE, package=lower, timeStamp=params["timeStamp"])


def _twice_encoded_signed(params: _Params, _raw: str) -> _Params:
    twice = quote(params["package"], safe="")
    return _signed(params, appId=MINI, nonceStr=NONCE, package=twice, timeStamp=params["timeStamp"])


def _other_appid_signed(params: _Params, _raw: str) -> _Params:
    return _signed(
        params,
        appId=OFFICIAL,
        nonceStr=NONCE,
        package=params["package"],
        timeStamp=params["timeStamp"],
    )


def _no_appid_signed(params: _Params, _raw: str) -> _Params:
    return _signed(params, nonceStr=NONCE, package=params["package"], timeStamp=params["timeStamp"])


def _no_time_stamp_signed(params: _Params, _raw: str) -> _Params:
    return _signed(params, appId=MINI, nonceStr=NONCE, package=params["package"])


def _server_names_signed(params: _Params, _raw: str) -> _Params:
    return _signed(
        params,
        appid=MINI,
        nonce_str=NONCE,
        package=params["package"],
        timestamp=params["timeStamp"],
    )


def _without(name: str) -> Callable[[_Params, str], _Params]:
    return lambda params, _raw: {key: value for key, value in params.items() if key != name}


def _with(name: str, value: object) -> Callable[[_Params, str], _Params]:
    return lambda params, _raw: {**params, name: value}


_MISTAKES: list[tuple[str, str, Callable[[_Params, str], _Params]]] = [
    ("timeStamp", "missing", _without("timeStamp")),
    ("nonceStr", "missing", _without("nonceStr")),
    ("package", "missing", _without("package")),
    ("signType", "missing", _without("signType")),
    ("paySign", "missing", _without("paySign")),
    ("timeStamp", "must be a text", _with("timeStamp", 1795406400)),
    ("timeStamp", "milliseconds", _with("timeStamp", "1795406400000")),
    ("timeStamp", "10 digits", _with("timeStamp", "soon")),
    ("nonceStr", "1 to 32", _with("nonceStr", "a-b")),
    ("signType", "must be MD5", _with("signType", "HMAC-SHA256")),
    ("paySign", "SHA-256", _with("paySign", sha256(b"").hexdigest())),
    ("paySign", "hexadecimal", _with("paySign", "x" * 32)),
    ("paySign", "another key", _with("paySign", "0" * 32)),
    ("nonceStr", "longer", _with("nonceStr", "a" * 5000)),
    ("appId", "another appid", _with("appId", OFFICIAL)),
    ("package", "not percent-encoded", lambda params, raw: {**params, "package": raw}),
    (
        "package",
        "encoded twice",
        lambda params, _raw: {**params, "package": quote(params["package"], safe="")},
    ),
    ("package", "not one that was given out", _with("package", "sendid%3Dab%26ver%3D8")),
    ("package", "not one that was given out", _with("package", "prepay_id")),
    (
        "package",
        "was changed",
        lambda params, _raw: {**params, "package": params["package"].replace("ver%3D8", "ver%3D9")},
    ),
    ("signType", "was signed", _sign_type_signed),
    ("package", "without being encoded", _raw_package_signed),
    ("package", "hex case", _lower_package_signed),
    ("package", "encoded twice", _twice_encoded_signed),
    ("appId", "another appid of the merchant", _other_appid_signed),
    ("appId", "was not signed", _no_appid_signed),
    ("timeStamp", "was not signed", _no_time_stamp_signed),
    ("nonceStr", "server's fields", _server_names_signed),
]


@pytest.mark.parametrize(("field", "reason", "spoil"), _MISTAKES)
def test_the_wrong_claim_parameter_is_named(
    field: str, reason: str, spoil: Callable[[_Params, str], _Params]
) -> None:
    """WeChat says that it did not work; here the refusal says which field is wrong, and how."""
    stage = Stage()
    package = stage.ask(mini()).package
    params = spoil(_params(package), package)
    with pytest.raises(ClaimRefused, match=reason) as caught:
        claim_mini_program(stage.world, params, openid=ALICE)
    assert caught.value.field == field
    assert KEY not in str(caught.value)
    assert stage.world.totals().claimed == 0


def test_a_mini_program_packet_is_for_its_receiver_and_for_a_day() -> None:
    stage = Stage()
    params = _params(stage.ask(mini()).package)
    with pytest.raises(ClaimRefused) as caught:
        claim_mini_program(stage.world, params, openid=BOB)
    assert caught.value.field == "openid"
    stage.clock.advance(DAY)
    with pytest.raises(ClaimRefused, match="expired"):
        claim_mini_program(stage.world, params, openid=ALICE)


def test_a_package_of_another_world_is_not_taken() -> None:
    ours, theirs = Stage(seed=1), Stage(seed=2)
    ours.ask(mini())
    package = theirs.ask(mini()).package
    with pytest.raises(ClaimRefused, match="not one that was given out"):
        claim_mini_program(ours.world, _params(package), openid=ALICE)


def test_a_ticket_is_drawn_once_by_anybody() -> None:
    stage = Stage()
    ticket = stage.ask(preorder()).sp_ticket
    assert _refused(stage, "H1")[0] == "mch_billno"
    assert draw_ticket(stage.world, sp_ticket=ticket, openid=BOB).amount == 200
    with pytest.raises(ClaimRefused, match="drawn already"):
        draw_ticket(stage.world, sp_ticket=ticket, openid=ALICE)
    for wrong in ("", "v1|", ticket[:-4], ticket + "A", "v1|????", "v1|" + "A" * 2000):
        with pytest.raises(ClaimRefused, match="not one that was given out"):
            draw_ticket(stage.world, sp_ticket=wrong, openid=ALICE)
    check(stage.world)


def test_a_preordered_group_is_drawn_by_one_and_shared_by_the_others() -> None:
    stage = Stage()
    ticket = stage.ask(preorder(hb_type="GROUP", total_num=3)).sp_ticket
    first = draw_ticket(stage.world, sp_ticket=ticket, openid=ALICE).amount
    rest = [_claim(stage, "H1", openid).amount for openid in (BOB, "oTEST_carol")]
    assert first + sum(rest) == 200
    check(stage.world)


def test_a_ticket_is_good_for_72_hours() -> None:
    stage = Stage()
    ticket = stage.ask(preorder()).sp_ticket
    stage.clock.advance(3 * DAY)
    with pytest.raises(ClaimRefused, match="expired"):
        draw_ticket(stage.world, sp_ticket=ticket, openid=ALICE)


def test_a_drawn_packet_counts_for_its_winner() -> None:
    stage = Stage()
    stage.merchant.limits.user_packets_per_day = 1
    ticket = stage.ask(preorder()).sp_ticket
    draw_ticket(stage.world, sp_ticket=ticket, openid=ALICE)
    assert stage.code(normal()) == "SENDNUM_LIMIT"
    assert stage.code(normal("N2", re_openid=BOB)) == "SUCCESS"


@pytest.mark.parametrize(
    ("risk_cntl", "risk", "limit"),
    [
        ("NORMAL", True, True),
        ("IGN_FREQ_LMT", False, True),
        ("IGN_DAY_LMT", True, False),
        ("IGN_FREQ_DAY_LMT", False, False),
    ],
)
def test_a_preorder_says_which_checks_its_winner_is_spared(
    risk_cntl: str, *, risk: bool, limit: bool
) -> None:
    for provoke, applies, reason in (
        (_risky, risk, "risk control"),
        (_number_used_up, limit, "number of packets"),
        (_amount_used_up, limit, "the day's amount"),
    ):
        stage = Stage()
        provoke(stage)
        ticket = stage.ask(preorder(risk_cntl=risk_cntl)).sp_ticket
        if applies:
            with pytest.raises(ClaimRefused, match=reason):
                draw_ticket(stage.world, sp_ticket=ticket, openid=ALICE)
        else:
            assert draw_ticket(stage.world, sp_ticket=ticket, openid=ALICE).amount == 200


def _risky(stage: Stage) -> None:
    stage.merchant.risky_openids[ALICE] = 1


def _number_used_up(stage: Stage) -> None:
    stage.merchant.limits.user_packets_per_day = 1
    stage.ask(normal())


def _amount_used_up(stage: Stage) -> None:
    stage.merchant.limits.user_amount_per_day = 299
    stage.ask(normal())
