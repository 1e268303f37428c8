#!/usr/bin/env bash
# duckdb 2.0.1 (Python): WeChat's bill of a quiet day is a table of one column, and of a busy day an error; only the number of rows differs.
#
# What one would expect: SELECT * FROM 'bill.csv' gives a bill's 11 columns, or refuses it, since its last two lines (the totals) have five
#   cells; and whichever it does, it does of every day.
# Seen: with 50 payments the file is read without an error as one column, named by the whole header, of 52 rows: each payment is one text. With
#   3,000 payments the same query raises InvalidInputException. read_csv(..., null_padding=true) has 11 columns of both.
# Whom it hurts: a job that stores each day's bill with CREATE TABLE ... AS or COPY, and was tried with a small one: what it stored of quiet days is no
#   table of payments, which shows when somebody asks for a column; and on the first busy day it stops.
#
# Needs python3 with venv and PyPI. Exits with 1 if duckdb does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet duckdb==2.0.1

cat > read.py <<'PYTHON'
import duckdb

HEADER = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号"
)


def bill(name, payments):
    lines = [HEADER]
    for row in range(1, payments + 1):
        cells = (f"2026-11-29 {row // 3600:02d}:{row // 60 % 60:02d}:{row % 60:02d}", f"1000{row}", f"70{row}", "现金红包", "现金红包")
        cells += ("支出", "1.00", f"{9999 - row}.00", "1999000001API", "抽奖", f"A{row}")
        lines.append(",".join("`" + cell for cell in cells))
    lines += ["资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额", f"`{payments}.0,`0.0,`0.00,`{payments}.0,`{payments}.00"]
    with open(name, "w", encoding="utf-8", newline="") as file:
        file.write("".join(line + "\r\n" for line in lines))


def shape(source):
    try:
        found = duckdb.sql(f"SELECT * FROM {source}")
        return len(found.columns), len(found.fetchall())
    except duckdb.Error as error:
        return type(error).__name__


bill("quiet.csv", 50)
bill("busy.csv", 3000)
plain = [shape("'quiet.csv'"), shape("'busy.csv'")]
padded = [shape(f"read_csv('{name}', null_padding=true)") for name in ("quiet.csv", "busy.csv")]
print("as it is:", plain, "null_padding:", padded)
raise SystemExit((plain, padded) != ([(1, 52), "InvalidInputException"], [(11, 52), (11, 3002)]))
PYTHON
env/bin/python read.py
