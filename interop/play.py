"""Plays one SDK's cases against the stage and records what is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.wire import document
from interop import outcome
from interop.cases import cases_of
from interop.driver import Driver
from interop.environments import started
from interop.fixed_inputs import inputs
from interop.manual import compilers_word
from interop.recording import Exchanged, Recording, Step

if TYPE_CHECKING:
    from interop.cases import Case
    from interop.environments import Installed
    from interop.sdks import Sdk
    from interop.stage import Stage


def play(sdk: Sdk, installed: Installed, stage: Stage) -> Recording:
    """Let an SDK do everything that it can."""
    asked = list(cases_of(sdk))
    trusting, ignorant = started(installed, stage.folder.ca_path), started(installed, None)
    with Driver(trusting, installed.folder) as driver:
        steps = [_step(driver, stage, sdk, case) for case in asked if case.trusted]
        signatures, readings = _signatures(driver), _readings(driver)
    with Driver(ignorant, installed.folder) as driver:
        steps += [_step(driver, stage, sdk, case) for case in asked if not case.trusted]
    return Recording(
        sdk=sdk.name,
        package=sdk.package,
        steps=steps,
        signatures=signatures,
        readings=readings,
        manual=compilers_word(sdk),
    )


def _step(driver: Driver, stage: Stage, sdk: Sdk, case: Case) -> Step:
    stage.begin(case, sdk)
    told = driver.carry_out(case.step(_payer(stage, case), plain_texts=sdk.plain_texts))
    made = outcome.in_words(told, stage.seen)
    if stage.seen and case.packet.get("mch_billno", "") is None:  # the SDK drew the number
        number = document.decode(stage.seen[0].exchange.body).fields["mch_billno"]
        made += f", {'with' if outcome.keeps_number(told, number) else 'without'} the number"
    return Step(name=case.name, exchanges=[Exchanged.of(one) for one in stage.seen], made=made)


def _signatures(driver: Driver) -> dict[str, str]:
    """How the SDK's own signer signs the fixed inputs, as far as it can."""
    found = {}
    for name, one in inputs().items():
        step = {"call": "sign", "fields": one.fields, "sign_type": one.sign_type}
        sign = driver.carry_out({**step, "key": one.key})["value"]
        if sign is not None:
            found[name] = sign
    return found


def _readings(driver: Driver) -> dict[str, dict[str, str]]:
    """What the SDK's own reader of XML finds in the documents that we send."""
    found = {}
    for name, one in inputs().items():
        if one.document:
            read = driver.carry_out({"call": "read", "document": one.document})["value"]
            if read is not None:
                found[name] = dict(sorted(read.items()))
    return found


def _payer(stage: Stage, case: Case) -> dict[str, str]:
    """The demo merchant, as a driver needs it: paths, appid, keys."""
    merchant = next(iter(stage.folder.merchants.values()))
    place = stage.folder.merchant_path(merchant.mch_id)
    app_ids = {
        "mini": merchant.mini_program_app_id,
        "work": merchant.corp_id,
        "query_work": merchant.corp_id,
    }
    certificate = {
        "cert_path": str(place / "apiclient_cert.pem"),
        "key_path": str(place / "apiclient_key.pem"),
        "p12_path": str(place / "apiclient_cert.p12"),
    }
    return {
        **(certificate if case.certified else dict.fromkeys(certificate, "")),
        "base_url": stage.base_url,
        "mch_id": merchant.mch_id,
        "key": merchant.key,
        "app_id": app_ids.get(case.call) or merchant.app_id,
        "work_secret": merchant.work_secret or "",
    }
