"""What intake needs to know of who pays: the settings of a merchant's profile, without secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from hongbao.ledger.model.approval import ANYBODY, ApprovalPolicy
from hongbao.ledger.model.limits import PayerLimits
from hongbao.rails.port import Issuer
from hongbao.sealing import Keyring
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hongbao.rails.port import Kind, RowRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays a list.

    Attributes:
        number: the merchant's number.
        rail: the name of the way in which it pays.
        profile: the name of its settings.
        app_id: under which openids of normal and group packets were issued.
        mini_program_app_id: the same for mini-program packets; None if it is ``app_id``.
        corp_id: its WeCom corporation, which stands for the appid there; None if it has none.
        sub_mch_id: of a service provider: on whose behalf.
        msgappid: of a service provider: the appid through which users are reached.
        client_ip: the IPv4 that normal packets declare as theirs.
        texts: what is said in rows that do not say it: ``send_name``, ``wishing``, ``act_name``,
            ``remark`` and so on.
        limits: what it may pay when.
        again_days: for how many days a list must not repeat another campaign unasked.
        approval: who must approve what it pays.
        keyring: the keys that seal names and kept columns, read when they are first needed.
        rules: of its rail: what rows of each kind must be. Rows that name no kind are of the first,
            unless the list is meant otherwise.
    """

    number: str
    rail: str
    profile: str
    app_id: str
    mini_program_app_id: str | None = None
    corp_id: str | None = None
    sub_mch_id: str | None = None
    msgappid: str | None = None
    client_ip: str | None = None
    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    limits: PayerLimits = field(default_factory=PayerLimits)
    again_days: int = 30
    approval: ApprovalPolicy = ANYBODY
    keyring: Callable[[], Keyring] = field(default=Keyring, repr=False, compare=False)
    rules: Mapping[str, RowRules]

    def rules_named(self, name: str) -> RowRules | None:
        """The rules of the kind that people call so; None if there is none."""
        plain = name.casefold().replace("_", "").replace("-", "").replace(" ", "")
        found = (rules for rules in self.rules.values() if plain in rules.kind.spellings)
        return next(found, None)

    def faults(self, kind: Kind) -> Iterator[str]:
        """What its settings lack for a kind."""
        if "client_ip" in kind.from_settings and self.client_ip is None:
            yield say(
                "{name} packets need client_ip in the settings of {profile}",
                name=kind.name,
                profile=self.profile,
            )
        if self.app_id_of(kind) is None:
            yield say(
                "{name} packets need a [work] table in the settings of {profile}",
                name=kind.name,
                profile=self.profile,
            )

    def app_id_of(self, kind: Kind) -> str | None:
        """The appid under which receivers of a kind were issued; None if it has none for it."""
        match kind.issuer:
            case Issuer.CORPORATION:
                return self.corp_id
            case Issuer.MINI_PROGRAM:
                return self.mini_program_app_id or self.app_id
            case Issuer.OFFICIAL_ACCOUNT | Issuer.CONFIRM_PAGE:
                return self.app_id

    def sealed(self, kind: Kind, said: Mapping[str, str | int], payee: str) -> dict[str, str | int]:
        """What a row says more, as it is stored: what belongs to its receiver alone is sealed.

        Raises:
            ConfigurationError: if that needs a key, and there is none.
        """
        names = [name for name in kind.sealed if name in said]
        if not names:
            return dict(said)
        keyring = self.keyring()
        return {
            **said,
            **{
                name: keyring.seal_text(str(said[name]), about=(self.number, payee, name))
                for name in names
            },
        }

    def terms(self, kind: Kind) -> dict[str, str]:
        """What every request of a kind says of who pays."""
        said = {
            "profile": self.profile,
            "app_id": self.app_id_of(kind),
            "sub_mch_id": self.sub_mch_id,
            "msgappid": self.msgappid,
        }
        return {name: value for name, value in said.items() if value is not None}
