#!/usr/bin/env bash
# wechatpay-go 0.2.20, wechatpay-java 0.2.17, wechatpay-node-v3 2.2.1: one certificate has three serials, and Go does not know Java's.
#
# What one would expect: WeChat's own two SDKs, for Go and for Java, give the serial of a certificate as the merchant platform shows it: 40
#   capital hexadecimal digits. What one of them calls a certificate, the other finds it by.
# Seen, of a certificate whose serial begins with 0, as about one in sixteen does: Go says 0A1F... (40 digits), Java A1F... (39), Node 0a1f... (small letters). Java's verifier
#   takes a reply under Go's name and under its own; Go's refuses what is right under Java's and Node's: "certificate[...] not found in verifier".
# Whom it hurts: services in several languages that keep WeChat's certificates, or say in a setting which one is theirs, by the serial that
#   one of them has printed. It works until a certificate is renewed and the new serial begins with 0; the error names no cause.
#
# Needs openssl, go and its module proxy, a JDK, maven and its repository, node and npm's registry. Exits with 1 if they do otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOPATH=$folder/go GOFLAGS=-mod=mod
serial=0A1F00C0FFEE00112233445566778899AABBCC01
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj "/CN=a platform certificate" -set_serial "0x$serial" 2> /dev/null
printf '1795910400\nnonce\n{}\n' > signed
openssl dgst -sha256 -sign key.pem signed | base64 -w 0 > signature

cat > main.go <<'GO'
package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"
)

func main() {
	certificate, err := utils.LoadCertificateWithPath("cert.pem")
	if err != nil {
		panic(err)
	}
	text, _ := os.ReadFile("signed")
	signature, _ := os.ReadFile("signature")
	fmt.Println("Go", utils.GetCertificateSerialNumber(*certificate))
	verifier := verifiers.NewSHA256WithRSAVerifier(core.NewCertificateMapWithList([]*x509.Certificate{certificate}))
	for _, serial := range os.Args[1:] {
		err := verifier.Verify(context.Background(), serial, string(text), string(signature))
		fmt.Println("Go", serial, err == nil)
	}
}
GO
cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example.test</groupId>
  <artifactId>serial</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.github.wechatpay-apiv3</groupId>
      <artifactId>wechatpay-java</artifactId>
      <version>0.2.17</version>
    </dependency>
  </dependencies>
</project>
POM
cat > Serial.java <<'JAVA'
import com.wechat.pay.java.core.certificate.InMemoryCertificateProvider;
import com.wechat.pay.java.core.cipher.RSAVerifier;
import com.wechat.pay.java.core.util.PemUtil;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;

class Serial {
  public static void main(String[] serials) throws Exception {
    X509Certificate certificate = PemUtil.loadX509FromPath("cert.pem");
    String text = new String(Files.readAllBytes(Path.of("signed")));
    String signature = new String(Files.readAllBytes(Path.of("signature")));
    System.out.println("Java " + PemUtil.getSerialNumber(certificate));
    RSAVerifier verifier = new RSAVerifier(new InMemoryCertificateProvider(List.of(certificate)));
    for (String serial : serials) {
      System.out.println("Java " + serial + " " + verifier.verify(serial, text, signature));
    }
  }
}
JAVA
cat > serial.js <<'JS'
const { readFileSync } = require("node:fs");
const WxPay = require("wechatpay-node-v3");

const own = { publicKey: readFileSync("cert.pem"), privateKey: readFileSync("key.pem") };
console.log("Node", new WxPay({ appid: "wx0000000000de0001", mchid: "1999000001", ...own }).serial_no);
JS
go mod init example.test/serial 2> /dev/null
go get github.com/wechatpay-apiv3/wechatpay-go@v0.2.20 2> /dev/null
mvn --quiet --batch-mode dependency:build-classpath -Dmdep.outputFile=classpath > maven.log || { tail -5 maven.log; exit 2; }
npm install --silent --no-audit --no-fund wechatpay-node-v3@2.2.1 superagent@8.0.6 > npm.log 2>&1 || { cat npm.log; exit 2; }
javac -cp "$(cat classpath)" Serial.java

serials=("$serial" "${serial#0}" "${serial,,}")
{
  go run . "${serials[@]}"
  java -cp "$(cat classpath):." Serial "${serials[@]}" 2> /dev/null
  node serial.js
} | tee seen
diff - seen <<'WANTED'
Go 0A1F00C0FFEE00112233445566778899AABBCC01
Go 0A1F00C0FFEE00112233445566778899AABBCC01 true
Go A1F00C0FFEE00112233445566778899AABBCC01 false
Go 0a1f00c0ffee00112233445566778899aabbcc01 false
Java A1F00C0FFEE00112233445566778899AABBCC01
Java 0A1F00C0FFEE00112233445566778899AABBCC01 true
Java A1F00C0FFEE00112233445566778899AABBCC01 true
Java 0a1f00c0ffee00112233445566778899aabbcc01 true
Node 0a1f00c0ffee00112233445566778899aabbcc01
WANTED
