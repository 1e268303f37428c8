#!/usr/bin/env bash
# fast-xml-parser 5.12.1 (Node): an order number of 28 digits loses its last twelve, also inside CDATA.
#
# Guess, before it was run: numbers in bare elements become numbers as long as they lose nothing by it; what stands in CDATA,
#   begins with 0, or has more digits than a float can hold stays text.
# Seen: 1999000001202611230000000001 in CDATA becomes 1.999000001202611e+27, and 0012345 becomes 12345. Which ones are spared is
#   no matter of size: 9007199254740993 and 12345678901234567890 stay text, 100000000000000000000 does not; 0x1F is 31, 12E4 is
#   120000. Everything stays text with parseTagValue: false.
# Whom it hurts: whoever reads replies or notifications of payments with it: order numbers, transaction numbers and amounts like 1.10
#   change, a signature over the parsed values no longer fits, and orders that differ in the last digits get one number.
#
# Needs node and npm's registry. Exits with 1 if it does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund fast-xml-parser@5.12.1 > npm.log 2>&1 || { cat npm.log; exit 2; }

cat > read.js <<'JS'
const { XMLParser } = require("fast-xml-parser");

const texts = [
  "<![CDATA[1999000001202611230000000001]]>", "<![CDATA[1999000001202611230000000002]]>", "<![CDATA[0012345]]>", "0x1F", "12E4", "1.10",
  "9007199254740993", "12345678901234567890", "100000000000000000000",
];
const xml = `<xml>${texts.map((text) => `<it>${text}</it>`).join("")}</xml>`;
const read = new XMLParser().parse(xml).xml.it;
const asText = new XMLParser({ parseTagValue: false }).parse(xml).xml.it;
texts.forEach((text, place) => console.log(text, "->", JSON.stringify(read[place])));
const wanted = [
  1999000001202611230000000001, 1999000001202611230000000001, 12345, 31, 120000, 1.1,
  "9007199254740993", "12345678901234567890", 100000000000000000000,
];
const same = JSON.stringify(read) === JSON.stringify(wanted);
const kept = asText.every((it, place) => texts[place].includes(it));
console.log("with parseTagValue: false all are texts:", kept);
process.exit(same && kept ? 0 : 1);
JS
node read.js
