"""No command of the payout engine prints a secret, wherever in hongbao.toml it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from campaign_office import Office
    from shop import Run

KEY = "Zk7Qm2Xr9Tb4Lw8Hs5Nd1Vc6Gf3Jp0Ya"
COMMANDS = {
    "new": ("campaign", "new", "list.csv", "--merchant", "demo", "--name", "s", "--unit", "yuan"),
    "status": ("campaign", "status", "spring"),
    "worker": ("worker", "--leave-idle", "0"),
    "doctor": ("doctor", "--config", "hongbao.toml"),
    "init": ("init", "other.toml", "--merchant", "hongbao.toml"),
}
PLACES = {
    "no TOML": f'key = "{KEY}\n',
    "not allowed": f'[merchants.demo]\nkey = "{KEY}"\n',
    "where its file belongs": f'[merchants.demo]\nkey_file = "{KEY}"\n',
    "where its variable belongs": f'[merchants.demo]\nkey_env = "{KEY}"\n',
    "where the appid belongs": f'[merchants.demo]\napp_id = "{KEY} "\n',
    "where the hours belong": f'[merchants.demo]\nhours = "{KEY}"\n',
    "where the kind belongs": f'[merchants.demo]\nkind = "{KEY}"\n',
    "in a list": f'[merchants.demo]\nkey = ["{KEY}"]\n',
    "allowed": f'[merchants.demo]\nkey = "{KEY}"\n',
}


@pytest.mark.parametrize(("debug", "form"), [("", ("--json",)), ("1", ())])
@pytest.mark.parametrize("place", PLACES)
def test_no_command_says_the_key(
    run: Run, office: Office, place: str, debug: str, form: tuple[str, ...]
) -> None:
    run(*office.new(office.write_list()))
    rest = (
        'app_id = "wx1"\nmch_id = "1999000001"\ncert_path = "c.pem"\nkey_path = "k.pem"\n'
        'base_url = "https://127.0.0.1:1"\n'
    )
    top = 'database = "books.db"\n' + ("allow_inline_secrets = true\n" * (place == "allowed"))
    text = PLACES[place]
    lines = rest if "app_id" not in text else rest.partition("\n")[2]
    path = office.folder / "hongbao.toml"
    path.write_text(top + text + (lines if "[" in text else ""), encoding="utf-8")
    for command in COMMANDS.values():
        ran = run(*command, *form, env={"HONGBAO_DEBUG": debug})
        assert ran.everything
        assert KEY not in ran.everything, command
