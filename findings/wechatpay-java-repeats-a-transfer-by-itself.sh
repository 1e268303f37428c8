#!/usr/bin/env bash
# wechatpay-java 0.2.17 (Java): a POST whose reply is lost is sent again by the client itself, without a word.
#
# Guess, before it was run: a raw POST to a server that reads the request and closes the connection is an HttpException after one call, since
#   whoever pays must know how often he has asked.
# Seen: on a connection that was used before, the server has the same POST three times, signed alike, before the exception comes. The client is
#   OkHttp's with its retries on: when a kept connection breaks it sends the request again on a new one, also after the whole request
#   has left. With one out_bill_no that is harmless, and WeChat pays once; nobody sees that it happened.
# Whom it hurts: whoever counts attempts, has a limit of calls, or makes the number anew in a body that a wrapper builds per call.
#
# Needs java, javac, maven with its registry, and python3. Exits with 1 if wechatpay-java does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "$server" 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"

cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example.test</groupId>
  <artifactId>twice</artifactId>
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
mvn --quiet --batch-mode dependency:build-classpath -Dmdep.outputFile=classpath > maven.log || { tail -5 maven.log; exit 1; }
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem 2> /dev/null
openssl rsa -in key.pem -pubout -out public.pem 2> /dev/null

cat > server.py <<'PY'
import pathlib, socket

REFUSED = b'{"code":"PARAM_ERROR","message":"?"}'
HEAD = b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(REFUSED)

listener = socket.create_server(("127.0.0.1", 0))
pathlib.Path("port").write_text(str(listener.getsockname()[1]))
answered = False
while True:
    connection, _ = listener.accept()
    for _ in range(2):  # the first request of all is answered, and its connection kept; no other is
        data = b""
        while not data.endswith(b"}") and (more := connection.recv(65536)):
            data += more
        if b"A2" in data:
            with open("requests", "a") as file:
                file.write(data.split(b"\r\n", 1)[0].decode() + "\n")
        if answered:
            break
        connection.sendall(HEAD + REFUSED)
        answered = True
    connection.close()
PY
python3 server.py &
server=$!
until [ -s port ]; do sleep 0.1; done

cat > Twice.java <<'JAVA'
import com.wechat.pay.java.core.RSAPublicKeyConfig;
import com.wechat.pay.java.core.http.DefaultHttpClientBuilder;
import com.wechat.pay.java.core.http.HttpClient;
import com.wechat.pay.java.core.http.HttpHeaders;
import com.wechat.pay.java.core.http.JsonRequestBody;
import java.nio.file.Files;
import java.nio.file.Path;

class Twice {
  public static void main(String[] arguments) throws Exception {
    RSAPublicKeyConfig config =
        new RSAPublicKeyConfig.Builder()
            .merchantId("1999000001")
            .privateKey(new String(Files.readAllBytes(Path.of("key.pem"))))
            .publicKey(new String(Files.readAllBytes(Path.of("public.pem"))))
            .publicKeyId("PUB_KEY_ID_01")
            .merchantSerialNumber("4A1F")
            .apiV3Key("0123456789abcdef0123456789abcdef")
            .build();
    HttpClient client = new DefaultHttpClientBuilder().config(config).build();
    String url = "http://127.0.0.1:" + arguments[0] + "/v3/fund-app/mch-transfer/transfer-bills";
    for (String number : new String[] {"A1", "A2"}) {
      String text = "{\"out_bill_no\":\"" + number + "\"}";
      try {
        client.post(new HttpHeaders(), url, new JsonRequestBody.Builder().body(text).build(), Object.class);
      } catch (RuntimeException error) {
        System.out.println(number + ": " + error.getClass().getSimpleName());
      }
    }
    System.exit(0);
  }
}
JAVA
javac -cp "$(cat classpath)" Twice.java
java -cp "$(cat classpath):." Twice "$(cat port)" 2> java.log || { tail -5 java.log; exit 1; }
cat requests
[ "$(grep -c '^POST ' requests)" -ge 2 ]
