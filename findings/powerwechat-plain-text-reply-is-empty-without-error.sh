#!/usr/bin/env bash
# PowerWeChat v3.4.38 (Go): the same refusal is read or lost by its Content-Type, and err is nil either way.
#
# Guess, of whoever sees (*ResponseSendNormal, error): a refusal is an error, or at least its code is in the result; a reply that
#   cannot be read is an error.
# Seen: with text/xml the result has NOTENOUGH and err is nil. With text/plain or no Content-Type every field of the result is empty,
#   and err is nil: the reply is then parsed as JSON, and the error of that is dropped. A packet that was paid looks just the same.
# Whom it hurts: "if err != nil" never sees a refusal, and a gateway, a proxy or a mock that changes the header turns all replies
#   into empty ones: nobody can tell paid from refused any more.
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
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment"
	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment/redpack/request"
)

const refusal = "<xml><return_code>SUCCESS</return_code><result_code>FAIL</result_code><err_code>NOTENOUGH</err_code></xml>"

func main() {
	kind := ""
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, _ *http.Request) {
		writer.Header()["Content-Type"] = []string{kind}
		fmt.Fprint(writer, refusal)
	}))
	defer server.Close()
	service, err := payment.NewPayment(&payment.UserConfig{
		AppID: "wx0000000000de0001", MchID: "1999000001", Key: "0123456789abcdef0123456789abcdef",
		Http: payment.Http{BaseURI: server.URL},
	})
	if err != nil {
		panic(err)
	}
	wanted := map[string]string{"text/xml": "NOTENOUGH", "text/plain": "", "": ""}
	for _, kind = range []string{"text/xml", "text/plain", ""} {
		reply, err := service.RedPack.SendNormal(context.Background(), &request.RequestSendRedPack{
			MchBillNO: "B1", ReOpenID: "o", SendName: "s", TotalAmount: 100, TotalNum: 1, Wishing: "w", ActName: "a", Remark: "r",
		})
		fmt.Printf("Content-Type %q: err %v, result_code %q, err_code %q\n", kind, err, reply.ResultCode, reply.ErrCode)
		if err != nil || reply.ErrCode != wanted[kind] {
			os.Exit(1)
		}
	}
}
GO
cat > go.mod <<'MOD'
module example.test/replies

go 1.23

require github.com/ArtisanCloud/PowerWeChat/v3 v3.4.38
MOD
go run . 2> go.log || { tail -5 go.log; exit 1; }
