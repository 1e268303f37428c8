#!/usr/bin/env bash
# openpyxl 3.1.5 (Python): it writes the text A_x0041_B as it is, which in an XLSX means AAB; only openpyxl reads it back.
#
# Guess, before it was run: what is written as a text is read as that text, by whatever reads XLSX.
# Seen: in XLSX, _x and four hexadecimal digits and _ stand for one character, and a text that has them by itself needs _x005F_ for its
#   first underscore (ECMA-376, ST_Xstring). XlsxWriter 3.3.1 writes it so, and its file is read right by both. openpyxl escapes
#   nothing: calamine 0.9.1 reads A_x0041_B as AAB and PO_x000D_7 with a carriage return in it. openpyxl itself reads its own file as it
#   was, and so does pandas with it, so a test of writing and reading sees nothing.
# Whom it hurts: keys and openids have letters, digits and underscores: two rows may get one key, and an openid becomes nobody's. pandas
#   announces that calamine will read XLSX by default; files that were always read right change then.
#
# Needs python3 with venv and PyPI. Exits with 1 if they do otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check openpyxl==3.1.5 XlsxWriter==3.3.1 python-calamine==0.9.1

cat > keys.py <<'PYTHON'
import openpyxl
import xlsxwriter
from python_calamine import CalamineWorkbook

KEYS = ["AAB", "A_x0041_B", "PO_x000D_7"]

book = openpyxl.Workbook()
for key in KEYS:
    book.active.append([key])
book.save("openpyxl.xlsx")
with xlsxwriter.Workbook("XlsxWriter.xlsx") as written:
    written.add_worksheet().write_column(0, 0, KEYS)

read = {}
for writer in ("openpyxl", "XlsxWriter"):
    cells = [cell.value for cell in openpyxl.load_workbook(f"{writer}.xlsx").active["A"]]
    rows = [row[0] for row in CalamineWorkbook.from_path(f"{writer}.xlsx").get_sheet_by_index(0).to_python()]
    print(f"written by {writer}: openpyxl reads {cells}, calamine {rows}")
    read[writer] = (cells, rows)
raise SystemExit(read != {"openpyxl": (KEYS, ["AAB", "AAB", "PO\r7"]), "XlsxWriter": (KEYS, KEYS)})
PYTHON
env/bin/python keys.py
