package dev.recado.samples.worldtime;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A time service on this machine that answers as worldtimeapi.org does, and sometimes does not. */
final class TimeService implements AutoCloseable {

    /** How it takes questions about one zone; the list of zones it always tells, unless told otherwise. */
    enum Mood {
        WELL,
        FAILING,
        HANGING,
        /** Sends headers and half of the body. */
        HANGING_IN_THE_BODY,
        RUBBISH,
        /** JSON, but not what was asked for. */
        ANOTHER_JSON,
        ENDLESS
    }

    static final List<String> ZONES = List.of("America/Sao_Paulo", "Asia/Tokyo", "Europe/London");

    private static final String PATH = "/api/timezone";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch end = new CountDownLatch(1);
    private final ConcurrentMap<String, AtomicInteger> asked = new ConcurrentHashMap<>();
    private volatile Mood mood = Mood.WELL;
    private volatile String list = Protocol.zones(ZONES);

    TimeService() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext(PATH, this::handle);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + PATH);
    }

    void mood(Mood next) {
        mood = next;
    }

    void list(String json) {
        list = json;
    }

    /** How many requests about this zone have come. */
    int asked(String zone) {
        return asked.getOrDefault(zone, new AtomicInteger()).get();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String rest = exchange.getRequestURI().getPath().substring(PATH.length());
            if (rest.isEmpty()) {
                send(exchange, 200, list);
            } else {
                String zone = rest.substring(1);
                asked.computeIfAbsent(zone, name -> new AtomicInteger()).incrementAndGet();
                answer(exchange, zone);
            }
        } catch (InterruptedException e) {
            // The end.
        }
    }

    private void answer(HttpExchange exchange, String zone) throws IOException, InterruptedException {
        switch (mood) {
            case WELL -> send(exchange, 200, time(zone));
            case FAILING -> send(exchange, 500, "{\"error\": \"out of order\"}");
            case RUBBISH -> send(exchange, 200, "<html>\u0007 it is late </html>");
            case ANOTHER_JSON -> send(exchange, 200, "{\"datetime\": 12, \"dst\": \"perhaps\"}");
            case HANGING -> end.await();
            case HANGING_IN_THE_BODY -> {
                byte[] body = time(zone).getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body, 0, body.length / 2);
                exchange.getResponseBody().flush();
                end.await();
            }
            case ENDLESS -> {
                exchange.sendResponseHeaders(200, 0);
                byte[] blanks = new byte[8 * 1024];
                Arrays.fill(blanks, (byte) ' ');
                OutputStream body = exchange.getResponseBody();
                while (end.getCount() > 0) {
                    body.write(blanks);
                }
            }
        }
    }

    private static String time(String zone) {
        OffsetDateTime now = OffsetDateTime.now(ZoneId.of(zone));
        boolean daylightSaving = ZoneId.of(zone).getRules().isDaylightSavings(now.toInstant());
        return """
                {"abbreviation": "?", "client_ip": "127.0.0.1", "datetime": "%s", "day_of_week": %d, "day_of_year": %d,
                 "dst": %s, "dst_from": null, "dst_offset": 0, "dst_until": null, "raw_offset": %d, "timezone": "%s",
                 "unixtime": %d, "utc_datetime": "%s", "utc_offset": "%s", "week_number": 1}
                """.formatted(
                        now,
                        now.getDayOfWeek().getValue() % 7,
                        now.getDayOfYear(),
                        daylightSaving,
                        now.getOffset().getTotalSeconds(),
                        zone,
                        now.toEpochSecond(),
                        now.toInstant(),
                        now.getOffset());
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
