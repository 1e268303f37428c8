"""What other people's SDKs once sent gets the same answers today, and is signed as we sign.

The recordings and ``docs/interop.md`` are written by ``make interop``, which has the SDKs.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hongbao.simulator.exchange import Exchange
from hongbao.wire import document, signature
from hongbao.wire.endpoints import ENDPOINTS
from interop import migration, page, transfer_situations
from interop.cases import CASES, FRIEND, RECEIVER, cases_of
from interop.expectations import expected
from interop.faults import FAULTS, faults_in
from interop.fixed_inputs import KEY, inputs
from interop.judge import disagreements, seen_in
from interop.quirks import QUIRKS
from interop.recording import Exchanged, read_all
from interop.sdks import SDKS
from interop.stage import answer, fresh

if TYPE_CHECKING:
    from hongbao.simulator.folder.folder import SimulatorFolder
    from interop.cases import Case
    from interop.sdks import Sdk

MCH_ID = "1999000001"
RECORDINGS = read_all()
_ENDPOINTS = {endpoint.path: endpoint for endpoint in ENDPOINTS}
_BY_NAME = {case.name: case for case in CASES}

every_sdk = pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: sdk.name)


def recorded(sdk: Sdk) -> list[tuple[Case, Exchanged]]:
    """Every request of an SDK, with its case."""
    steps = RECORDINGS[sdk.name].steps
    found = [(_BY_NAME[step.name], one) for step in steps for one in step.exchanges]
    assert found
    return found


@every_sdk
def test_the_simulator_answers_as_it_did_over_tls_to_the_byte(
    sdk: Sdk, wechat_folder: SimulatorFolder
) -> None:
    for case, one in recorded(sdk):
        seen = answer(
            fresh(wechat_folder, case),
            Exchange(one.path, one.body.encode(), MCH_ID if one.certificate else None, "127.0.0.1"),
        )
        assert Exchanged.of(seen) == one, case.name


@every_sdk
def test_every_case_ended_as_it_must(sdk: Sdk) -> None:
    assert not list(disagreements(sdk, RECORDINGS[sdk.name]))


@every_sdk
def test_our_signer_says_of_theirs_what_the_simulator_says(sdk: Sdk) -> None:
    """Over the fields that a call knows; a wrong one is right over what was sent or left unsent."""
    for case, one in recorded(sdk):
        if one.verdict in {"SYSTEMERROR", "PARAM_ERROR"} or not one.body.startswith("<xml>"):
            continue  # nobody looked at the signature
        fields = document.decode(one.body.encode()).fields
        known = {*_ENDPOINTS[one.path].signed_order, "sign"}
        judged = {name: text for name, text in fields.items() if name in known}
        assert signature.verify_md5(judged, KEY) is (one.verdict != "SIGN_ERROR"), case.name


def test_what_gets_a_sign_error_signs_a_field_too_many() -> None:
    """So the reason that the page gives is the right one."""
    foreign = set()
    for sdk in SDKS:
        for case, one in recorded(sdk):
            if one.verdict == "SIGN_ERROR" and case.situation != "nothing":
                fields = document.decode(one.body.encode()).fields
                assert signature.verify_md5(fields, KEY), case.name
                known = _ENDPOINTS[one.path].signed_order
                foreign |= {(case.call, name) for name in fields if name not in (*known, "sign")}
    assert foreign == {("group", "client_ip"), ("query", "sub_mch_id")}


@every_sdk
def test_their_signers_sign_our_requests_as_we_do(sdk: Sdk) -> None:
    ours = {name: one.ours for name, one in inputs().items()}
    theirs = RECORDINGS[sdk.name].signatures
    assert {*theirs, "downloadfundflow", "workwx_sign"} == set(ours)
    assert theirs == {name: ours[name] for name in theirs}


def test_hmac_and_the_wecom_signature_have_a_second_opinion_too() -> None:
    counts = [
        sum(name in recording.signatures for recording in RECORDINGS.values())
        for name in ("downloadfundflow", "workwx_sign")
    ]
    assert counts == [10, 3]


def test_their_readers_of_xml_find_in_our_documents_what_we_wrote() -> None:
    """A ``]]>`` inside a value, quotes and ampersands among it."""
    ours = {name: {**one.fields, "sign": one.ours} for name, one in inputs().items()}
    written = [name for name, one in inputs().items() if one.document]
    readers = [recording for recording in RECORDINGS.values() if recording.readings]
    assert len(readers) == len(SDKS) - 2  # two read only into what they know of replies
    for recording in readers:
        assert recording.readings == {name: ours[name] for name in written}, recording.sdk


@every_sdk
def test_what_we_sent_and_another_sdk_repeats_is_not_paid_again(sdk: Sdk) -> None:
    verdicts = [(one.verdict, one.paid) for case, one in recorded(sdk) if case.situation == "again"]
    assert verdicts in ([("SUCCESS", False)], [("PARAM_ERROR", False)])


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what[:40])
def test_a_fault_shows_in_what_was_seen(fault: object) -> None:
    """Without it, another end would be expected: of each of its SDKs in one case at least."""
    for sdk in SDKS:
        steps = {step.name: step for step in RECORDINGS[sdk.name].steps}
        shown = [case for case in cases_of(sdk) if fault in faults_in(sdk, case)]
        assert bool(shown) is (sdk.name in fault.sdks)  # type: ignore[attr-defined]  # a Fault
        for case in shown:
            assert seen_in(steps[case.name]) == expected(sdk, case)


def test_a_wrong_end_a_missing_case_and_a_wrong_signature_are_reported() -> None:
    sdk = SDKS[0]
    right = RECORDINGS[sdk.name]
    first, second, *rest = right.steps
    wrong = replace(
        right,
        steps=[replace(first, made="nothing"), *rest],
        signatures={**right.signatures, "gethbinfo": "0" * 32},
    )
    told = [one.what for one in disagreements(sdk, wrong)]
    assert told == [first.name, second.name, "signature of gethbinfo"]


def test_the_page_is_what_the_recordings_say() -> None:
    assert page.PATH.read_text(encoding="utf-8") == page.render(RECORDINGS), "run `make interop`"


@pytest.mark.parametrize("language", migration.READMES)
def test_the_readmes_table_of_powerwechat_is_what_its_recording_says(language: str) -> None:
    table = migration.render(RECORDINGS[migration.SDK], language)
    assert migration.shown(language) == table, "run `make interop`"


def test_a_call_of_a_manual_that_compiles_no_longer_as_it_did_is_reported() -> None:
    sdk = next(sdk for sdk in SDKS if sdk.name == migration.SDK)
    right = RECORDINGS[sdk.name]
    wrong = replace(right, manual={**right.manual, "normal": "undefined: x", "mini": ""})
    assert [one.what for one in disagreements(sdk, wrong)] == ["manual's normal", "manual's mini"]


def test_every_sdk_has_a_recording_of_its_version_and_a_manner() -> None:
    assert set(RECORDINGS) == {sdk.name for sdk in SDKS} == set(QUIRKS)
    for sdk in SDKS:
        assert RECORDINGS[sdk.name].package == sdk.package


@every_sdk
def test_recordings_hold_made_up_people_and_no_key(sdk: Sdk) -> None:
    text = repr(RECORDINGS[sdk.name])
    assert KEY not in text
    assert "localhost" not in text
    people = re.findall(r"openid>(?:<!\[CDATA\[)?(\w+)", text)
    assert people
    assert set(people) <= {RECEIVER, FRIEND}


def test_what_was_seen_of_sdks_of_transfers_is_what_a_payer_needs_or_what_is_known_of_them() -> (
    None
):
    seen = transfer_situations.read()
    assert {one.sdk for one in seen} == {it.package for it in transfer_situations.SITUATION_SDKS}
    assert [one for one in seen if one.words != transfer_situations.wanted(one)] == []
