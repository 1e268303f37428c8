#!/usr/bin/env bash
# WxJava (weixin-java-pay) 4.6.0: a refusal that repeats an empty total_amount has no err_code, and another kind of exception.
#
# Guess, before it was run: a number that is empty is null, and the reply's err_code reads PARAM_ERROR. (WeChat's refusals repeat
#   what the request said, an empty element for what was empty.)
# Seen: BaseWxPayResult.fromXML throws XStream's ConversionException, which is unchecked and no WxPayException. With the number left
#   out of the reply, err_code is PARAM_ERROR. weixin-popular 2.8.30 reads the empty number as 0, Go's encoding/xml too.
# Whom it hurts: whoever catches WxPayException, reads err_code and takes everything else for "outcome unknown": a plain refusal that
#   names what to mend becomes a packet that is queried for days, or ends the program.
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
  <groupId>example.test</groupId><artifactId>replies</artifactId><version>1</version>
  <properties>
    <maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency><groupId>com.github.binarywang</groupId><artifactId>weixin-java-pay</artifactId><version>4.6.0</version></dependency>
  </dependencies>
</project>
XML
cat > src/main/java/Replies.java <<'JAVA'
import com.github.binarywang.wxpay.bean.result.BaseWxPayResult;
import com.github.binarywang.wxpay.bean.result.WxPaySendRedpackResult;

public class Replies {
    static final String REFUSAL = "<xml><return_code><![CDATA[SUCCESS]]></return_code><result_code><![CDATA[FAIL]]></result_code>"
        + "<err_code><![CDATA[PARAM_ERROR]]></err_code><mch_billno><![CDATA[B1]]></mch_billno>%s</xml>";

    public static void main(String[] arguments) {
        for (String amount : new String[] {"<total_amount>100</total_amount>", "", "<total_amount></total_amount>"}) {
            System.out.println("[" + amount + "] " + read(String.format(REFUSAL, amount)));
        }
    }

    static String read(String reply) {
        try {
            return BaseWxPayResult.fromXML(reply, WxPaySendRedpackResult.class).getErrCode();
        } catch (RuntimeException error) {
            return error.getClass().getName();
        }
    }
}
JAVA
mvn -q compile dependency:copy-dependencies
java -cp "target/classes:target/dependency/*" Replies 2> /dev/null | tee seen
diff - seen <<'WANTED'
[<total_amount>100</total_amount>] PARAM_ERROR
[] PARAM_ERROR
[<total_amount></total_amount>] com.thoughtworks.xstream.converters.ConversionException
WANTED
