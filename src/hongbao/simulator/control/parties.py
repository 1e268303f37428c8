"""The control port's calls about merchants and users: JSON in, JSON out; no HTTP.

Each takes the simulation, the variable parts of the path, and the request's fields. The caller
holds the lock.
"""

from __future__ import annotations

import secrets
from itertools import islice
from typing import TYPE_CHECKING, Any

from hongbao.english import counted
from hongbao.errors import InvalidRequest
from hongbao.simulator import claims
from hongbao.simulator.control.json_in import INT_MAX, wrong
from hongbao.simulator.control.json_out import shown_claimed, shown_user
from hongbao.simulator.control.merchant_json import change_merchant, shown_account, shown_merchant
from hongbao.simulator.folder.kept_merchant import KeptMerchant
from hongbao.simulator.simulation import OPENING_BALANCE
from hongbao.wire import fields as wire_fields

if TYPE_CHECKING:
    from hongbao.simulator.control.json_in import JsonFields
    from hongbao.simulator.merchant import FundAccount, SimulatedMerchant
    from hongbao.simulator.simulation import Simulation
    from hongbao.wire.fields import Field

Shown = dict[str, Any]

USERS_SHOWN_MAX = 10_000
_KEPT = ("mch_id", "key", "app_id", "mini_program_app_id", "corp_id", "work_secret", "balance")


class NotThere(Exception):
    """There is no such packet, merchant or user; ``args[0]`` says which."""


def show_merchants(simulation: Simulation, said: JsonFields) -> Shown:
    """All merchants."""
    said.end()
    return {"merchants": [shown_merchant(one) for one in simulation.world.merchants.values()]}


def add_merchant(simulation: Simulation, said: JsonFields) -> Shown:
    """Add a merchant with a certificate; the answer has the settings that a client needs."""
    mch_id = _checked(said, "mch_id", wire_fields.MCH_ID)
    if mch_id in simulation.world.merchants:
        wrong("mch_id", "a new number", mch_id)
    kept = KeptMerchant(
        mch_id=mch_id,
        key=said.text("key", secrets.token_hex(16)),
        app_id=_checked(said, "app_id", wire_fields.WXAPPID),
        mini_program_app_id=said.maybe_text("mini_program_app_id"),
        corp_id=said.maybe_text("corp_id"),
        work_secret=said.maybe_text("work_secret"),
    )
    balance = said.whole("balance", default=OPENING_BALANCE)
    said.end(*_KEPT)
    merchant = simulation.add_merchant(kept, balance=balance)
    return {**shown_merchant(merchant), "settings": simulation.merchant_settings(mch_id)}


def show_merchant(simulation: Simulation, mch_id: str, said: JsonFields) -> Shown:
    """One merchant."""
    said.end()
    return shown_merchant(find_merchant(simulation, mch_id))


def alter_merchant(simulation: Simulation, mch_id: str, said: JsonFields) -> Shown:
    """Change a merchant's switches, limits, scenes and bindings."""
    merchant = find_merchant(simulation, mch_id)
    change_merchant(merchant, said)
    return shown_merchant(merchant)


def show_client_settings(simulation: Simulation, mch_id: str, said: JsonFields) -> Shown:
    """The keyword arguments of ``hongbao.Merchant``, the key among them."""
    find_merchant(simulation, mch_id)
    mini_program = said.maybe_text("mini_program") not in {None, "0", "false"}
    said.end("mini_program")
    return simulation.merchant_settings(mch_id, mini_program=mini_program)


def top_up(simulation: Simulation, mch_id: str, said: JsonFields) -> Shown:
    """Add money to an account; a negative amount takes it away."""
    merchant = find_merchant(simulation, mch_id)
    amount = said.whole("amount", low=-INT_MAX)
    account = _account(merchant, said.text("account", "basic"))
    said.end("amount", "account")
    if account.balance + amount < 0:
        wrong("amount", f"not more than the balance of {account.balance}", amount)
    merchant.top_up(account, amount, simulation.world.clock.now())
    return shown_account(account)


def _account(merchant: SimulatedMerchant, name: str) -> FundAccount:
    match name:
        case "basic":
            return merchant.basic
        case "operating":
            return merchant.operating
        case _:
            return wrong("account", "basic or operating", name)


def show_users(simulation: Simulation, said: JsonFields) -> Shown:
    """The registered users, at most the first ``USERS_SHOWN_MAX``."""
    said.end()
    users = simulation.world.users
    first = islice(users.values(), USERS_SHOWN_MAX)
    return {"count": len(users), "users": [shown_user(user) for user in first]}


def add_user(simulation: Simulation, said: JsonFields) -> Shown:
    """Register an openid under an appid, and with it the user's real name."""
    openid = _checked(said, "openid", wire_fields.RE_OPENID)
    appid = _checked(said, "appid", wire_fields.WXAPPID)
    name = said.text("name") if "name" in said else ""
    said.end("openid", "appid", "name")
    user = simulation.world.register(openid, appid)
    user.name = name or user.name
    return shown_user(user)


def show_user(simulation: Simulation, openid: str, said: JsonFields) -> Shown:
    """One user and what they have claimed."""
    said.end()
    if openid not in simulation.world.users:
        raise NotThere("openid")
    return shown_user(simulation.world.users[openid])


def claim(simulation: Simulation, said: JsonFields) -> Shown:
    """A user claims a packet: by its number, by claim parameters, or by a ticket."""
    world = simulation.world
    openid = said.text("openid")
    if "params" in said:
        params = said.raw("params")
        scene = said.whole("scene") if "scene" in said else None
        said.end("openid", "params", "scene")
        if not isinstance(params, dict):
            wrong("params", "an object", params)
        claimed = claims.claim_mini_program(world, params, openid=openid, scene=scene)
    elif "sp_ticket" in said:
        ticket = said.text("sp_ticket")
        said.end("openid", "sp_ticket")
        claimed = claims.draw_ticket(world, sp_ticket=ticket, openid=openid)
    else:
        mch_id = said.text("mch_id", next(iter(world.merchants), None))
        mch_billno = said.text("mch_billno")
        said.end("openid", "mch_id", "mch_billno")
        claimed = claims.claim_packet(world, mch_id=mch_id, mch_billno=mch_billno, openid=openid)
    return shown_claimed(claimed)


def find_merchant(simulation: Simulation, mch_id: str) -> SimulatedMerchant:
    """A merchant by its number.

    Raises:
        NotThere: if there is none.
    """
    if mch_id not in simulation.world.merchants:
        raise NotThere("mch_id")
    return simulation.world.merchants[mch_id]


def _checked(said: JsonFields, name: str, rule: Field) -> str:
    text = said.text(name)
    if rule.problem(text) is not None:
        raise InvalidRequest(field=name, rule=rule.rule, found=counted(len(text), "character"))
    return text
