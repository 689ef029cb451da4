package dev.recado.samples.worldtime;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A time service on the web that answers as worldtimeapi.org does: its URL gives the list of zones, and with a zone's name behind
 * it the time there. It is trusted with the time and with nothing else: each answer has a time limit and a size limit, and is
 * looked at before it is used.
 */
final class HttpTimeSource implements TimeSource {

    private static final int MOST_BYTES = 256 * 1024;
    private static final int OK = 200;

    private final String url;
    private final Duration timeout;
    private final HttpClient client;

    /**
     * Prepares it; asks nothing yet.
     *
     * @param url {@code http} or {@code https}
     * @param timeout for a whole answer, connecting included
     */
    HttpTimeSource(URI url, Duration timeout) {
        if (url.getHost() == null || !("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
            throw new IllegalArgumentException("a time service has a URL such as"
                    + " http://worldtimeapi.org/api/timezone, but this one is '" + url + "'");
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException(
                    "a time service needs 1 ms or more to answer, but is given " + timeout.toMillis());
        }
        this.url = url.toString().replaceAll("/+$", "");
        this.timeout = timeout;
        this.client = HttpClient.newBuilder().connectTimeout(timeout).build();
    }

    @Override
    public List<String> zones() {
        try {
            return ask(url, Protocol::readZones).join();
        } catch (CompletionException e) {
            throw (TimeSourceException) e.getCause();
        }
    }

    @Override
    public CompletionStage<ZoneTime> now(String zone) {
        return ask(url + "/" + zone, json -> Protocol.readWorldTimeApi(zone, json));
    }

    private <T> CompletableFuture<T> ask(String where, Function<String, T> read) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(where))
                .header("Accept", "application/json")
                .build();
        CompletableFuture<HttpResponse<String>> sent = client.sendAsync(request, LimitedBody.handler(MOST_BYTES));
        return sent.copy()
                // HttpRequest.timeout() ends with the headers; a body that never comes would be waited for.
                .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                // When that was too late: closes the connection.
                .whenComplete((response, failure) -> sent.cancel(true))
                .thenApply(response -> read.apply(checked(response)))
                .handle((result, failure) -> {
                    if (failure != null) {
                        throw explained(where, failure);
                    }
                    return result;
                });
    }

    private static String checked(HttpResponse<String> response) {
        if (response.statusCode() != OK) {
            throw new IllegalArgumentException("status " + response.statusCode());
        }
        return response.body();
    }

    private TimeSourceException explained(String where, Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        String what;
        if (cause instanceof TimeoutException) {
            what = "does not answer within " + timeout.toMillis() + " ms";
        } else if (cause instanceof IllegalArgumentException) {
            what = "gives no answer that can be used: " + cause.getMessage();
        } else {
            what = "cannot be reached: "
                    + (cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
        }
        return new TimeSourceException("the time service " + where + " " + what, cause);
    }
}
