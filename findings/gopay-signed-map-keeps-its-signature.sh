#!/usr/bin/env bash
# gopay 1.5.123 (Go): a map that was sent once is never signed again, however it is changed.
#
# Guess: each call signs what the map holds then, so that one map serves for several packets.
# Seen: SendCashRed writes sign into the caller's own map and signs only where there is none. The second packet goes out with another
#   number and amount and the first one's signature. There is no error on this side. (mch_id stays in it the same way.)
# Whom it hurts: loops that fill one map per receiver: the first is paid, all others get SIGN_ERROR, which reads like a wrong key;
#   and err is nil then, too. A packet that is tried again must have a map of its own.
#
# Needs go 1.25 or later and its module proxy. Exits with 1 if gopay does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOPATH=$folder/go GOFLAGS=-mod=mod

cat > main.go <<'GO'
package main

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/go-pay/gopay"
	"github.com/go-pay/gopay/wechat"
)

type sent struct {
	Number string `xml:"mch_billno"`
	Amount string `xml:"total_amount"`
	Sign   string `xml:"sign"`
}

func main() {
	var seen []sent
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		var one sent
		must(xml.NewDecoder(request.Body).Decode(&one))
		seen = append(seen, one)
		fmt.Fprint(writer, "<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code></xml>")
	}))
	defer server.Close()
	client := wechat.NewClient("wx0000000000de0001", "1999000001", "0123456789abcdef0123456789abcdef", true)
	client.BaseURL = server.URL

	packet := gopay.BodyMap{}
	packet.Set("nonce_str", "n0nce").Set("wxappid", "wx0000000000de0001").Set("send_name", "Teahouse").
		Set("total_num", 1).Set("wishing", "Good luck").Set("client_ip", "203.0.113.7").
		Set("act_name", "Spring").Set("remark", "first draw")
	for number, amount := range []int{100, 200} {
		packet.Set("mch_billno", fmt.Sprintf("B%d", number)).Set("re_openid", "oUser").Set("total_amount", amount)
		_, err := client.SendCashRed(context.Background(), packet)
		must(err)
	}
	for _, one := range seen {
		fmt.Println(one.Number, one.Amount, one.Sign)
	}
	packet.Remove("sign")
	if seen[0].Sign != seen[1].Sign || seen[0].Amount == seen[1].Amount ||
		wechat.GetReleaseSign(client.ApiKey, wechat.SignType_MD5, packet) == seen[1].Sign {
		os.Exit(1)
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
GO
go mod init example.test/packets 2>/dev/null
go get github.com/go-pay/gopay/wechat@v1.5.123 2>/dev/null
go run .
