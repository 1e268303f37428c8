"""Who pays is what the payout's terms say, and never another merchant number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao import Merchant, ServiceProvider, V3Credentials
from hongbao.configuration.file import read_configuration
from hongbao.configuration.payers import open_merchants, payer
from hongbao.engine.clients import RedPackClients
from hongbao.errors import ConfigurationError
from hongbao.rails.redpack.caller import Account
from hongbao.rails.redpack.kinds import MINI_PROGRAM

if TYPE_CHECKING:
    from campaign_office import Office, Town


def clients(office: Office, number: str) -> RedPackClients:
    configuration = read_configuration(None)
    merchants, problems = open_merchants(configuration, configuration.profiles)
    problems.raise_if_any()
    of_red_packets = {
        name: it for name, it in merchants.items() if not isinstance(it, V3Credentials)
    }
    return RedPackClients(configuration, of_red_packets, number, connections_max=4)


def test_a_profile_pays_with_its_own_appid(office: Office, town: Town) -> None:
    client = clients(office, town.mch_id)(Account("demo", town.settings["app_id"]))
    assert isinstance(client.merchant, Merchant)
    assert client.merchant.app_id == town.settings["app_id"]


def test_mini_program_packets_go_out_under_the_mini_programs_appid(
    office: Office, town: Town
) -> None:
    office.configure(town.settings, mini_program_app_id="wx0000000000de0002")
    made = clients(office, town.mch_id)
    assert payer(read_configuration(None).profile("demo")).app_id_of(MINI_PROGRAM) == (
        "wx0000000000de0002"
    )
    normal = made(Account("demo", town.settings["app_id"]))
    mini = made(Account("demo", "wx0000000000de0002"))
    assert mini.merchant.app_id == "wx0000000000de0002"
    assert mini.merchant.key == normal.merchant.key
    assert mini.transport is normal.transport


def test_a_provider_pays_for_the_sub_merchant_of_the_terms(office: Office, town: Town) -> None:
    provider = {"kind": "service-provider", "sub_mch_id": "19", "msgappid": "wxnew"}
    office.configure(town.settings, **provider)
    client = clients(office, town.mch_id)(
        Account("demo", town.settings["app_id"], "1900000999", "wxold")
    )
    assert isinstance(client.merchant, ServiceProvider)
    assert (client.merchant.sub_mch_id, client.merchant.msgappid) == ("1900000999", "wxold")


def test_another_merchant_number_is_refused(office: Office) -> None:
    with pytest.raises(ConfigurationError, match="but the payouts are 1900000555's"):
        clients(office, "1900000555")(Account("demo"))


def test_a_profile_that_is_gone_is_refused(office: Office, town: Town) -> None:
    with pytest.raises(ConfigurationError, match=r"merchants\.shop"):
        clients(office, town.mch_id)(Account("shop"))
