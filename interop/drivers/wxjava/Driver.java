import com.github.binarywang.wxpay.bean.entpay.EntPayRedpackQueryRequest;
import com.github.binarywang.wxpay.bean.entpay.EntPayRedpackRequest;
import com.github.binarywang.wxpay.bean.request.WxPaySendMiniProgramRedpackRequest;
import com.github.binarywang.wxpay.bean.request.WxPaySendRedpackRequest;
import com.github.binarywang.wxpay.bean.result.BaseWxPayResult;
import com.github.binarywang.wxpay.bean.result.WxPayCommonResult;
import com.github.binarywang.wxpay.bean.result.WxPayRedpackQueryResult;
import com.github.binarywang.wxpay.config.WxPayConfig;
import com.github.binarywang.wxpay.exception.WxPayException;
import com.github.binarywang.wxpay.service.WxPayService;
import com.github.binarywang.wxpay.service.impl.WxPayServiceImpl;
import com.github.binarywang.wxpay.util.SignUtils;
import com.github.binarywang.wxpay.util.XmlConfig;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Drives WxJava: one JSON step a line in, one JSON outcome a line out. */
public final class Driver {
  private static final Gson GSON = new GsonBuilder().serializeNulls().create();

  private Driver() {}

  public static void main(String[] arguments) throws Exception {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream answers = new PrintStream(System.out, true, "UTF-8");
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      answers.println(GSON.toJson(outcome(GSON.fromJson(line, JsonObject.class))));
    }
  }

  private static JsonObject outcome(JsonObject step) {
    JsonObject told = new JsonObject();
    if (text(step, "call").equals("sign")) {
      told.addProperty("value", sign(step));
      return told;
    }
    if (text(step, "call").equals("read")) {
      WxPayCommonResult read = BaseWxPayResult.fromXML(text(step, "document"), WxPayCommonResult.class);
      told.add("value", GSON.toJsonTree(read.toMap()));
      return told;
    }
    // A switch of the whole library, not of one client.
    XmlConfig.fastMode = step.has("fast_mode");
    try {
      BaseWxPayResult result = call(step);
      told.addProperty("kind", "result");
      told.addProperty("code", result.getErrCode());
      told.add("value", value(result));
    } catch (IllegalAccessException error) {
      throw new AssertionError(error);
    } catch (WxPayException error) {
      told.addProperty("kind", "error");
      told.addProperty("type", "WxPayException");
      told.addProperty("code", error.getErrCode());
      told.addProperty("value", error.getXmlString());
    } catch (Exception error) {
      told.addProperty("kind", "error");
      told.addProperty("type", error.getClass().getSimpleName());
      told.addProperty("value", error.getMessage());
    }
    return told;
  }

  private static String sign(JsonObject step) {
    Map<String, String> fields = strings(step.getAsJsonObject("fields"));
    String kind = text(step, "sign_type");
    String key = text(step, "key");
    if (!kind.equals("WORKWX")) {
      return SignUtils.createSign(fields, kind, key, new String[0]);
    }
    return SignUtils.createEntSign(
        fields.get("act_name"),
        fields.get("mch_billno"),
        fields.get("mch_id"),
        fields.get("nonce_str"),
        fields.get("re_openid"),
        Integer.valueOf(fields.get("total_amount")),
        fields.get("wxappid"),
        key,
        "MD5");
  }

  private static BaseWxPayResult call(JsonObject step) throws WxPayException {
    Map<String, String> packet = strings(step.getAsJsonObject("packet"));
    WxPayService service = service(step, packet);
    String number = packet.get("mch_billno");
    switch (text(step, "call")) {
      case "normal":
      case "group":
        return service.getRedpackService().sendRedpack(packet(step, packet));
      case "mini":
        return service.getRedpackService().sendMiniProgramRedpack(miniProgramPacket(packet));
      case "query":
        return service.getRedpackService().queryRedpack(number);
      case "work":
        return service.getEntPayService().sendEnterpriseRedpack(workPacket(step, packet));
      case "query_work":
        EntPayRedpackQueryRequest asked = new EntPayRedpackQueryRequest();
        asked.setMchBillNo(number);
        return service.getEntPayService().queryEnterpriseRedpack(asked);
      default:
        throw new IllegalArgumentException(text(step, "call"));
    }
  }

  private static WxPayService service(JsonObject step, Map<String, String> packet) {
    Map<String, String> payer = strings(step.getAsJsonObject("payer"));
    WxPayConfig config = new WxPayConfig();
    config.setPayBaseUrl(payer.get("base_url"));
    config.setAppId(payer.get("app_id"));
    config.setMchId(payer.get("mch_id"));
    config.setMchKey(payer.get("key"));
    config.setEntPayKey(payer.get("work_secret"));
    config.setKeyPath(payer.get("p12_path"));
    config.setSubMchId(packet.get("sub_mch_id"));
    config.setSignType(step.has("sign_type") ? text(step, "sign_type") : null);
    WxPayService service = new WxPayServiceImpl();
    service.setConfig(config);
    return service;
  }

  private static WxPaySendRedpackRequest packet(JsonObject step, Map<String, String> packet) {
    WxPaySendRedpackRequest asked = new WxPaySendRedpackRequest();
    asked.setMchBillNo(packet.get("mch_billno"));
    asked.setReOpenid(packet.get("re_openid"));
    asked.setTotalAmount(Integer.valueOf(packet.get("total_amount")));
    asked.setTotalNum(Integer.valueOf(packet.get("total_num")));
    asked.setSendName(packet.get("send_name"));
    asked.setWishing(packet.get("wishing"));
    asked.setActName(packet.get("act_name"));
    asked.setRemark(packet.get("remark"));
    asked.setMsgAppid(packet.get("msgappid"));
    if (text(step, "call").equals("group")) {
      asked.setAmtType("ALL_RAND");
    } else {
      asked.setClientIp("127.0.0.1");
    }
    return asked;
  }

  private static WxPaySendMiniProgramRedpackRequest miniProgramPacket(Map<String, String> packet) {
    return new WxPaySendMiniProgramRedpackRequest()
        .setMchBillNo(packet.get("mch_billno"))
        .setReOpenid(packet.get("re_openid"))
        .setTotalAmount(Integer.valueOf(packet.get("total_amount")))
        .setTotalNum(Integer.valueOf(packet.get("total_num")))
        .setSendName(packet.get("send_name"))
        .setWishing(packet.get("wishing"))
        .setActName(packet.get("act_name"))
        .setRemark(packet.get("remark"));
  }

  private static EntPayRedpackRequest workPacket(JsonObject step, Map<String, String> packet) {
    Map<String, String> payer = strings(step.getAsJsonObject("payer"));
    EntPayRedpackRequest asked = new EntPayRedpackRequest();
    if (!step.has("no_mch_id")) {
      asked.setMchId(payer.get("mch_id"));
    }
    asked.setWxAppId(payer.get("app_id"));
    asked.setMchBillNo(packet.get("mch_billno"));
    asked.setReOpenid(packet.get("re_openid"));
    asked.setTotalAmount(Integer.valueOf(packet.get("total_amount")));
    asked.setSenderName(packet.get("sender_name"));
    asked.setWishing(packet.get("wishing"));
    asked.setActName(packet.get("act_name"));
    asked.setRemark(packet.get("remark"));
    return asked;
  }

  /** Every field of a result, but for the reply's own text, which is nothing understood. */
  private static JsonElement value(BaseWxPayResult result) throws IllegalAccessException {
    JsonObject told = new JsonObject();
    for (Class<?> one = result.getClass(); one != Object.class; one = one.getSuperclass()) {
      for (Field field : one.getDeclaredFields()) {
        field.setAccessible(true);
        boolean text = Set.of(String.class, Integer.class, int.class).contains(field.getType());
        if (text && !field.getName().equals("xmlString") && field.get(result) != null) {
          told.addProperty(field.getName(), field.get(result).toString());
        }
      }
    }
    if (result instanceof WxPayRedpackQueryResult) {
      JsonObject list = new JsonObject();
      list.add("hbinfo", GSON.toJsonTree(((WxPayRedpackQueryResult) result).getRedpackList()));
      told.add("hblist", list);
    }
    return told;
  }

  private static Map<String, String> strings(JsonObject object) {
    Map<String, String> strings = new HashMap<>();
    object.entrySet().forEach(entry -> strings.put(entry.getKey(), entry.getValue().getAsString()));
    return strings;
  }

  private static String text(JsonObject object, String name) {
    return object.get(name).getAsString();
  }
}
