import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.wechat.pay.java.core.Config;
import com.wechat.pay.java.core.RSAPublicKeyConfig;
import com.wechat.pay.java.core.exception.ServiceException;
import com.wechat.pay.java.core.http.DefaultHttpClientBuilder;
import com.wechat.pay.java.core.http.HttpClient;
import com.wechat.pay.java.core.http.HttpHeaders;
import com.wechat.pay.java.core.http.HttpMethod;
import com.wechat.pay.java.core.http.HttpRequest;
import com.wechat.pay.java.core.http.HttpResponse;
import com.wechat.pay.java.core.http.JsonRequestBody;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Drives wechatpay-java by its raw calls: one JSON step a line in, one JSON outcome a line out. */
public final class RawDriver {
  private static final Gson GSON = new Gson();
  private static final String BILLS =
      "https://api.mch.weixin.qq.com/v3/fund-app/mch-transfer/transfer-bills";

  private RawDriver() {}

  /** The state of a reply that was verified. */
  public static final class Bill {
    String state;
  }

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
    } catch (ServiceException error) {
      told.addProperty("kind", "refused");
      told.addProperty("code", error.getErrorCode());
    } catch (RuntimeException error) {
      told.addProperty("kind", "error");
      told.addProperty("value", error.getClass().getSimpleName() + ": " + error.getMessage());
    }
    return told;
  }

  private static String call(JsonObject step) {
    JsonObject payer = step.getAsJsonObject("payer");
    Config config =
        new RSAPublicKeyConfig.Builder()
            .merchantId(payer.get("mch_id").getAsString())
            .privateKey(step.get("private_key").getAsString())
            .publicKey(step.get("public_key").getAsString())
            .publicKeyId(payer.get("public_key_id").getAsString())
            .merchantSerialNumber(payer.get("serial_no").getAsString())
            .apiV3Key(payer.get("api_v3_key").getAsString())
            .build();
    URI proxy = URI.create(step.get("proxy_url").getAsString());
    InetSocketAddress address = new InetSocketAddress(proxy.getHost(), proxy.getPort());
    HttpClient client =
        new DefaultHttpClientBuilder()
            .config(config)
            .proxy(new Proxy(Proxy.Type.HTTP, address))
            .build();
    JsonObject transfer = step.getAsJsonObject("transfer");
    String bill = BILLS + "/out-bill-no/" + transfer.get("out_bill_no").getAsString();
    HttpRequest.Builder request = new HttpRequest.Builder();
    HttpHeaders headers = new HttpHeaders();
    headers.addHeader("Accept", "application/json");
    headers.addHeader("Content-Type", "application/json");
    request.headers(headers);
    switch (step.get("call").getAsString()) {
      case "transfer":
        request.httpMethod(HttpMethod.POST).url(BILLS);
        request.body(new JsonRequestBody.Builder().body(GSON.toJson(transfer)).build());
        break;
      case "query":
        request.httpMethod(HttpMethod.GET).url(bill);
        break;
      default:
        request.httpMethod(HttpMethod.POST).url(bill + "/cancel");
        request.body(new JsonRequestBody.Builder().body("{}").build());
    }
    HttpResponse<Bill> response = client.execute(request.build(), Bill.class);
    return response.getServiceResponse().state;
  }
}
