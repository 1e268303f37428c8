#!/usr/bin/env bash
# Node 20 (OpenSSL 3) and Go's golang.org/x/crypto/pkcs12 v0.53.0: only one of the three usual kinds of .p12 is read by both.
#
# Guess: a merchant's .p12 that one of them reads, the other reads. (That each refuses one kind was known, not what is left.)
# Seen, of the same key and certificate: RC2 with 40 bits, which OpenSSL 1 writes by default, is "Unsupported PKCS12 PFX data" to Node and read by Go; AES-256 with SHA-256, which OpenSSL 3 writes by default, is read by
#   Node, and "pkcs12: unknown digest algorithm" to Go; 3DES with SHA-1 is read by both.
# Whom it hurts: services in both languages with one certificate. Whoever converts the file for the one breaks it for the other; the
#   errors name neither the file nor the cure: openssl pkcs12 -export -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1.
#
# Needs openssl 3 with its legacy provider, node 17 or later, go and its module proxy. Exits with 1 if they do otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOPATH=$folder/go GOFLAGS=-mod=mod

openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=1999000001 2> /dev/null
export_p12() { openssl pkcs12 -export -inkey key.pem -in cert.pem -passout pass:1999000001 "$@"; }
export_p12 -legacy -out RC2-40.p12
export_p12 -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -out 3DES.p12
export_p12 -out AES-256.p12

cat > read.js <<'JS'
const { readFileSync } = require("node:fs");
const tls = require("node:tls");

for (const name of ["RC2-40", "3DES", "AES-256"]) {
  try {
    tls.createSecureContext({ pfx: readFileSync(`${name}.p12`), passphrase: "1999000001" });
    console.log("node", name, "read");
  } catch (error) {
    console.log("node", name, error.message);
  }
}
JS
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"golang.org/x/crypto/pkcs12"
)

func main() {
	for _, name := range []string{"RC2-40", "3DES", "AES-256"} {
		file, err := os.ReadFile(name + ".p12")
		if err != nil {
			panic(err)
		}
		if _, err := pkcs12.ToPEM(file, "1999000001"); err != nil {
			fmt.Println("go", name, err)
		} else {
			fmt.Println("go", name, "read")
		}
	}
}
GO
go mod init example.test/p12 2>/dev/null
go get golang.org/x/crypto@v0.53.0 2>/dev/null
node read.js | tee seen
go run . | tee -a seen
diff - seen <<'WANTED'
node RC2-40 Unsupported PKCS12 PFX data
node 3DES read
node AES-256 read
go RC2-40 read
go 3DES read
go AES-256 pkcs12: unknown digest algorithm: 2.16.840.1.101.3.4.2.1
WANTED
