#!/usr/bin/env bash
# PowerLibs v3.3.2 (Go, under PowerWeChat): Xml2Map keeps only the last part of a text that XML has in several.
#
# Guess, before it was run: <![CDATA[a]]]]><![CDATA[>b]]>, the way in which a text with ]]> in it has to be written, is read as a]]>b,
#   as encoding/xml reads it into a struct, whose decoder Xml2Map uses.
# Seen: >b. Each token of character data overwrites the one before, so whatever comes in two pieces loses the first: two CDATA
#   sections, or CDATA with a text or a comment beside it. There is no error. (It also prints every token on stdout.)
# Whom it hurts: readers of notifications as maps: a greeting or an attachment loses its beginning without a sign, and a signature
#   that is recomputed over the map does not fit.
#
# Needs go and its module proxy. Exits with 1 if it does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOPATH=$folder/go GOFLAGS=-mod=mod

cat > main.go <<'GO'
package main

import (
	"encoding/xml"
	"fmt"
	"os"

	"github.com/ArtisanCloud/PowerLibs/v3/object"
)

func main() {
	same := true
	for text, last := range map[string]string{
		"<![CDATA[whole]]>":             "whole",
		"<![CDATA[a]]]]><![CDATA[>b]]>": ">b",
		"No. <![CDATA[7]]>":             "7",
		"first<!-- and --> second":      "second",
	} {
		document := []byte("<xml><attach>" + text + "</attach></xml>")
		read, err := object.Xml2Map(document)
		if err != nil {
			panic(err)
		}
		var own struct {
			Attach string `xml:"attach"`
		}
		if err := xml.Unmarshal(document, &own); err != nil {
			panic(err)
		}
		fmt.Printf("%s -> Xml2Map %q, encoding/xml %q\n", text, read["attach"], own.Attach)
		same = same && read["attach"] == last
	}
	if !same {
		os.Exit(1)
	}
}
GO
cat > go.mod <<'MOD'
module example.test/texts

go 1.23

require github.com/ArtisanCloud/PowerLibs/v3 v3.3.2
MOD
go run . 2> go.log || { tail -5 go.log; exit 1; }
