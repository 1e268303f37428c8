#!/usr/bin/env bash
# excelize (Go) 2.11.1: a formula put into a cell that held text stores the text's NUMBER as the formula's result.
#
# Guess, before it was run: SetCellFormula on a cell that holds a text leaves no result, or the old text.
# Seen: the cell becomes <c t="str"><f>"SO-"&1001</f><v>4</v></c>. The 4 is the place of the old text ("old") among
#   the shared strings of the workbook; now it reads as the text "4", the result of a formula that gives "SO-1001".
#   (A number stays what it was: 5 is the "result" of 94*2/100.) LibreOffice 7.4 calculates anew on opening and shows
#   SO-1001, so nobody who looks at the file sees it.
# Whom it hurts: whoever reads results without calculating: openpyxl with data_only=True, pandas, calamine, POI. An order
#   number, a name or a greeting is a small whole number in each row.
#
# Needs go, python3 and their package registries. Exits with 1 if excelize or openpyxl do otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOPATH=$folder/go GOFLAGS=-mod=mod

cat > main.go <<'GO'
package main

import "github.com/xuri/excelize/v2"

func main() {
	book := excelize.NewFile()
	must(book.SetSheetRow("Sheet1", "A1", &[]any{"receiver", "amount", "order"}))
	must(book.SetSheetRow("Sheet1", "A2", &[]any{"somebody", 5, "old"}))
	must(book.SetCellFormula("Sheet1", "B2", "94*2/100"))
	must(book.SetCellFormula("Sheet1", "C2", `"SO-"&1001`))
	must(book.SaveAs("list.xlsx"))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
GO
go mod init example.test/list 2>/dev/null
go get github.com/xuri/excelize/v2@v2.11.1 2>/dev/null
go run .
python3 -m venv venv
venv/bin/pip -q install openpyxl==3.1.5
venv/bin/python - <<'PYTHON'
import re, sys, zipfile
import openpyxl

sheet = zipfile.ZipFile("list.xlsx").read("xl/worksheets/sheet1.xml").decode()
print(re.search(r'<c r="C2".*?</c>', sheet)[0])
row = [cell.value for cell in openpyxl.load_workbook("list.xlsx", data_only=True).active[2]]
print("openpyxl, data_only=True:", row)
sys.exit(row != ["somebody", "5", "4"])
PYTHON
