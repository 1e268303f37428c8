import com.github.binarywang.wxpay.bean.request.WxPaySendRedpackRequest;
import com.github.binarywang.wxpay.config.WxPayConfig;
import com.github.binarywang.wxpay.exception.WxPayException;
import com.github.binarywang.wxpay.service.RedpackService;
import com.github.binarywang.wxpay.service.WxPayService;
import com.github.binarywang.wxpay.service.impl.WxPayServiceImpl;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.sun.management.OperatingSystemMXBean;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * WxJava's own sendRedpack: one service for all calls, as its notes show it.
 *
 * <p>What it is told and what it tells stands in task.py.
 */
public final class WxJavaSend {
  private static final String PASSWORD = "hongbao"; // of a store of certificates, no secret

  private static final int PATIENCE_MILLISECONDS = 60_000; // its 5 s end it on a busy machine

  private WxJavaSend() {}

  public static void main(String[] asked) throws Exception {
    Path folder = Path.of(asked[2]);
    int warmUp = Integer.parseInt(asked[3]);
    int calls = Integer.parseInt(asked[4]);
    int atOnce = Integer.parseInt(asked[5]);
    trust(folder);
    JsonObject task;
    try (Reader reader = Files.newBufferedReader(folder.resolve("packet.json"))) {
      task = new Gson().fromJson(reader, JsonObject.class);
    }
    JsonObject payer = task.getAsJsonObject("payer");
    RedpackService service = service(folder, payer, "https://" + asked[0] + ":" + asked[1]);

    all(service, task, warmUp, atOnce);
    OperatingSystemMXBean machine =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long started = System.nanoTime();
    long before = machine.getProcessCpuTime();
    all(service, task, calls, atOnce);
    Map<String, Object> told =
        Map.of(
            "seconds", (System.nanoTime() - started) / 1e9,
            "cpu_seconds", (machine.getProcessCpuTime() - before) / 1e9,
            "versions", Map.of("Java", System.getProperty("java.version"), "WxJava", version()));
    System.out.println(new Gson().toJson(told));
  }

  private static void all(RedpackService service, JsonObject task, int calls, int atOnce)
      throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int number = 0; number < atOnce; number++) {
      Thread thread = new Thread(() -> some(service, task, calls / atOnce));
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static void some(RedpackService service, JsonObject task, int calls) {
    try {
      for (int made = 0; made < calls; made++) {
        service.sendRedpack(packet(task.getAsJsonObject("packet"), task.getAsJsonObject("payer")));
      }
    } catch (WxPayException error) {
      error.printStackTrace();
      System.exit(1);
    }
  }

  private static WxPaySendRedpackRequest packet(JsonObject said, JsonObject payer) {
    WxPaySendRedpackRequest packet = new WxPaySendRedpackRequest();
    packet.setMchBillNo(said.get("mch_billno").getAsString());
    packet.setReOpenid(said.get("re_openid").getAsString());
    packet.setTotalAmount(said.get("total_amount").getAsInt());
    packet.setTotalNum(1);
    packet.setSendName(said.get("send_name").getAsString());
    packet.setWishing(said.get("wishing").getAsString());
    packet.setActName(said.get("act_name").getAsString());
    packet.setRemark(said.get("remark").getAsString());
    packet.setClientIp(payer.get("client_ip").getAsString());
    return packet;
  }

  private static RedpackService service(Path folder, JsonObject payer, String origin) {
    WxPayConfig config = new WxPayConfig();
    config.setPayBaseUrl(origin);
    config.setAppId(payer.get("app_id").getAsString());
    config.setMchId(payer.get("mch_id").getAsString());
    config.setMchKey(payer.get("key").getAsString());
    config.setKeyPath(folder.resolve("cert.p12").toString());
    config.setHttpConnectionTimeout(PATIENCE_MILLISECONDS);
    config.setHttpTimeout(PATIENCE_MILLISECONDS);
    WxPayService service = new WxPayServiceImpl();
    service.setConfig(config);
    return service.getRedpackService();
  }

  /** Java reads no PEM, so the authority goes into a store of its own. */
  private static void trust(Path folder) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream file = Files.newInputStream(folder.resolve("ca.pem"))) {
      CertificateFactory reader = CertificateFactory.getInstance("X.509");
      store.setCertificateEntry("ca", reader.generateCertificate(file));
    }
    Path path = folder.resolve("trust.p12");
    try (OutputStream file = Files.newOutputStream(path)) {
      store.store(file, PASSWORD.toCharArray());
    }
    System.setProperty("javax.net.ssl.trustStore", path.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
  }

  /** As the name of its file has it. */
  private static String version() {
    String file = WxPayService.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    return file.replaceAll(".*weixin-java-pay-|\\.jar$", "");
  }
}
