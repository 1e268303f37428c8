"""What a user's page is opened with: computed from the order, so that none is stored."""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from hongbao.simulator.transfer.order import SimulatedTransfer

if TYPE_CHECKING:
    from hongbao.simulator.transfer.order import SimulatedAuthorization
    from hongbao.simulator.world import World

_MARK = b"\xfb\xff"  # so that there are + and / in it, which links and forms damage
_PROOF_BYTES = 32
_CHARS_MAX = 1024


def package_of(world: World, of: SimulatedTransfer | SimulatedAuthorization) -> str:
    """The package of a transfer or an authorisation: opaque, the same each time."""
    if isinstance(of, SimulatedTransfer):
        kind, number = "T", of.out_bill_no
    else:
        kind, number = "A", of.out_authorization_no
    about = f"{kind}/{of.mch_id}/{number}"
    proof = sha256(f"{world.secret}/{about}".encode()).digest()
    return b64encode(_MARK + proof + about.encode()).decode()


def order_of_package(
    world: World, package: str
) -> SimulatedTransfer | SimulatedAuthorization | None:
    """What a package was issued for."""
    if len(package) > _CHARS_MAX:
        return None
    try:
        text = b64decode(package, validate=True)[len(_MARK) + _PROOF_BYTES :].decode()
        kind, mch_id, number = text.split("/")
    except ValueError:
        return None
    find = world.transfers.find if kind == "T" else world.transfers.find_authorization
    found = find(mch_id, number)
    return found if found is not None and package == package_of(world, found) else None
