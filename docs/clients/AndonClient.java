import java.io.*;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.*;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.*;
import java.security.*;
import java.security.interfaces.ECPublicKey;
import java.security.spec.*;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicReference;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.*;

/**
 * Reads one channel of an Andon server without a gap, and posts into it so that each line takes effect once. Java 17 without
 * dependencies, written from docs/protocol; free to copy.
 *
 *   java AndonClient.java --server http://127.0.0.1:7070 --data DIR --user kim --pin 1111 --channel chat/line-3
 *
 * Standard input: a line is a message for the channel. Standard output: a JSON object a line, "kind" first. It ends with its input,
 * once every line has its result; with --linger it stays.
 *
 * DIR/events.jsonl  every event of the channel once, in order. Its last line is the cursor: event and cursor are one write.
 * DIR/outbox.json   commands that are not ended, and the next number. The n-th line ever given has number n, so whoever starts this
 *                   again after a crash goes on with line "next" of its first word.
 * DIR/device.json   the key.
 *
 * Everything happens on one thread, "loop"; sockets, timers and standard input hand it work.
 */
public final class AndonClient {
  static final int MAX_IN_FLIGHT = 64, MAX_WAITING = 1000;

  final ScheduledExecutorService loop = Executors.newSingleThreadScheduledExecutor();
  // Otherwise every request over plain HTTP asks for an upgrade to HTTP/2.
  final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();
  /** UTF-8 whatever the locale says. */
  static final PrintStream OUT = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
  final Map<String, String> options;
  final String server, channel;
  final Device device;
  final Outbox outbox;
  final Log log;
  final BlockingQueue<String> lines = new ArrayBlockingQueue<>(1);
  boolean isInputOver;
  /** Offset of the last event that a command of this run made. */
  long awaited;

  Link link;
  int attempt;
  boolean yields;
  /** Of who is signed in; null while nobody is. */
  Map<String, Object> session;
  long tokenGoodUntil;

  AndonClient(Map<String, String> options) throws Exception {
    this.options = options;
    server = options.get("server").replaceAll("/+$", "");
    channel = options.get("channel");
    Path folder = Files.createDirectories(Path.of(options.get("data")));
    device = new Device(folder.resolve("device.json"));
    outbox = new Outbox(folder.resolve("outbox.json"));
    log = new Log(folder.resolve("events.jsonl"));
  }

  public static void main(String[] words) throws Exception {
    Map<String, String> options = new HashMap<>();
    for (int at = 0; at < words.length; at++) {
      String name = words[at].replaceFirst("^--", "");
      options.put(name, name.equals("linger") ? "" : words[++at]);
    }
    for (String name : List.of("server", "data", "user", "pin", "channel"))
      if (!options.containsKey(name)) throw new IllegalArgumentException("--" + name + " is missing");
    AndonClient client = new AndonClient(options);
    client.run(client::start);
    // Never more than one line ahead of what is saved.
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line; (line = input.readLine()) != null; client.run(client::takeLines)) client.lines.put(line);
    client.run(() -> {
      client.isInputOver = true;
      client.takeLines();
    });
  }

  interface Work { void run() throws Exception; }

  /** Hands work to the loop. What goes wrong there is a bug or a broken disk: going on could lose or double something. */
  void run(Work work) { after(0, work); }

  void after(long ms, Work work) {
    loop.schedule(() -> {
      try {
        work.run();
      } catch (Throwable broken) {
        broken.printStackTrace();
        Runtime.getRuntime().halt(1);
      }
    }, ms, TimeUnit.MILLISECONDS);
  }

  static void print(Object... pairs) { OUT.println(Json.write(map(pairs))); }

  static long now() { return System.nanoTime() / 1_000_000; }

  void start() {
    print("kind", "outbox", "next", outbox.next, "waiting", outbox.waiting.size());
    connect();
  }

  void connect() {
    Link mine = link = new Link();
    URI address = URI.create(server.replaceFirst("^http", "ws") + "/sync");
    http.newWebSocketBuilder().subprotocols("andon.v1").buildAsync(address, mine).whenComplete((socket, failure) -> {
      if (failure != null) run(() -> mine.over(1006, String.valueOf(failure)));
    });
    after(10_000, () -> { if (!mine.isWelcomed) mine.over(4408, "no welcome within ten seconds"); });
  }

  // ------------------------------------------------------------------------------------------------- writing

  /** A line becomes a command once somebody can author it: durable, then said to be saved, then sent. */
  void takeLines() throws Exception {
    while (session != null && outbox.waiting.size() < MAX_WAITING && !lines.isEmpty()) {
      Map<String, Object> data = map("line", channel.split("/")[1], "text", lines.poll());
      Map<String, Object> command = map("t", "command", "lane", "normal", "seq", outbox.next, "id", UUID.randomUUID().toString(),
          "type", "chat.post", "session", session.get("session"), "data", data);
      outbox.waiting.put(outbox.next++, command);
      outbox.save();
      print("kind", "saved", "seq", outbox.next - 1);
    }
    if (link != null) link.pump();
    leaveIfDone();
  }

  /** Every line has its result, and what they made was read. */
  void leaveIfDone() {
    if (!isInputOver || !lines.isEmpty() || !outbox.waiting.isEmpty() || log.offset < awaited || options.containsKey("linger")) return;
    isInputOver = false;
    if (link != null) link.leave();
    after(200, () -> System.exit(0));
  }

  /** The server knows this outbox otherwise, or not at all: what was waiting is uncertain, and only a person can say. */
  void giveOutboxUp(String why) throws Exception {
    for (Map<String, Object> command : outbox.waiting.values()) print("kind", "uncertain", "why", why, "command", command);
    outbox.begin();
    link.over(1000, why);
  }

  // -------------------------------------------------------------------------------------------------- people

  void signIn(Link mine) {
    ask(mine, "/api/sessions", map("operator", options.get("user"), "pin", options.get("pin")));
  }

  void refresh(Link mine) {
    if (session == null) signIn(mine);
    else ask(mine, "/api/sessions/refresh", map("session", session.get("session"), "refreshToken", session.get("refreshToken")));
  }

  void ask(Link mine, String path, Map<String, Object> body) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(server + path)).timeout(Duration.ofSeconds(10))
        .header("Authorization", "Bearer " + mine.deviceToken).header("Content-Type", "application/json")
        .header("Andon-Refresh", "body").POST(HttpRequest.BodyPublishers.ofString(Json.write(body))).build();
    http.sendAsync(request, HttpResponse.BodyHandlers.ofString()).whenComplete((answer, failure) -> run(() -> {
      if (mine != link) return;
      if (failure != null) after(2_000, () -> { if (mine == link) refresh(mine); });
      else answered(mine, answer);
    }));
  }

  @SuppressWarnings("unchecked")
  void answered(Link mine, HttpResponse<String> answer) throws Exception {
    Object body = answer.headers().firstValue("content-type").orElse("").contains("json") ? Json.read(answer.body()) : map();
    Map<String, Object> said = (Map<String, Object>) body;
    if (answer.statusCode() == 200) {
      session = said;
      long ms = number(said, "expiresInMs");
      tokenGoodUntil = now() + ms;
      after(ms * 2 / 3, () -> { if (session == said && link != null && link.isWelcomed) refresh(link); });
      mine.bind();
      takeLines();
      return;
    }
    String code = String.valueOf(said.get("code"));
    print("kind", "status", "state", "refused", "code", code, "why", said.get("detail"));
    if (code.equals("bad-pin")) throw new IllegalArgumentException(String.valueOf(said.get("detail")));
    if (code.startsWith("session-")) session = null;
    long seconds = answer.headers().firstValueAsLong("retry-after").orElse(2);
    after(seconds * 1000, () -> { if (mine == link) refresh(mine); });
  }

  // ---------------------------------------------------------------------------------------- one connection

  final class Link implements WebSocket.Listener {
    final StringBuilder text = new StringBuilder();
    final AtomicReference<CompletableFuture<?>> sending = new AtomicReference<>(CompletableFuture.completedFuture(null));
    WebSocket socket;
    boolean isWelcomed, isSubscribed, isReading;
    String deviceToken, nonce;
    int unanswered;
    Long retryAfterMs;
    long sentUpTo = outbox.oldest() - 1, rewoundTo = -1, waitUntil;
    final List<Object> records = new ArrayList<>(), events = new ArrayList<>();

    public void onOpen(WebSocket opened) {
      run(() -> socket = opened);
      opened.request(1);
    }

    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean isLast) {
      text.append(part);
      if (isLast) {
        String whole = text.toString();
        text.setLength(0);
        run(() -> { if (this == link) took(Json.object(whole)); });
      }
      from.request(1);
      return null;
    }

    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      run(() -> over(code, reason));
      return null;
    }

    public void onError(WebSocket from, Throwable failure) { run(() -> over(1006, String.valueOf(failure))); }

    /** This connection is over, whoever ended it; there will be another, for ever. */
    void over(int code, String why) {
      if (this != link) return;
      link = null;
      if (socket != null) socket.abort();
      yields = code == 4409;
      long wait = code == 4403 || code == 4409 ? 60_000 : (long) (Math.random() * Math.min(30_000, 1000L << Math.min(attempt, 5)));
      if (retryAfterMs != null) wait = retryAfterMs;
      attempt++;
      print("kind", "status", "state", "waiting", "code", code, "why", why, "ms", wait);
      after(wait, AndonClient.this::connect);
    }

    void send(Object... pairs) { sendFrame(map(pairs)); }

    /** java.net.http takes the next message only when the one before is gone. */
    void sendFrame(Map<String, Object> frame) {
      String message = Json.write(frame);
      sending.updateAndGet(before -> before.handle((done, failure) -> null).thenCompose(ready -> socket.sendText(message, true)));
    }

    void leave() {
      send("t", "bye", "reason", "stopping");
      link = null;
    }

    void took(Map<String, Object> frame) throws Exception {
      String t = String.valueOf(frame.get("t"));
      if (isWelcomed) attempt = 0;
      switch (t) {
        case "challenge" -> hello(frame);
        case "welcome" -> welcome(frame);
        case "authed" -> { if (!isSubscribed) subscribe(); }
        case "deauthed" -> {
          if (!String.valueOf(frame.get("code")).matches("token-expired|bad-token")) session = null;
          after(1_000, () -> { if (this == link) refresh(this); });
        }
        case "subscribed", "reset", "snapshot", "page", "event", "unsubscribed" -> {
          if (channel.equals(frame.get("channel"))) read(t, frame);
        }
        case "result" -> ended(frame);
        case "retry-later" -> {
          rewoundTo = number(frame, "seq");
          waitUntil = now() + number(frame, "afterMs");
          sentUpTo = rewoundTo - 1;
          after(number(frame, "afterMs"), () -> { if (this == link) pump(); });
        }
        case "expect" -> {
          long seq = number(frame, "seq");
          if (seq > outbox.next) giveOutboxUp("the server expects " + seq);
          else if (seq < outbox.oldest()) over(1000, "the server was restored"); // the next hello says what it lacks
          else if (seq != rewoundTo) {
            rewoundTo = seq;
            sentUpTo = seq - 1;
            pump();
          }
        }
        case "outbox-forked" -> giveOutboxUp("outbox-forked");
        case "pong" -> pong(frame);
        case "bye" -> retryAfterMs = number(frame, "retryAfterMs");
        case "error" -> System.err.println(Json.write(frame));
        default -> { } // of a newer server
      }
    }

    @SuppressWarnings("unchecked")
    void hello(Map<String, Object> challenge) throws Exception {
      Map<String, Object> place = map("epoch", outbox.epoch, "incarnation", outbox.incarnation, "oldest",
          map("urgent", 1, "normal", outbox.oldest()));
      List<Object> takes = (List<Object>) challenge.getOrDefault("takes", List.of());
      if (takes.contains("newest")) place.put("newest", map("urgent", 0, "normal", outbox.next - 1));
      Map<String, Object> hello = map("t", "hello", "version", 1, "proof", device.prove((String) challenge.get("nonce")),
          "name", "Java client", "client", map("kind", "headless", "build", "AndonClient.java"), "outbox", place);
      if (yields) hello.put("yields", true);
      if (session != null) hello.put("session", session.get("session"));
      sendFrame(hello);
    }

    void welcome(Map<String, Object> frame) throws Exception {
      isWelcomed = true;
      deviceToken = (String) frame.get("deviceToken");
      if (frame.get("outbox").equals("forgotten")) {
        giveOutboxUp("forgotten");
        return;
      }
      if (!frame.get("incarnation").equals(outbox.incarnation)) {
        outbox.incarnation = (String) frame.get("incarnation");
        outbox.save();
      }
      if (frame.containsKey("session") && !frame.get("session").equals("active")) session = null;
      print("kind", "status", "state", "welcomed", "device", frame.get("device"));
      beat(number(frame, "heartbeatMs"));
      if (session != null && now() < tokenGoodUntil) bind();
      else refresh(this);
      pump();
    }

    /** The server works through what it gets in order, so nothing waits for "authed". */
    void bind() {
      send("t", "auth", "token", session.get("accessToken"), "generation", session.get("generation"));
      if (!isSubscribed) subscribe();
    }

    void beat(long everyMs) {
      if (this != link) return;
      if (unanswered >= 2) {
        over(4408, "two pings without an answer");
        return;
      }
      unanswered++;
      send("t", "ping", "nonce", nonce = UUID.randomUUID().toString());
      after(everyMs, () -> beat(everyMs));
    }

    @SuppressWarnings("unchecked")
    void pong(Map<String, Object> frame) {
      if (frame.get("nonce").equals(nonce)) unanswered = 0;
      Object mine = ((Map<String, Object>) frame.get("channels")).get(channel);
      if (!isReading || mine == null) return;
      Map<String, Object> at = (Map<String, Object>) mine;
      if (at.get("epoch").equals(log.epoch) && number(at, "written") > log.offset) readAgain();
    }

    // ----------------------------------------------------------------------------------------- reading

    void subscribe() {
      isSubscribed = true;
      Map<String, Object> frame = map("t", "subscribe", "channel", channel, "credit", 4);
      if (log.epoch != null) frame.put("cursor", map("epoch", log.epoch, "offset", log.offset, "id", log.id));
      else if (channel.matches("(chat|inbox)/.*")) frame.put("from", "start");
      sendFrame(frame);
    }

    /** Something is missing: what comes until the answer is of the subscription before. */
    void readAgain() {
      isReading = false;
      send("t", "unsubscribe", "channel", channel);
      subscribe();
    }

    @SuppressWarnings("unchecked")
    void read(String t, Map<String, Object> frame) throws Exception {
      switch (t) {
        case "subscribed" -> {
          isReading = true;
          if (log.epoch == null) log.append(List.of(map("kind", "start", "epoch", frame.get("epoch"), "offset", frame.get("offset"), "id", frame.get("id"))));
        }
        case "reset" -> {
          isReading = true;
          print("kind", "reset", "reason", frame.get("reason"), "lost", frame.get("lost"));
        }
        case "snapshot" -> {
          isReading = true;
          if (number(frame, "page") == 0) {
            records.clear();
            events.clear();
          }
          records.addAll((List<Object>) frame.getOrDefault("records", List.of()));
          events.addAll((List<Object>) frame.getOrDefault("events", List.of()));
          if (frame.get("last").equals(true))
            log.append(List.of(map("kind", "snapshot", "epoch", frame.get("epoch"), "offset", frame.get("offset"), "id", frame.get("id"),
                "records", List.copyOf(records), "events", List.copyOf(events))));
          send("t", "credit", "channel", channel, "pages", 1);
        }
        case "page" -> {
          if (isReading) apply(frame, (List<Object>) frame.get("events"));
          send("t", "credit", "channel", channel, "pages", 1);
        }
        case "event" -> { if (isReading) apply(frame, List.of(frame)); }
        default -> { // unsubscribed
          if (frame.containsKey("code")) {
            isSubscribed = isReading = false;
            print("kind", "unsubscribed", "code", frame.get("code"));
          }
        }
      }
    }

    @SuppressWarnings("unchecked")
    void apply(Map<String, Object> frame, List<Object> came) throws Exception {
      List<Map<String, Object>> fresh = new ArrayList<>();
      long expected = log.offset + 1;
      boolean isGap = !frame.get("epoch").equals(log.epoch);
      for (Object each : came) {
        Map<String, Object> event = (Map<String, Object>) each;
        long offset = number(event, "offset");
        if (isGap || offset > expected) isGap = true;
        else if (offset == expected) {
          Map<String, Object> line = map("kind", "event", "epoch", frame.get("epoch"));
          for (String field : List.of("offset", "id", "type", "at", "by", "cause", "data")) if (event.containsKey(field)) line.put(field, event.get(field));
          fresh.add(line);
          expected++;
        }
      }
      if (!fresh.isEmpty()) log.append(fresh);
      if (isGap) readAgain();
      leaveIfDone();
    }

    // ----------------------------------------------------------------------------------------- sending

    void pump() {
      if (!isWelcomed || now() < waitUntil) return;
      for (Map<String, Object> command : outbox.waiting.tailMap(sentUpTo + 1).values()) {
        if (number(command, "seq") - outbox.oldest() >= MAX_IN_FLIGHT) return;
        sentUpTo = number(command, "seq");
        sendFrame(command);
        long sent = sentUpTo;
        // No answer at all: from the oldest again; what was answered already is answered alike.
        after(30_000, () -> {
          if (this != link || !outbox.waiting.containsKey(sent) || outbox.oldest() != sent) return;
          sentUpTo = sent - 1;
          pump();
        });
      }
    }

    @SuppressWarnings("unchecked")
    void ended(Map<String, Object> frame) throws Exception {
      long seq = number(frame, "seq");
      Map<String, Object> command = outbox.waiting.get(seq);
      if (command == null || !command.get("id").equals(frame.get("id"))) return;
      if (seq >= rewoundTo) rewoundTo = -1;
      Map<String, Object> offsets = (Map<String, Object>) frame.getOrDefault("offsets", map());
      if (offsets.containsKey(channel)) awaited = Math.max(awaited, number(offsets, channel));
      outbox.waiting.remove(seq);
      outbox.save();
      send("t", "confirm", "lane", "normal", "upTo", outbox.oldest() - 1);
      print("kind", "result", "seq", seq, "outcome", frame.get("outcome"), "code", frame.get("code"), "message", frame.get("message"));
      takeLines();
    }
  }

  // ---------------------------------------------------------------------------------------------- on the disk

  /** A file is written beside the old one, synced, and put in its place. */
  static void replace(Path file, Object value) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel out = FileChannel.open(fresh, CREATE, TRUNCATE_EXISTING, WRITE)) {
      writeAll(out, Json.write(value));
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent(), READ)) {
      folder.force(true);
    } catch (IOException unsupported) {
      // Windows syncs no folders; its rename is in the journal.
    }
  }

  static void writeAll(FileChannel out, String text) throws IOException {
    for (ByteBuffer bytes = UTF_8.encode(text); bytes.hasRemaining();) out.write(bytes);
    out.force(true);
  }

  static final class Outbox {
    final Path file;
    String epoch, incarnation;
    long next;
    final TreeMap<Long, Map<String, Object>> waiting = new TreeMap<>();

    @SuppressWarnings("unchecked")
    Outbox(Path file) throws IOException {
      this.file = file;
      if (!Files.exists(file)) {
        begin();
        return;
      }
      Map<String, Object> stored = Json.object(Files.readString(file));
      epoch = (String) stored.get("epoch");
      incarnation = (String) stored.get("incarnation");
      next = number(stored, "next");
      for (Object each : (List<Object>) stored.get("waiting")) waiting.put(number((Map<String, Object>) each, "seq"), (Map<String, Object>) each);
    }

    void begin() throws IOException {
      epoch = UUID.randomUUID().toString();
      incarnation = null;
      next = 1;
      waiting.clear();
      save();
    }

    long oldest() { return waiting.isEmpty() ? next : waiting.firstKey(); }

    void save() throws IOException {
      replace(file, map("epoch", epoch, "incarnation", incarnation, "next", next, "waiting", List.copyOf(waiting.values())));
    }
  }

  /** Events and cursor are one: the cursor is the last whole line. */
  static final class Log {
    final FileChannel file;
    String epoch, id;
    long offset;

    Log(Path path) throws IOException {
      file = FileChannel.open(path, CREATE, READ, WRITE);
      String text = Files.readString(path);
      String whole = text.substring(0, text.lastIndexOf('\n') + 1);
      file.truncate(whole.getBytes(UTF_8).length).position(file.size());
      if (!whole.isEmpty()) moveTo(Json.object(whole.substring(whole.lastIndexOf('\n', whole.length() - 2) + 1)));
    }

    void append(List<Map<String, Object>> lines) throws IOException {
      StringBuilder text = new StringBuilder();
      for (Map<String, Object> line : lines) text.append(Json.write(line)).append('\n');
      writeAll(file, text.toString());
      moveTo(lines.get(lines.size() - 1));
      OUT.print(text);
      OUT.flush();
    }

    void moveTo(Map<String, Object> line) {
      epoch = (String) line.get("epoch");
      offset = number(line, "offset");
      id = (String) line.get("id");
    }
  }

  static final class Device {
    final PrivateKey key;
    final Map<String, Object> jwk;

    Device(Path file) throws Exception {
      if (!Files.exists(file)) {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        ECPoint point = ((ECPublicKey) pair.getPublic()).getW();
        replace(file, map("x", base64(bytes32(point.getAffineX())), "y", base64(bytes32(point.getAffineY())), "pkcs8", base64(pair.getPrivate().getEncoded())));
      }
      Map<String, Object> stored = Json.object(Files.readString(file));
      byte[] pkcs8 = Base64.getUrlDecoder().decode((String) stored.get("pkcs8"));
      key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      jwk = map("crv", "P-256", "kty", "EC", "x", stored.get("x"), "y", stored.get("y"));
    }

    String prove(String nonce) throws Exception {
      String signed = base64(Json.write(map("alg", "ES256", "jwk", jwk))) + "." + base64(Json.write(map("nonce", nonce, "aud", "andon.v1")));
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(key);
      signature.update(signed.getBytes(UTF_8));
      return signed + "." + base64(signature.sign());
    }

    static String base64(byte[] bytes) { return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes); }

    static String base64(String text) { return base64(text.getBytes(UTF_8)); }

    static byte[] bytes32(BigInteger number) {
      byte[] bytes = number.toByteArray(), fixed = new byte[32];
      int length = Math.min(bytes.length, 32);
      System.arraycopy(bytes, bytes.length - length, fixed, 32 - length, length);
      return fixed;
    }
  }

  // ----------------------------------------------------------------------------------------------------- JSON

  static Map<String, Object> map(Object... pairs) {
    Map<String, Object> made = new LinkedHashMap<>();
    for (int at = 0; at < pairs.length; at += 2) made.put((String) pairs[at], pairs[at + 1]);
    return made;
  }

  static long number(Map<String, Object> from, String field) { return ((Number) from.get(field)).longValue(); }

  static final class Json {
    final String text;
    int at;

    Json(String text) { this.text = text; }

    static Object read(String text) { return new Json(text).value(); }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(String text) { return (Map<String, Object>) read(text); }

    char peek() {
      while (" \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
      return text.charAt(at);
    }

    /** Whether this character is next; then it is taken. */
    boolean take(char wanted) {
      if (peek() != wanted) return false;
      at++;
      return true;
    }

    Object value() {
      if (take('{')) {
        Map<String, Object> object = map();
        while (!take('}')) {
          take(',');
          peek();
          String name = string();
          take(':');
          object.put(name, value());
        }
        return object;
      }
      if (take('[')) {
        List<Object> list = new ArrayList<>();
        while (!take(']')) {
          take(',');
          list.add(value());
        }
        return list;
      }
      if (peek() == '"') return string();
      int from = at;
      while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) at++;
      String word = text.substring(from, at);
      return switch (word) {
        case "true" -> true;
        case "false" -> false;
        case "null" -> null;
        default -> {
          if (word.matches("-?\\d{1,18}")) yield Long.valueOf(word);
          yield Double.valueOf(word);
        }
      };
    }

    String string() {
      StringBuilder made = new StringBuilder();
      for (at++; text.charAt(at) != '"'; at++) {
        char letter = text.charAt(at);
        if (letter != '\\') {
          made.append(letter);
          continue;
        }
        letter = text.charAt(++at);
        int known = "bfnrt".indexOf(letter);
        if (letter == 'u') {
          made.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
          at += 4;
        } else made.append(known < 0 ? letter : "\b\f\n\r\t".charAt(known));
      }
      at++;
      return made.toString();
    }

    static String write(Object value) {
      StringBuilder out = new StringBuilder();
      write(value, out);
      return out.toString();
    }

    static void write(Object value, StringBuilder out) {
      if (value instanceof Map<?, ?> object) {
        String comma = "{";
        for (Map.Entry<?, ?> entry : object.entrySet()) {
          write(entry.getKey(), out.append(comma));
          write(entry.getValue(), out.append(':'));
          comma = ",";
        }
        out.append(object.isEmpty() ? "{}" : "}");
      } else if (value instanceof List<?> list) {
        String comma = "";
        out.append('[');
        for (Object each : list) {
          write(each, out.append(comma));
          comma = ",";
        }
        out.append(']');
      } else if (value instanceof String text) {
        out.append('"');
        for (char letter : text.toCharArray()) {
          if (letter == '"' || letter == '\\') out.append('\\').append(letter);
          else if (letter < ' ') out.append(String.format("\\u%04x", (int) letter));
          else out.append(letter);
        }
        out.append('"');
      } else out.append(value);
    }
  }
}
