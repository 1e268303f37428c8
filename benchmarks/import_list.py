"""A list of a million rows, from the file into the books, by the command that a user gives.

Into empty books, or into books that hold as many payouts to others.
"""

from __future__ import annotations

import subprocess
import sys
import time
from hashlib import sha256
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from hongbao.ledger.book import Book
from process_use import peak_megabytes

if TYPE_CHECKING:
    from pathlib import Path

_LOOKS = 30
_LOOK_SECONDS = 0.02

_SETTINGS = """
database = "{database}"

[merchants.demo]
app_id = "wx00aa11bb22cc33dd"
mch_id = "1900012345"
key_file = "key.txt"
cert_path = "cert.pem"
key_path = "key.pem"
client_ip = "203.0.113.7"
day_yuan_max = "100000000.00"

[merchants.demo.texts]
send_name = "测试商户"
act_name = "秋季抽奖"
remark = "一等奖"
"""


class Imported(NamedTuple):
    """One import.

    Attributes:
        seconds: of the whole command, by the clock.
        peak_megabytes: resident, of its process; with the pages of files that it has mapped, of
            which the programs and libraries are 14 MB.
        status_milliseconds: how long the campaign's standing takes to read, the median.
    """

    seconds: float
    peak_megabytes: float
    status_milliseconds: float


def write_list(path: Path, rows: range) -> None:
    """A list with an openid, an amount, a key and a text in each row; each row is another one's."""
    with path.open("w", encoding="utf-8") as file:
        file.write("openid,金额(元),订单号,祝福语\n")
        for row in rows:
            openid = "o" + sha256(str(row).encode()).hexdigest()[:27]
            yuan = f"{1 + row % 200}.{row % 100:02}" if row % 200 < 199 else "200.00"
            file.write(f"{openid},{yuan},SO2026-{row:08},恭喜发财 大吉大利\n")


def write_settings(folder: Path, url: str) -> Path:
    """The settings of an engine with these books, and its keys; gives their path."""
    settings = _SETTINGS.format(database=url.removeprefix("sqlite:///"))
    path = folder / "hongbao.toml"
    path.write_text(settings, encoding="utf-8")
    (folder / "key.txt").write_text("Zk7Qm2Xr9Tb4Lw8Hs5Nd1Vc6Gf3Jp0Ya", encoding="utf-8")
    (folder / "key.txt").chmod(0o600)
    return path


def measure(folder: Path, url: str, rows: range, name: str) -> Imported:
    """Check and store a list.

    Args:
        folder: for the list and the settings; its own.
        url: of the books.
        rows: which; those of other lists are to other people.
        name: of the campaign.
    """
    folder.mkdir()
    write_list(folder / "list.csv", rows)
    config = write_settings(folder, url)
    command = [sys.executable, "-m", "hongbao", "campaign", "new", str(folder / "list.csv")]
    command += ["--merchant", "demo", "--name", name, "--unit", "yuan", "--json"]
    command += ["--config", str(config)]
    with (folder / "said.txt").open("wb") as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=said)
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, peak_megabytes(process.pid))
            time.sleep(_LOOK_SECONDS)
        seconds = time.perf_counter() - started
    if process.returncode:
        text = (folder / "said.txt").read_text(encoding="utf-8")
        raise RuntimeError(f"the import failed: {text[-2000:]}")
    return Imported(seconds, peak, _status(url, name, len(rows)))


def _status(url: str, name: str, rows: int) -> float:
    """Milliseconds of reading how the campaign stands."""
    taken = []
    with Book.open(url) as book:
        for _ in range(_LOOKS):
            started = time.perf_counter()
            found = book.standing(name).campaign.rows
            taken.append(time.perf_counter() - started)
            if found != rows:
                raise RuntimeError(f"{found} of {rows} rows are there")
    return median(taken) * 1e3
