#!/usr/bin/env bash
# weixin-popular 2.8.30 (Java): with a merchant's certificate it offers TLS 1.0 alone, so nothing is sent on Java 17; the result is null.
#
# Guess, before it was run: the client offers what Java does (TLS 1.2 and 1.3), and a connection that fails is an exception.
# Seen: the client of HttpClientFactory.createKeyMaterialHttpClient ends each handshake in "No appropriate protocol", for Java 11.0.11
#   and later have TLS 1.0 switched off. Of that, and of any other failure, the calls of PayMchAPI give null: the exception goes to
#   slf4j, which drops it unless a logger stands beside it. (They also need jaxb-api beside it, which Java no longer has.)
# Whom it hurts: whoever moves a service to a newer Java: each refund or red packet becomes a NullPointerException a line later; and null
#   does not tell a packet that never left from one whose reply was lost.
#
# Needs maven, java 11 or later and Maven's central repository. Exits with 1 if it does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p src/main/java

cat > pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example.test</groupId><artifactId>calls</artifactId><version>1</version>
  <properties>
    <maven.compiler.source>11</maven.compiler.source><maven.compiler.target>11</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency><groupId>com.github.liyiorg</groupId><artifactId>weixin-popular</artifactId><version>2.8.30</version></dependency>
    <dependency><groupId>javax.xml.bind</groupId><artifactId>jaxb-api</artifactId><version>2.3.1</version></dependency>
  </dependencies>
</project>
XML
cat > src/main/java/Calls.java <<'JAVA'
import java.io.FileInputStream;
import java.net.InetAddress;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.apache.http.HttpHost;
import org.apache.http.client.methods.HttpGet;
import weixin.popular.api.PayMchAPI;
import weixin.popular.bean.paymch.Gethbinfo;
import weixin.popular.client.HttpClientFactory;
import weixin.popular.client.LocalHttpClient;

public class Calls {
    public static void main(String[] arguments) throws Exception {
        System.setProperty("com.sun.xml.bind.v2.bytecode.ClassTailor.noOptimize", "true"); // JAXB's, for Java 17
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new FileInputStream("cert.p12"), "1999000001".toCharArray());
        System.out.println("handshake: " + handshake(store));

        HttpClientFactory.setProxy(new HttpHost("127.0.0.1", 9)); // nobody is there: no byte of the call leaves
        LocalHttpClient.initMchKeyStore("1999000001", "cert.p12");
        Gethbinfo asked = new Gethbinfo();
        asked.setMch_id("1999000001");
        asked.setMch_billno("B1");
        System.out.println("call: " + PayMchAPI.mmpaymkttransfersGethbinfo(asked, "0123456789abcdef0123456789abcdef"));
    }

    static String handshake(KeyStore store) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, "1999000001".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SSLServerSocket server = (SSLServerSocket) context.getServerSocketFactory()
            .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        try {
            HttpClientFactory.createKeyMaterialHttpClient(store, "1999000001", 2000, 0)
                .execute(new HttpGet("https://127.0.0.1:" + server.getLocalPort() + "/"));
            return "done";
        } catch (Exception error) {
            return error.getMessage();
        } finally {
            server.close();
        }
    }
}
JAVA
keytool -genkeypair -alias merchant -keyalg RSA -dname CN=1999000001 -keystore cert.p12 -storetype PKCS12 \
  -storepass 1999000001 2> /dev/null
mvn -q compile dependency:copy-dependencies
java -cp "target/classes:target/dependency/*" Calls 2> /dev/null | tee seen
diff - seen <<'WANTED'
handshake: No appropriate protocol (protocol is disabled or cipher suites are inappropriate)
call: null
WANTED
