import com.github.binarywang.wxpay.bean.transfer.TransferBillsRequest;
import com.github.binarywang.wxpay.config.WxPayConfig;
import com.github.binarywang.wxpay.exception.WxPayException;
import com.github.binarywang.wxpay.service.TransferService;
import com.github.binarywang.wxpay.service.WxPayService;
import com.github.binarywang.wxpay.service.impl.WxPayServiceImpl;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Drives WxJava's V3 transfers: one JSON step a line in, one JSON outcome a line out. */
public final class TransferDriver {
  private static final Gson GSON = new Gson();

  private TransferDriver() {}

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
    try {
      told.addProperty("state", call(step));
      told.addProperty("kind", "result");
    } catch (WxPayException error) {
      boolean refused = error.getErrCode() != null && !error.getErrCode().isEmpty();
      told.addProperty("kind", refused ? "refused" : "error");
      told.addProperty("code", error.getErrCode());
      told.addProperty("value", error.getMessage());
    } catch (RuntimeException error) {
      told.addProperty("kind", "error");
      told.addProperty("value", error.getClass().getSimpleName() + ": " + error.getMessage());
    }
    return told;
  }

  private static String call(JsonObject step) throws WxPayException {
    JsonObject payer = step.getAsJsonObject("payer");
    URI proxy = URI.create(step.get("proxy_url").getAsString());
    WxPayConfig config = new WxPayConfig();
    config.setAppId(payer.get("app_id").getAsString());
    config.setMchId(payer.get("mch_id").getAsString());
    config.setApiV3Key(payer.get("api_v3_key").getAsString());
    config.setPrivateKeyPath(payer.get("key_path").getAsString());
    config.setPrivateCertPath(payer.get("cert_path").getAsString());
    config.setCertSerialNo(payer.get("serial_no").getAsString());
    config.setPublicKeyId(payer.get("public_key_id").getAsString());
    config.setPublicKeyPath(payer.get("public_key_path").getAsString());
    config.setFullPublicKeyModel(true);
    config.setStrictlyNeedWechatPaySerial(true);
    config.setHttpProxyHost(proxy.getHost());
    config.setHttpProxyPort(proxy.getPort());
    WxPayService pay = new WxPayServiceImpl();
    pay.setConfig(config);
    TransferService transfers = pay.getTransferService();
    JsonObject transfer = step.getAsJsonObject("transfer");
    String number = transfer.get("out_bill_no").getAsString();
    switch (step.get("call").getAsString()) {
      case "transfer":
        TransferBillsRequest request = GSON.fromJson(transfer, TransferBillsRequest.class);
        return transfers.transferBills(request).getState();
      case "query":
        return transfers.getBillsByOutBillNo(number).getState();
      default:
        return transfers.transformBillsCancel(number).getState();
    }
  }
}
