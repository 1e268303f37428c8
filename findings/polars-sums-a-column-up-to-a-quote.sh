#!/usr/bin/env bash
# polars 2.1.0 (Python): the sum of one column of a CSV leaves rows out where another column has quotes; there is no error.
#
# Guess, before it was run: a quote in the middle of a cell, as remarks in WeChat's bills have them (`5" screen; every cell begins
#   with a backtick, so no cell begins with the quote), is text or an error, and is the same whatever is asked of the file.
# Seen: scan_csv(...).collect() raises ComputeError "CSV malformed". The sum of the amounts alone is 6.0 where it is 9.0, and the
#   count 8 where it is 11, with the same defaults and without an error or a warning. With one lone quote the count alone is 3.
#   read_csv with ignore_errors=True has all 11 rows. quote_char=None is right in all of them.
# Whom it hurts: whoever adds a bill up with a query that takes the amounts alone, as a lazy query does by itself: the rows between
#   two remarks with a quote are not there, and the total looks like one.
#
# Needs python3 with venv and PyPI. Exits with 1 if polars does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet polars==2.1.0

cat > read.py <<'PYTHON'
import polars as pl

HEADER = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号"
)


def bill(name, remarks):
    lines = [HEADER]
    for row, remark in enumerate(remarks, 1):
        cells = (f"2026-11-29 09:00:{row:02d}", f"1000{row}", f"70{row}", "现金红包", "现金红包", "支出")
        cells += ("1.00", f"{999 - row}.00", "1999000001API", remark, f"A{row}")
        lines.append(",".join("`" + cell for cell in cells))
    lines += ["资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额", "`9.0,`0.0,`0.00,`9.0,`9.00"]
    with open(name, "w", encoding="utf-8", newline="") as file:
        file.write("".join(line + "\r\n" for line in lines))


def asked(name, **options):
    amount = pl.col("收支金额(元)").str.strip_prefix("`").cast(pl.Float64, strict=False)
    lazy = pl.scan_csv(name, **options)
    total = lazy.select(amount.sum()).collect().item()
    count = lazy.select(pl.len()).collect().item()
    try:
        rows = lazy.collect().height
    except pl.exceptions.ComputeError as error:
        rows = type(error).__name__
    return total, count, rows


bill("two.csv", ["draw", "draw", "draw", '5" screen', "draw", "draw", '7" screen', "draw", "draw"])
two, right = asked("two.csv"), asked("two.csv", quote_char=None)
bill("one.csv", ["draw", "draw", "draw", '5" screen', "draw", "draw", "draw", "draw", "draw"])
one = pl.scan_csv("one.csv").select(pl.len()).collect().item()
print("two quotes:", two, "without quoting:", right, "one quote, count:", one)
raise SystemExit((two, right, one) != ((6.0, 8, "ComputeError"), (9.0, 11, 11), 3))
PYTHON
env/bin/python read.py
