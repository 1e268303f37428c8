"""What is checked of each row, and of a list as a whole: all problems at once, with row numbers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hongbao.campaign.check.checking import check_list
from hongbao.campaign.check.meaning import Meaning
from hongbao.campaign.notes import KEPT_MAX
from hongbao.campaign.rows.amounts import Unit
from hongbao.errors import ConfigurationError
from hongbao.ledger.model.limits import PayerLimits
from hongbao.rails.redpack.kinds import KINDS
from hongbao.wire.assumptions import Assumptions
from hongbao.wire.messages import SendNormal
from list_maker import TEXTS, a_payer, check, csv_file, payee, problems_in, rows, warned


def _list(header: str, *lines: str) -> str:
    return "\n".join([header, *lines, ""])


def test_a_plain_list_is_right(tmp_path: Path) -> None:
    found = check(csv_file(tmp_path, rows(300)))
    assert found.ok
    assert (found.total.rows, found.total.amount) == (300, 56_400)
    assert found.kinds == {"normal": (300, 56_400)}
    assert found.new == (300, 56_400)
    assert found.digest is not None
    assert warned(found) == []


def test_all_problems_of_all_rows_are_reported_at_once(tmp_path: Path) -> None:
    text = _list(
        "openid,amount,wishing,key",
        f"bad openid,1.00,{'x' * 129},",
        f"{payee(2)},0.50,ok,",
        f"{payee(3)},200.01,ok,k\x7f",
        f"{payee(4)},1.005,ok,",
        f"{payee(5)},,ok,",
        f"{payee(6)},1.00,ok,",
    )
    limits = "must be from 1.00 to 200.00 yuan unless a scene_id is given"
    assert problems_in(check(csv_file(tmp_path, text))) == [
        "row 2, openid: must be 1 to 32 of 0-9, A-Z, a-z, '_', '-'; found 10 characters",
        (
            "row 2, wishing: must be 1 to 128 characters, no control, replacement or private-use "
            "ones; found 129 characters"
        ),
        f"row 3, amount: {limits}; found 0.50 yuan",
        "row 4, key: must be 1 to 128 characters without control characters",
        f"row 4, amount: {limits}; found 200.01 yuan",
        (
            "row 5, amount: must be yuan with at most two decimals, such as 12.34; found '1.005'; "
            "round it (in a sheet, with ROUND)"
        ),
        "row 6, amount: must be yuan with at most two decimals, such as 12.34; found an empty cell",
    ]


def test_no_openid_is_reported_in_full_wherever_it_stands(tmp_path: Path) -> None:
    text = _list(
        "openid,amount,kind,people,key",
        f"1.00,{payee(1)},{payee(1)},{payee(1)},",
        f"{payee(2)} x,1.00,,,",
        f"{payee(3)},1.00,,,",
        f"{payee(3)},1.00,,,",
        f"{payee(4)},1.00,,,{payee(4)}",
        f"{payee(5)},1.00,,,{payee(4)}",
    )
    found = check(csv_file(tmp_path, text))
    assert {problem.row for problem in found.problems} == {2, 3, 5, 7}
    for said in [*problems_in(found), repr(found), *warned(found)]:
        assert payee(4) not in said
        assert payee(1) not in said
        assert payee(2) not in said
        assert payee(3) not in said


def test_problems_are_kept_up_to_a_bound_and_all_counted(tmp_path: Path) -> None:
    text = _list("openid,amount", *(f"{payee(number)},0" for number in range(KEPT_MAX + 500)))
    found = check(csv_file(tmp_path, text))
    assert len(found.problems) == KEPT_MAX
    assert found.problem_count == KEPT_MAX + 500
    assert found.digest is None


def test_fen_are_whole_and_yuan_have_two_decimals(tmp_path: Path) -> None:
    text = _list("openid,amount", f"{payee(1)},188", f"{payee(2)},1.88", f"{payee(3)},１88")
    fen = check(csv_file(tmp_path, text), unit=Unit.FEN)
    assert [problem.row for problem in fen.problems] == [3, 4]
    assert "whole fen" in fen.problems[0].what
    assert [problem.row for problem in check(csv_file(tmp_path, text)).problems] == [4]


def test_a_scene_lifts_the_range_of_an_amount(tmp_path: Path) -> None:
    text = _list(
        "openid,amount,scene_id",
        f"{payee(1)},0.30,PRODUCT_2",
        f"{payee(2)},4999,PRODUCT_2",
        f"{payee(3)},5000,PRODUCT_2",
        f"{payee(4)},0.30,",
        f"{payee(5)},1,PRODUCT_9",
    )
    assert [problem.row for problem in check(csv_file(tmp_path, text)).problems] == [4, 5, 6]


def test_the_ranges_are_those_that_are_assumed_of_the_merchant(tmp_path: Path) -> None:
    payer = a_payer(assumptions=Assumptions(amount_min=30, amount_max=50_000))
    text = _list("openid,amount", f"{payee(1)},0.30", f"{payee(2)},500", f"{payee(3)},500.01")
    found = check(csv_file(tmp_path, text), payer=payer)
    assert [problem.row for problem in found.problems] == [4]


def test_every_kind_may_stand_in_one_list(tmp_path: Path) -> None:
    text = _list(
        "openid,金额,类型,人数,sender_name,agentid",
        f"{payee(1)},1,,,,",
        f"{payee(2)},1,普通,1,,",
        f"{payee(3)},1,Mini-Program,,,",
        f"{payee(4)},9,裂变,3,,",
        f"{payee(5)},1,work,,老板,",
        f"{payee(6)},1,企业微信,,,1000002",
    )
    found = check(csv_file(tmp_path, text))
    assert problems_in(found) == []
    assert {kind: it.rows for kind, it in found.kinds.items()} == {
        "normal": 2,
        "mini_program": 1,
        "group": 1,
        "work": 2,
    }
    assert warned(found) == ["WeChat marks group packets as switched off since 2024-06-05. (row 5)"]
    assert set(found.kinds) == set(KINDS)


def test_a_kind_gets_what_it_needs_and_nothing_else(tmp_path: Path) -> None:
    text = _list(
        "openid,amount,kind,people,sender_name,send_name",
        f"{payee(1)},9,group,,,",
        f"{payee(2)},9,group,2,,",
        f"{payee(3)},9,normal,3,,",
        f"{payee(4)},1,work,,,",
        f"{payee(5)},1,work,,a,b",
        f"{payee(6)},1,normal,,a,",
        f"{payee(7)},1,lottery,,,",
        f"{payee(8)},2.99,group,3,,",
    )
    assert problems_in(check(csv_file(tmp_path, text))) == [
        "row 2, people: is missing",
        "row 3, people: must be a whole number from 3 to 1000; found 2",
        "row 4, people: must be 1 for normal; found '3'",
        "row 5, sender_name: must be given, or else agentid; not both; found neither",
        "row 6, send_name: is not for work: leave it empty",
        "row 7, sender_name: is not for normal: leave it empty",
        "row 8, kind: must be one of normal, mini_program, group, work; found 'lottery'",
        (
            "row 9, amount: must be from 3.00 to 600.00 yuan for 3 people unless a scene_id is "
            "given; found 2.99 yuan"
        ),
    ]


def test_texts_come_from_the_list_else_from_the_settings(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path, _list("openid,amount,wishing", f"{payee(1)},1,", f"{payee(2)},1,自己的")
    )
    assert check(path).ok
    bare = check(path, payer=a_payer(texts={"send_name": "a", "act_name": "b"}))
    assert problems_in(bare) == [
        "row 2, wishing: is missing, in the list and in the settings",
        "the list, remark: is missing, in the list and in the settings",
    ]


def test_what_the_settings_lack_for_a_kind_is_reported_once(tmp_path: Path) -> None:
    payer = a_payer(client_ip=None, corp_id=None)
    lines = [
        f"{payee(n)},1,{kind},{name}"
        for n, kind, name in ((1, "normal", ""), (2, "work", "a"), (3, "normal", ""))
    ]
    found = check(csv_file(tmp_path, _list("openid,amount,kind,sender_name", *lines)), payer=payer)
    assert problems_in(found) == [
        "the list: normal packets need client_ip in the settings of demo",
        "the list: work packets need a [work] table in the settings of demo",
    ]


def test_a_receiver_stands_once_unless_repeats_are_allowed(tmp_path: Path) -> None:
    text = _list("openid,amount", *(f"{payee(n)},{n}" for n in (1, 2, 1, 3, 1)))
    assert problems_in(check(csv_file(tmp_path, text))) == [
        "row 4, openid: oTES…0001 stands in row 2 already; --allow-repeats permits it",
        "row 6, openid: oTES…0001 stands in row 2 already; --allow-repeats permits it",
    ]
    assert check(csv_file(tmp_path, text), allow_repeats=True).ok
    keyed = text.replace("amount\n", "amount,key\n").replace(",1\n", ",1,\n")
    keyed = keyed.replace(",2\n", ",2,k\n").replace(",3\n", ",3,\n")
    assert problems_in(check(csv_file(tmp_path, keyed))) == problems_in(
        check(csv_file(tmp_path, text))
    )


def test_a_key_stands_once_always(tmp_path: Path) -> None:
    text = _list("openid,amount,编号", f"{payee(1)},1,a", f"{payee(2)},1,b", f"{payee(3)},1,a")
    for allowed in (False, True):
        found = check(csv_file(tmp_path, text), allow_repeats=allowed)
        assert problems_in(found) == ["row 4, 编号: this key stands in row 2 already"]


def _keys(path: Path, name: str = "spring", **meaning: Any) -> list[str]:
    meant = Meaning(**{"unit": Unit.YUAN, **meaning})
    with check_list(path, name=name, payer=a_payer(), meaning=meant) as checked:
        return [key for part in checked.staging.parts() for key in part.keys]


def test_keys_are_derived_from_campaign_and_receiver_and_show_neither_in_full(
    tmp_path: Path,
) -> None:
    path = csv_file(
        tmp_path,
        _list("openid,amount,key", f"{payee(1)},1,", f"{payee(2)},1,own", f"{payee(3)},2,"),
    )
    first, own, third = _keys(path)
    assert own == "own"
    assert first != third
    assert first.startswith("spring/")
    assert first.endswith("-001")
    assert len(first) == len(third) == len("spring/") + 24
    assert payee(1) not in first
    assert _keys(path) == [first, own, third]
    assert _keys(path, name="summer")[0] != first


def test_repeats_without_keys_are_told_apart_by_their_order(tmp_path: Path) -> None:
    lines = [f"{payee(1)},1,", f"{payee(2)},1,", f"{payee(1)},2,own", f"{payee(1)},3,"]
    path = csv_file(tmp_path, _list("openid,amount,key", *lines))
    keys = _keys(path, allow_repeats=True)
    assert len(set(keys)) == 4
    assert keys[2] == "own"
    assert keys[0][:-4] == keys[3][:-4]
    assert (keys[0][-4:], keys[3][-4:]) == ("-001", "-002")


def test_a_list_over_its_budget_is_refused(tmp_path: Path) -> None:
    path = csv_file(tmp_path, rows(100))
    assert check(path, budget=18_800).ok
    assert problems_in(check(path, budget=18_799)) == [
        "the list: comes to 188.00 yuan; the budget is 187.99 yuan"
    ]


def test_more_than_a_day_allows_the_merchant_is_warned_of(tmp_path: Path) -> None:
    path = csv_file(tmp_path, rows(100))
    assert warned(check(path, payer=a_payer(limits=PayerLimits(day_amount_max=18_800)))) == []
    assert warned(check(path, payer=a_payer(limits=PayerLimits(day_amount_max=9_000)))) == [
        (
            "188.00 yuan are more than the merchant may pay a day (90.00 yuan): it takes at least "
            "3 days"
        )
    ]


def test_more_than_a_day_allows_a_user_is_put_off_to_other_days(tmp_path: Path) -> None:
    text = _list("openid,amount", *(f"{payee(number % 2)},100" for number in range(24)))
    limits = PayerLimits(user_day_count_max=10, user_day_amount_max=50_000)
    found = check(csv_file(tmp_path, text), payer=a_payer(limits=limits), allow_repeats=True)
    assert found.ok
    assert warned(found) == [
        (
            "more than a user may get a day (10 packets and 500.00 yuan): put off to later days, "
            "about 3 days in all (14 rows: 12, 14, 16, 18, 20, ...)"
        )
    ]


def test_a_row_that_no_day_allows_is_a_problem(tmp_path: Path) -> None:
    limits = PayerLimits(user_day_amount_max=10_000, day_amount_max=15_000)
    text = _list("openid,amount", f"{payee(1)},100", f"{payee(2)},100.01", f"{payee(3)},150.01")
    assert problems_in(check(csv_file(tmp_path, text), payer=a_payer(limits=limits))) == [
        "row 3, amount: is more than a user may get a day: 100.00 yuan",
        "row 4, amount: is more than a user may get a day: 100.00 yuan",
        "row 4, amount: is more than the merchant may pay a day: 150.00 yuan",
    ]


@pytest.mark.parametrize("name", ["", "a b", ".x", "-x", "a/b", "x" * 65, "a\n"])
def test_a_campaign_needs_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="is not a valid name"):
        check(csv_file(tmp_path, rows(1)), name=name)
    assert check(csv_file(tmp_path, rows(1)), name="春节-2026.1").ok


def test_a_kind_that_there_is_not_cannot_be_the_one_of_all_rows(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="normal, mini_program, group, work"):
        check(csv_file(tmp_path, rows(1)), kind="lottery")
    assert check(csv_file(tmp_path, rows(1)), kind="mini_program").kinds == {
        "mini_program": (1, 188)
    }


def test_what_is_kept_while_a_list_is_checked_is_nobody_elses_and_does_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(kept))
    path, meant = csv_file(tmp_path, rows(10)), Meaning(unit=Unit.YUAN)
    with check_list(path, name="a", payer=a_payer(), meaning=meant) as checked:
        assert checked.findings.ok
        # Where the system cannot take the name away at once, nobody else may read the file.
        assert all(file.stat().st_mode & 0o077 == 0 for file in kept.iterdir())
        assert os.name == "nt" or list(kept.iterdir()) == []
    assert list(kept.iterdir()) == []


def test_a_disk_without_room_for_a_list_is_reported(tmp_path: Path) -> None:
    path = csv_file(tmp_path, rows(5_000))
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from list_maker import check\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))\n"
        "check(Path(sys.argv[1]))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        check=False,
        cwd=Path(__file__).parent,
        text=True,
    )
    last = ran.stderr.splitlines()[-1]
    assert last.startswith("hongbao.errors.ConfigurationError: ")
    assert "cannot keep a list while it is read" in last


def test_the_digest_says_what_is_paid_to_whom_with_which_words(tmp_path: Path) -> None:
    digest = check(csv_file(tmp_path, rows(3))).digest
    others = [
        check(csv_file(tmp_path, rows(3)), name="other"),
        check(csv_file(tmp_path, rows(3).replace("1.88", "1.89"))),
        check(csv_file(tmp_path, rows(3, first=2))),
        check(csv_file(tmp_path, rows(3)), payer=a_payer(texts={**TEXTS, "remark": "别的"})),
        check(csv_file(tmp_path, rows(3)), kind="group", allow_repeats=True),
        check(csv_file(tmp_path, rows(3)), payer=a_payer(app_id="wx0000000000000000")),
    ]
    assert digest not in {other.digest for other in others}
    assert check(csv_file(tmp_path, rows(3), "another-name.csv")).digest == digest


def test_whatever_is_judged_right_is_what_the_wire_takes(tmp_path: Path) -> None:
    text = _list(
        "openid,amount,wishing,remark,risk_info",
        f"{payee(1)},1.00,]]>&<,a%20b,posttime%3d1",
        f"{payee(2)},200,😀,{'注' * 85},",
    )
    meant = Meaning(unit=Unit.YUAN)
    with check_list(csv_file(tmp_path, text), name="a", payer=a_payer(), meaning=meant) as checked:
        assert checked.findings.ok
        ready = next(checked.staging.parts())
        bodies = [body for _, body in checked.staging.terms_without_id(100)]
    assert ready.amounts == [100, 20_000]
    assert all("profile" in body and "app_id" in body for body in bodies)
    assert SendNormal.ENDPOINT.letter == "S"
