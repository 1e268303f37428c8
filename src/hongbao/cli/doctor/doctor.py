"""``hongbao doctor``: proves the settings, the certificate and the connection; moves no money."""

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from hongbao.cli.answer import CommandResult, answer, print_text
from hongbao.cli.doctor.examination import examine, examine_configuration
from hongbao.cli.doctor.settings import Check, CheckState
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.failure import WrongCommandLine
from hongbao.cli.options import AsJson, ConfigPath, MerchantPath
from hongbao.cli.payer import settings_are_given
from hongbao.configuration.file import find_configuration

_NAME_BYTES = 14  # 28 hexadecimal digits: as long as an order number may be, and nobody's


def doctor(
    *, merchant: MerchantPath = None, config: ConfigPath = None, as_json: AsJson = False
) -> CommandResult:
    """Check key, certificate and connection.

    With --config, check all merchants of hongbao.toml, its files and its books. No money moves.
    """
    checks = []
    for check in _checks(merchant, config):
        checks.append(check)
        if not as_json:
            print_text(check.line())
    code = next((check.code for check in checks if check.state is CheckState.FAIL), ExitCode.DONE)
    warned = any(check.state is CheckState.WARN for check in checks)
    outcome = "unhealthy" if code else "healthy"
    words = {
        (False, False): "All is well.",
        (False, True): "It works; look at the warnings.",
    }.get((bool(code), warned), "Fix what failed, from the top; then run this again.")
    return answer({"checks": checks}, words, outcome=outcome, code=code, as_json=as_json)


def _checks(merchant: Path | None, config: Path | None) -> Iterator[Check]:
    if merchant is not None and config is not None:
        raise WrongCommandLine("Give either --merchant or --config")
    named = merchant is not None or (config is None and settings_are_given())
    if named or find_configuration(config) is None:
        return examine(merchant, clock=time.time, mch_billno=_nobodys())
    return examine_configuration(config, clock=time.time, mch_billno=_nobodys)


def _nobodys() -> str:
    return secrets.token_hex(_NAME_BYTES)
