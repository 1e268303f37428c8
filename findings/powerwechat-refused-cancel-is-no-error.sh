#!/usr/bin/env bash
# PowerWeChat v3.4.38 (Go): a transfer's cancel that WeChat refuses is an empty result, and err is nil.
#
# What one would expect: FundApp.Cancel returns an error, or at least the code, for a reply of status 400 with INVALID_REQUEST.
# Seen: the error is nil and the result's State is empty. The results of Cancel and QueryOutBill have no field for a code, so that a refusal
#   cannot be seen at all; a query of a number that nobody has sent looks the same. (TransferBills alone has the code.)
# Whom it hurts: whoever takes "no error" for "taken back": the user can still take the money, and whoever is paid instead is paid beside it.
#
# Needs go and its module proxy. Exits with 1 if PowerWeChat does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOPATH=$folder/go GOFLAGS=-mod=mod

openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=1999000001 2> /dev/null
openssl rsa -in key.pem -pubout -out public.pem 2> /dev/null
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment"
)

func main() {
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, _ *http.Request) {
		writer.Header().Set("Content-Type", "application/json")
		writer.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(writer, `{"code":"INVALID_REQUEST","message":"the user has confirmed"}`)
	}))
	defer server.Close()
	service, err := payment.NewPayment(&payment.UserConfig{
		AppID: "wx0000000000de0001", MchID: "1999000001", MchApiV3Key: "0123456789abcdef0123456789abcdef", Key: "unused",
		CertPath: "cert.pem", KeyPath: "key.pem", SerialNo: "4A1F", WechatPaySerial: "PUB_KEY_ID_01", RSAPublicKeyPath: "public.pem",
		Http: payment.Http{BaseURI: server.URL},
	})
	if err != nil {
		panic(err)
	}
	back, failed := service.FundApp.Cancel(context.Background(), "A1")
	fmt.Printf("\ncancel, refused with 400: err %v, state %q\n", failed, back.State)
	if failed != nil || back.State != "" {
		os.Exit(1)
	}
}
GO
cat > go.mod <<'MOD'
module example.test/transfers

go 1.23

require github.com/ArtisanCloud/PowerWeChat/v3 v3.4.38
MOD
go run . 2> go.log || { tail -5 go.log; exit 1; }
