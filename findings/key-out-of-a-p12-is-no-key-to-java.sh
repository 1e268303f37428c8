#!/usr/bin/env bash
# wechatpay-java 0.2.17 and WxJava 4.6.0: the key that openssl takes out of apiclient_cert.p12 is "Illegal base64 character 3a" to both.
#
# What one would expect: what `openssl pkcs12 -nocerts -nodes` writes is a private key in PEM to whatever reads one, as the certificate that the
#   same command writes is: both have lines of "Bag Attributes" before BEGIN, which PEM says are to be passed over.
# Seen: Node and wechatpay-go 0.2.20 read key and certificate. wechatpay-java and WxJava read the certificate, and of the key fail at the colon of
#   localKeyID: they cut BEGIN and END out of the text and take all that is left for base64. For the same reason, and "kind of PEM" in Go,
#   none of the three reads BEGIN RSA PRIVATE KEY, which is what OpenSSL 1 and `openssl rsa -traditional` write; Node does.
# Whom it hurts: whoever has the .p12 alone, because the merchant platform's tool kept it and the .pem is lost, and moves to V3 in Java: the
#   key is right, and the error looks like a damaged one. A key cannot be downloaded again, so a new certificate is asked for, and all services change.
#   Cure: openssl pkey -in key.pem -out apiclient_key.pem.
#
# Needs openssl 3, go and its module proxy, a JDK, maven and its repository, node 17 or later. Exits with 1 if they do otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOPATH=$folder/go GOFLAGS=-mod=mod

openssl req -x509 -newkey rsa:2048 -nodes -keyout made.pem -out made-cert.pem -days 30 -subj /CN=1999000001 2> /dev/null
openssl pkcs12 -export -inkey made.pem -in made-cert.pem -passout pass:1999000001 -out apiclient_cert.p12
openssl pkcs12 -in apiclient_cert.p12 -passin pass:1999000001 -nocerts -nodes -out taken-out.pem
openssl pkcs12 -in apiclient_cert.p12 -passin pass:1999000001 -clcerts -nokeys -out cert.pem
openssl pkey -in taken-out.pem -out cured.pem
openssl rsa -in taken-out.pem -traditional -out rsa.pem 2> /dev/null

cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/wechatpay-apiv3/wechatpay-go/utils"
)

func main() {
	_, err := utils.LoadCertificateWithPath("cert.pem")
	fmt.Println("wechatpay-go cert", err == nil)
	for _, name := range os.Args[1:] {
		_, err := utils.LoadPrivateKeyWithPath(name + ".pem")
		fmt.Println("wechatpay-go", name, err == nil)
	}
}
GO
cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example.test</groupId>
  <artifactId>keys</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.github.wechatpay-apiv3</groupId>
      <artifactId>wechatpay-java</artifactId>
      <version>0.2.17</version>
    </dependency>
    <dependency>
      <groupId>com.github.binarywang</groupId>
      <artifactId>weixin-java-pay</artifactId>
      <version>4.6.0</version>
    </dependency>
  </dependencies>
</project>
POM
cat > Keys.java <<'JAVA'
import com.github.binarywang.wxpay.v3.util.PemUtils;
import com.wechat.pay.java.core.util.PemUtil;
import java.io.FileInputStream;
import java.util.concurrent.Callable;

class Keys {
  static void say(String what, Callable<?> read) {
    String found = "true";
    try {
      read.call();
    } catch (Exception error) {
      found = error.getMessage();
    }
    System.out.println(what + " " + found);
  }

  public static void main(String[] names) throws Exception {
    say("wechatpay-java cert", () -> PemUtil.loadX509FromPath("cert.pem"));
    for (String name : names) {
      say("wechatpay-java " + name, () -> PemUtil.loadPrivateKeyFromPath(name + ".pem"));
    }
    say("WxJava cert", () -> PemUtils.loadCertificate(new FileInputStream("cert.pem")));
    for (String name : names) {
      say("WxJava " + name, () -> PemUtils.loadPrivateKey(new FileInputStream(name + ".pem")));
    }
  }
}
JAVA
cat > keys.js <<'JS'
const { createPrivateKey, X509Certificate } = require("node:crypto");
const { readFileSync } = require("node:fs");

console.log("node cert", new X509Certificate(readFileSync("cert.pem")).subject === "CN=1999000001");
for (const name of process.argv.slice(2)) console.log("node", name, createPrivateKey(readFileSync(`${name}.pem`)).type === "private");
JS
go mod init example.test/keys 2> /dev/null
go get github.com/wechatpay-apiv3/wechatpay-go@v0.2.20 2> /dev/null
mvn --quiet --batch-mode dependency:build-classpath -Dmdep.outputFile=classpath > maven.log || { tail -5 maven.log; exit 2; }
javac -cp "$(cat classpath)" Keys.java

names=(taken-out cured rsa)
{
  node keys.js "${names[@]}"
  go run . "${names[@]}"
  java -cp "$(cat classpath):." Keys "${names[@]}" 2> /dev/null
} | tee seen
diff - seen <<'WANTED'
node cert true
node taken-out true
node cured true
node rsa true
wechatpay-go cert true
wechatpay-go taken-out true
wechatpay-go cured true
wechatpay-go rsa false
wechatpay-java cert true
wechatpay-java taken-out Illegal base64 character 3a
wechatpay-java cured true
wechatpay-java rsa Illegal base64 character 2d
WxJava cert true
WxJava taken-out Illegal base64 character 3a
WxJava cured true
WxJava rsa Illegal base64 character 2d
WANTED
