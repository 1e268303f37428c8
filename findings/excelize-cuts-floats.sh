#!/usr/bin/env bash
# excelize (Go) 2.11.1: a float is cut to 15 digits, where Excel stores 17 and shows 15 rounded ones.
#
# Guess, before it was run: 19.9*3 is stored as 59.699999999999996 (the shortest text of that float), as openpyxl and excelize
#   2.10.0 do; every spreadsheet shows it as 59.7.
# Seen: <v>59.6999999999999</v>. The digits behind the fifteenth are cut off and not rounded, which would give 59.7. So it is
#   another number: rounding to the 15 digits that a spreadsheet keeps does not bring 59.7 back, and 1.15*100 is
#   114.999999999999 and no longer rounds to 115 at 15 digits.
# Whom it hurts: readers that take the noise off a float by rounding it to 15 digits, and then want whole cents.
#
# Needs go and its module proxy. Exits with 1 if excelize does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOPATH=$folder/go GOFLAGS=-mod=mod

cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

func main() {
	price, count, part := 19.9, 3.0, 1.15
	book := excelize.NewFile()
	must(book.SetCellValue("Sheet1", "A1", price*count))
	must(book.SetCellValue("Sheet1", "A2", part*100))
	fmt.Println("Go itself:", price*count, part*100)
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
python3 - <<'PYTHON'
import re, sys, zipfile

sheet = zipfile.ZipFile("list.xlsx").read("xl/worksheets/sheet1.xml").decode()
stored = re.findall("<v>(.*?)</v>", sheet)
print("excelize stores:", *stored)
sys.exit(stored != ["59.6999999999999", "114.999999999999"])
PYTHON
