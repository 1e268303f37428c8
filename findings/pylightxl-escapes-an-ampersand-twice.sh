#!/usr/bin/env bash
# pylightxl 1.61 (Python): A&B is A&amp;B for whoever reads the XLSX that it writes; in its CSV a comma makes two cells of one.
#
# What one would expect: a text that is written is the text that is read, by openpyxl as by pylightxl; and a cell with a comma is quoted in CSV.
# Seen: it escapes the ampersand, and what writes the XML escapes it again: openpyxl reads A&amp;B, and so does pylightxl. What is < stays <.
#   writecsv quotes nothing: "恭喜, 发财" becomes two cells, and the amount behind it stands in the next column.
# Whom it hurts: receivers see the greeting "A&amp;B"; whoever pays by a CSV of it takes the amounts of such rows from another column.
#
# Needs python3 with venv and PyPI. Exits with 1 if pylightxl does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet pylightxl==1.61 openpyxl==3.1.5

cat > write.py <<'PYTHON'
import csv

import openpyxl
import pylightxl

database = pylightxl.Database()
database.add_ws("list")
for row, cells in enumerate([("key", "wishing", "amount"), ("A&B<C", "恭喜, 发财", 1.88)], 1):
    for column, cell in enumerate(cells, 1):
        database.ws("list").update_index(row, column, cell)
pylightxl.writexl(database, "list.xlsx")
pylightxl.writecsv(database, "own", ws=("list",))

others = openpyxl.load_workbook("list.xlsx")["list"]["A2"].value
own = pylightxl.readxl("list.xlsx").ws("list").index(2, 1)
with open("own_list.csv", encoding="utf-8", newline="") as file:
    cells = list(csv.reader(file))[1]
print("openpyxl:", others, "pylightxl:", own, "CSV:", cells)
raise SystemExit((others, own, cells) != ("A&amp;B<C", "A&amp;B<C", ["A&B<C", "恭喜", " 发财", "1.88"]))
PYTHON
env/bin/python write.py
