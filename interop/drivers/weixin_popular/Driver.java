import com.alibaba.fastjson.JSON;
import com.alibaba.fastjson.JSONObject;
import com.alibaba.fastjson.serializer.SerializerFeature;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import org.apache.http.HttpHost;
import org.apache.http.HttpRequest;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.conn.ClientConnectionManager;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.params.HttpParams;
import org.apache.http.protocol.HttpContext;
import weixin.popular.api.PayMchAPI;
import weixin.popular.bean.paymch.Gethbinfo;
import weixin.popular.bean.paymch.GethbinfoResult;
import weixin.popular.bean.paymch.MchBase;
import weixin.popular.bean.paymch.Sendgroupredpack;
import weixin.popular.bean.paymch.Sendredpack;
import weixin.popular.client.HttpClientFactory;
import weixin.popular.client.LocalHttpClient;
import weixin.popular.util.SignatureUtil;
import weixin.popular.util.XMLConverUtil;

/** Drives weixin-popular: one JSON step a line in, one JSON outcome a line out. */
public final class Driver {
  private static final int TIMEOUT_MILLISECONDS = 8000; // its own values
  private static final int RETRIES = 2;

  private Driver() {}

  public static void main(String[] arguments) throws Exception {
    // Its reader of XML is older than Java's modules, and starts with this alone.
    System.setProperty("com.sun.xml.bind.v2.bytecode.ClassTailor.noOptimize", "true");
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream answers = new PrintStream(System.out, true, "UTF-8");
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JSONObject told = outcome(JSON.parseObject(line));
      answers.println(JSON.toJSONString(told, SerializerFeature.WriteMapNullValue));
    }
  }

  private static JSONObject outcome(JSONObject step) throws Exception {
    JSONObject told = new JSONObject();
    if (step.getString("call").equals("sign")) {
      told.put("value", sign(step));
      return told;
    }
    if (step.getString("call").equals("read")) {
      told.put("value", XMLConverUtil.convertToMap(step.getString("document")));
      return told;
    }
    Map<String, String> payer = strings(step.getJSONObject("payer"));
    if (step.containsKey("own_protocols")) {
      LocalHttpClient.initMchKeyStore(payer.get("mch_id"), payer.get("p12_path"));
      clients().computeIfPresent(payer.get("mch_id"), (id, own) -> elsewhere(own, payer));
    } else {
      clients().put(payer.get("mch_id"), elsewhere(modern(payer), payer));
    }
    try {
      MchBase result = call(step, payer);
      told.put("kind", "result");
      told.put("code", result == null ? null : result.getErr_code());
      told.put("value", value(result));
    } catch (Exception error) {
      told.put("kind", "error");
      told.put("type", error.getClass().getSimpleName());
      told.put("value", error.getMessage());
    }
    return told;
  }

  private static String sign(JSONObject step) {
    String kind = step.getString("sign_type");
    if (kind.equals("WORKWX")) {
      return null; // it has none
    }
    Map<String, String> fields = strings(step.getJSONObject("fields"));
    return SignatureUtil.generateSign(fields, kind, step.getString("key"));
  }

  /** Its own client, with a newer TLS: of itself it offers TLS 1.0, which Java no longer speaks. */
  private static CloseableHttpClient modern(Map<String, String> payer) throws Exception {
    String[] protocols = {"TLSv1.2"};
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream file = new FileInputStream(payer.get("p12_path"))) {
      store.load(file, payer.get("mch_id").toCharArray());
    }
    return HttpClientFactory.createKeyMaterialHttpClient(
        store, payer.get("mch_id"), protocols, TIMEOUT_MILLISECONDS, RETRIES);
  }

  /** The place where it keeps a client for each merchant; only its own classes may put one there. */
  @SuppressWarnings("unchecked")
  private static Map<String, CloseableHttpClient> clients() throws ReflectiveOperationException {
    Field field = LocalHttpClient.class.getDeclaredField("httpClient_mchKeyStore");
    field.setAccessible(true);
    return (Map<String, CloseableHttpClient>) field.get(null);
  }

  /** WeChat's address is a constant of its code: its client is sent elsewhere. */
  private static CloseableHttpClient elsewhere(CloseableHttpClient own, Map<String, String> payer) {
    URI uri = URI.create(payer.get("base_url"));
    HttpHost host = new HttpHost(uri.getHost(), uri.getPort(), uri.getScheme());
    return new CloseableHttpClient() {
      @Override
      protected CloseableHttpResponse doExecute(
          HttpHost constant, HttpRequest request, HttpContext context) throws IOException {
        return own.execute(host, request, context);
      }

      @Override
      public void close() throws IOException {
        own.close();
      }

      @Override
      @Deprecated
      public HttpParams getParams() {
        return own.getParams();
      }

      @Override
      @Deprecated
      public ClientConnectionManager getConnectionManager() {
        return own.getConnectionManager();
      }
    };
  }

  private static MchBase call(JSONObject step, Map<String, String> payer) {
    Map<String, String> packet = strings(step.getJSONObject("packet"));
    switch (step.getString("call")) {
      case "normal":
        return PayMchAPI.mmpaymkttransfersSendredpack(normal(packet, payer), payer.get("key"));
      case "group":
        return PayMchAPI.mmpaymkttransfersSendgroupredpack(group(packet, payer), payer.get("key"));
      case "query":
        Gethbinfo asked = new Gethbinfo();
        asked.setNonce_str(nonce());
        asked.setMch_billno(packet.get("mch_billno"));
        asked.setMch_id(payer.get("mch_id"));
        asked.setAppid(payer.get("app_id"));
        asked.setBill_type("MCHT");
        return PayMchAPI.mmpaymkttransfersGethbinfo(asked, payer.get("key"));
      default:
        throw new IllegalArgumentException(step.getString("call"));
    }
  }

  private static Sendredpack normal(Map<String, String> packet, Map<String, String> payer) {
    Sendredpack asked = new Sendredpack();
    asked.setNonce_str(nonce());
    asked.setMch_billno(packet.get("mch_billno"));
    asked.setMch_id(payer.get("mch_id"));
    asked.setSub_mch_id(packet.get("sub_mch_id"));
    asked.setMsgappid(packet.get("msgappid"));
    asked.setWxappid(payer.get("app_id"));
    asked.setSend_name(packet.get("send_name"));
    asked.setRe_openid(packet.get("re_openid"));
    asked.setTotal_amount(Integer.valueOf(packet.get("total_amount")));
    asked.setTotal_num(Integer.valueOf(packet.get("total_num")));
    asked.setWishing(packet.get("wishing"));
    asked.setClient_ip("127.0.0.1");
    asked.setAct_name(packet.get("act_name"));
    asked.setRemark(packet.get("remark"));
    return asked;
  }

  private static Sendgroupredpack group(Map<String, String> packet, Map<String, String> payer) {
    Sendgroupredpack asked = new Sendgroupredpack();
    asked.setNonce_str(nonce());
    asked.setMch_billno(packet.get("mch_billno"));
    asked.setMch_id(payer.get("mch_id"));
    asked.setWxappid(payer.get("app_id"));
    asked.setSend_name(packet.get("send_name"));
    asked.setRe_openid(packet.get("re_openid"));
    asked.setTotal_amount(Integer.valueOf(packet.get("total_amount")));
    asked.setTotal_num(Integer.valueOf(packet.get("total_num")));
    asked.setAmt_type("ALL_RAND");
    asked.setWishing(packet.get("wishing"));
    asked.setAct_name(packet.get("act_name"));
    asked.setRemark(packet.get("remark"));
    return asked;
  }

  /** What a result holds, its claims under WeChat's names. */
  private static Object value(MchBase result) {
    if (result == null) {
      return null;
    }
    JSONObject told = (JSONObject) JSON.toJSON(result);
    if (result instanceof GethbinfoResult) {
      JSONObject list = new JSONObject();
      list.put("hbinfo", told.get("hblist"));
      told.put("hblist", list);
    }
    return told;
  }

  private static String nonce() {
    return "interopinteropinteropinterop0001";
  }

  private static Map<String, String> strings(JSONObject object) {
    Map<String, String> strings = new HashMap<>();
    object.keySet().forEach(name -> strings.put(name, object.getString(name)));
    return strings;
  }
}
