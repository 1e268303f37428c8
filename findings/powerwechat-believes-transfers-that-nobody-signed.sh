#!/usr/bin/env bash
# PowerWeChat v3.4.38 (Go): FundApp believes a transfer's reply that nobody has signed, and a refused cancel is an empty result; err is nil.
#
# Guess, before it was run: with WechatPaySerial and RSAPublicKeyPath set, FundApp.TransferBills returns an error for a reply of status 200
#   without WeChat's signature, and FundApp.Cancel one for a 400 with INVALID_REQUEST.
# Seen: both return a nil error. No reply is verified: without a signature, with WeChat's test signature, with one of other bytes, 301 seconds
#   old, or by a key that nobody knows, a transfer is WAIT_USER_CONFIRM to the caller. The results of Cancel and QueryOutBill have no
#   field for a code, so that a refusal is a result with an empty State. (TransferBills alone has the code.)
# Whom it hurts: whoever takes "no error" for "done": a cancel that was refused leaves the money where its user can still take it, and
#   anybody between the merchant and WeChat can say that a transfer was taken.
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
	"strings"

	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment"
	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment/fundApp/request"
)

func main() {
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, asked *http.Request) {
		writer.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(asked.URL.Path, "/cancel") {
			writer.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(writer, `{"code":"INVALID_REQUEST","message":"the user has confirmed"}`)
			return
		}
		fmt.Fprint(writer, `{"out_bill_no":"A1","state":"WAIT_USER_CONFIRM","package_info":"made+up"}`)
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
	all := context.Background()
	taken, err := service.FundApp.TransferBills(all, &request.RequestTransferBills{OutBillNo: "A1", TransferAmount: 100})
	fmt.Printf("\ntransfer, not signed: err %v, state %q, package %q\n", err, taken.State, taken.PackageInfo)
	back, failed := service.FundApp.Cancel(all, "A1")
	fmt.Printf("cancel, refused with 400: err %v, state %q\n", failed, back.State)
	if err != nil || taken.State != "WAIT_USER_CONFIRM" || failed != nil || back.State != "" {
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
