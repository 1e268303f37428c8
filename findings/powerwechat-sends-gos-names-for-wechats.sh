#!/usr/bin/env bash
# PowerWeChat v3.4.38 (Go): a group packet's fields go out under the names of Go's struct: MchBillNO for mch_billno.
#
# Guess: RequestSendGroupRedPack, whose fields have tags like xml:"mch_billno", is sent under those names, as the normal packet is.
# Seen: <MchBillNO>, <TotalAmount>, <ReOpenID> ... and of WeChat's own names only mch_id, nonce_str and sign. The struct is turned into
#   a map by way of JSON, for which it has no tags. The normal packet goes another way, by its XML tags, and is right.
# Whom it hurts: everybody who sends group packets, and WeCom's, which are made alike: WeChat finds no order number and refuses each.
#   It compiles, err is nil, and a mock that does not look at names accepts it.
#
# Needs go and its module proxy. Exits with 1 if PowerWeChat does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOPATH=$folder/go GOFLAGS=-mod=mod

cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment"
	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment/redpack/request"
)

func main() {
	sent := ""
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, asked *http.Request) {
		body, _ := io.ReadAll(asked.Body)
		sent = string(body)
	}))
	defer server.Close()
	service, err := payment.NewPayment(&payment.UserConfig{
		AppID: "wx0000000000de0001", MchID: "1999000001", Key: "0123456789abcdef0123456789abcdef",
		Http: payment.Http{BaseURI: server.URL},
	})
	if err != nil {
		panic(err)
	}
	all := context.Background()
	_, _ = service.RedPack.SendNormal(all, &request.RequestSendRedPack{MchBillNO: "B1", TotalAmount: 100, TotalNum: 1})
	normal := names(sent)
	_, _ = service.RedPack.SendGroup(all, &request.RequestSendGroupRedPack{MchBillNO: "B1", TotalAmount: 300, TotalNum: 3})
	group := names(sent)
	fmt.Println("normal:", normal)
	fmt.Println("group:", group)
	right := slices.Contains(normal, "mch_billno") && slices.Contains(normal, "total_amount")
	wrong := slices.Contains(group, "MchBillNO") && !slices.Contains(group, "mch_billno")
	if !right || !wrong {
		os.Exit(1)
	}
}

func names(xml string) []string {
	found := []string{}
	for _, end := range regexp.MustCompile(`</\w+>`).FindAllString(xml, -1) {
		found = append(found, strings.Trim(end, "</>"))
	}
	slices.Sort(found)
	return found
}
GO
cat > go.mod <<'MOD'
module example.test/packets

go 1.23

require github.com/ArtisanCloud/PowerWeChat/v3 v3.4.38
MOD
go run . 2> go.log || { tail -5 go.log; exit 1; }
