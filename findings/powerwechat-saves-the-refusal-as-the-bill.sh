#!/usr/bin/env bash
# PowerWeChat v3.4.38 (Go): a bill is asked for without a signature, and WeChat's refusal is saved as the bill; err is nil.
#
# Guess, before it was run: Bill.DownloadBill signs its GET as every V3 call is signed, in the header Authorization, and a 401 is an
#   error that leaves no file.
# Seen: there is no such header. The signature goes out in the body of the GET, in JSON, where nobody looks for it. A 401 is not noticed:
#   the JSON of the refusal is the file then, and the result is its size and a nil error. Only where HashValue is filled in is there an
#   error, "file damaged" in Chinese, and the file stays. (GetFlowBill, which gets the link, has the header. Receipts of transfers
#   are fetched by the same function.)
# Whom it hurts: whoever fetches a bill a day unattended and reads it much later, when WeChat no longer makes it: three months.
#
# Needs go and its module proxy. Exits with 1 if PowerWeChat does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOPATH=$folder/go GOFLAGS=-mod=mod

openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=1999000001 2> /dev/null
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/ArtisanCloud/PowerWeChat/v3/src/kernel/power"
	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment"
)

const refusal = `{"code":"SIGN_ERROR","message":"no signature"}`

func main() {
	signed := map[string]bool{}
	inBody := false
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, asked *http.Request) {
		body, _ := io.ReadAll(asked.Body)
		signed[asked.URL.Path] = asked.Header.Get("Authorization") != ""
		inBody = inBody || strings.Contains(string(body), "WECHATPAY2-SHA256-RSA2048")
		writer.Header().Set("Content-Type", "application/json")
		if !signed[asked.URL.Path] {
			writer.WriteHeader(http.StatusUnauthorized)
		}
		fmt.Fprint(writer, refusal)
	}))
	defer server.Close()
	service, err := payment.NewPayment(&payment.UserConfig{
		AppID: "wx0000000000de0001", MchID: "1999000001", MchApiV3Key: "0123456789abcdef0123456789abcdef", Key: "unused",
		CertPath: "cert.pem", KeyPath: "key.pem", SerialNo: "4A1F", Http: payment.Http{BaseURI: server.URL},
	})
	if err != nil {
		panic(err)
	}
	_, _ = service.Bill.GetFlowBill(context.Background(), "2026-11-29", "BASIC", "")
	link := &power.RequestDownload{DownloadURL: server.URL + "/v3/billdownload/file?token=t0ken"}
	size, err := service.Bill.DownloadBill(context.Background(), link, "bill.csv")
	file, _ := os.ReadFile("bill.csv")
	fmt.Println("\nheader Authorization:", signed, "in the body:", inBody)
	fmt.Printf("download: %d bytes, err %v, file %s\n", size, err, file)
	same := signed["/v3/bill/fundflowbill"] && !signed["/v3/billdownload/file"] && inBody
	if !same || err != nil || string(file) != refusal {
		os.Exit(1)
	}
}
GO
cat > go.mod <<'MOD'
module example.test/bills

go 1.23

require github.com/ArtisanCloud/PowerWeChat/v3 v3.4.38
MOD
go run . 2> go.log || { tail -5 go.log; exit 1; }
