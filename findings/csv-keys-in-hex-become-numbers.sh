#!/usr/bin/env bash
# exceljs 4.4.0 and SheetJS 0.18.5 (Node): a CSV cell 0x1F is read as the number 31, and 0b11 as 3.
#
# Guess, before it was run: readers of CSV take decimal numbers for numbers, as spreadsheets do (0012345 loses its zeros, 12E4
#   is 120000), and leave 0x1F and 0b11 as text.
# Seen: both ask JavaScript's Number(), which reads hexadecimal and binary: 0x1F is stored as 31, 0b11 as 3, also in the XLSX
#   that is written of it. LibreOffice 7.4 opens the same CSV with both cells as text.
# Whom it hurts: order numbers in hexadecimal become those of other orders (0x1F and 31 are one then) wherever a Node program
#   makes an XLSX of a CSV. Whoever reads the XLSX sees whole numbers in General, and nothing that tells what they were.
#
# Needs node and npm's registry. Exits with 1 if they do otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund exceljs@4.4.0 xlsx@0.18.5 > npm.log 2>&1 || { cat npm.log; exit 2; }

printf 'key\n0x1F\n0b11\nSO-1\n' > keys.csv
cat > read.js <<'JS'
const ExcelJS = require("exceljs");
const XLSX = require("xlsx");

async function main() {
  const workbook = new ExcelJS.Workbook();
  const sheet = await workbook.csv.readFile("keys.csv");
  const exceljs = [2, 3, 4].map((row) => sheet.getCell(`A${row}`).value);
  console.log("exceljs", JSON.stringify(exceljs));

  const read = XLSX.readFile("keys.csv");
  const cells = XLSX.utils.sheet_to_json(read.Sheets[read.SheetNames[0]]).map((row) => row.key);
  XLSX.writeFile(read, "keys.xlsx");
  const again = XLSX.readFile("keys.xlsx");
  const written = XLSX.utils.sheet_to_json(again.Sheets[again.SheetNames[0]]).map((row) => row.key);
  console.log("SheetJS", JSON.stringify(cells), "as XLSX", JSON.stringify(written));

  const wanted = JSON.stringify([31, 3, "SO-1"]);
  return [exceljs, cells, written].every((found) => JSON.stringify(found) === wanted);
}

main().then((same) => process.exit(same ? 0 : 1));
JS
node read.js
