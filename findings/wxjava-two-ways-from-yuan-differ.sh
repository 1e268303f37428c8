#!/usr/bin/env bash
# WxJava (weixin-java-pay) 4.6.0: 1.005 yuan are 101 fen as a text and 100 as a BigDecimal; too much becomes a negative amount.
#
# Guess, before it was run: both ways from yuan to fen refuse a part of a fen, or both round it half up; what does not fit is an
#   exception.
# Seen: BaseWxPayRequest.yuanToFen(String) rounds to two digits first, yuan2Fen(BigDecimal) cuts: 1.999 is 200 and 199. Neither
#   says anything. 21474836.48 yuan, one fen more than an int holds, are -2147483648 fen in both.
# Whom it hurts: whoever checks an amount by one and sends it by the other, or compares totals of a list with those that were sent:
#   prices that were calculated (0.3 of 3.35 yuan) are a fen apart.
#
# Needs maven, java and Maven's central repository. Exits with 1 if WxJava does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p src/main/java

cat > pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example.test</groupId><artifactId>amounts</artifactId><version>1</version>
  <properties>
    <maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency><groupId>com.github.binarywang</groupId><artifactId>weixin-java-pay</artifactId><version>4.6.0</version></dependency>
  </dependencies>
</project>
XML
cat > src/main/java/Amounts.java <<'JAVA'
import com.github.binarywang.wxpay.bean.request.BaseWxPayRequest;
import java.math.BigDecimal;

public class Amounts {
    public static void main(String[] arguments) {
        for (String yuan : new String[] {"19.9", "1.005", "1.999", "21474836.48"}) {
            System.out.println(yuan + " as a text: " + BaseWxPayRequest.yuanToFen(yuan)
                + ", as a BigDecimal: " + BaseWxPayRequest.yuan2Fen(new BigDecimal(yuan)));
        }
    }
}
JAVA
mvn -q compile dependency:copy-dependencies
java -cp "target/classes:target/dependency/*" Amounts 2> /dev/null | tee seen
diff - seen <<'WANTED'
19.9 as a text: 1990, as a BigDecimal: 1990
1.005 as a text: 101, as a BigDecimal: 100
1.999 as a text: 200, as a BigDecimal: 199
21474836.48 as a text: -2147483648, as a BigDecimal: -2147483648
WANTED
