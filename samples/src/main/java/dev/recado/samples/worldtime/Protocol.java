package dev.recado.samples.worldtime;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/**
 * What server and clients have agreed upon: two topics, and JSON.
 *
 * <pre>{@code
 * worldtime/zones  ["Africa/Abidjan", "Africa/Accra", ...]
 * worldtime/now    asked with a zone's name, answered with
 *                  {"zone": "America/Sao_Paulo", "datetime": "2026-11-21T07:36:37.123-03:00", "date": "2026-11-21",
 *                   "time": "07:36:37", "offset": "-03:00", "daylight_saving": false}
 * }</pre>
 *
 * <p>What does not look like that is an {@link IllegalArgumentException}, never anything else: it comes from somebody else's
 * process.
 */
final class Protocol {

    static final int DEFAULT_PORT = 5001;

    /** The list of zones: a last value. */
    static final String ZONES = "worldtime/zones";

    /** Questions go here. */
    static final String NOW = "worldtime/now";

    private static final int MOST_ZONES = 5_000;

    /** Harmless wherever a zone's name goes: in a URL, on a terminal. */
    private static final Pattern ZONE_NAME = Pattern.compile("[A-Za-z0-9_+/-]{1,64}");

    private static final DateTimeFormatter DATE_TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSxxx");
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");
    private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("xxx");
    private static final JsonMapper JSON = JsonMapper.shared();

    private Protocol() {}

    static String zones(List<String> names) {
        ArrayNode array = JSON.createArrayNode();
        names.forEach(array::add);
        return array.toString();
    }

    static List<String> readZones(String json) {
        JsonNode array = parse(json);
        if (!array.isArray() || array.isEmpty() || array.size() > MOST_ZONES) {
            throw new IllegalArgumentException(
                    "no list of 1 to " + MOST_ZONES + " zones, but " + array.getNodeType() + " of " + array.size());
        }
        List<String> names = new ArrayList<>(array.size());
        for (JsonNode name : array) {
            names.add(zoneName(name));
        }
        return List.copyOf(names);
    }

    static String answer(ZoneTime time) {
        OffsetDateTime dateTime = time.dateTime();
        return JSON.createObjectNode()
                .put("zone", time.zone())
                .put("datetime", DATE_TIME.format(dateTime))
                .put("date", dateTime.toLocalDate().toString())
                .put("time", CLOCK.format(dateTime))
                .put("offset", OFFSET.format(dateTime))
                .put("daylight_saving", time.daylightSaving())
                .toString();
    }

    static ZoneTime readAnswer(String json) {
        JsonNode answer = parse(json);
        return new ZoneTime(
                zoneName(answer.path("zone")), dateTime(answer, "datetime"), trueOrFalse(answer, "daylight_saving"));
    }

    /** What worldtimeapi.org says of a zone, and whoever answers as it does. */
    static ZoneTime readWorldTimeApi(String zone, String json) {
        JsonNode answer = parse(json);
        return new ZoneTime(zone, dateTime(answer, "datetime"), trueOrFalse(answer, "dst"));
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("no JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static String zoneName(JsonNode value) {
        if (!value.isString() || !ZONE_NAME.matcher(value.stringValue()).matches()) {
            throw new IllegalArgumentException("a zone's name should match " + ZONE_NAME + ", but does not");
        }
        return value.stringValue();
    }

    private static String text(JsonNode object, String field) {
        JsonNode value = object.path(field);
        if (!value.isString()) {
            throw new IllegalArgumentException("'" + field + "' should be a text, but is " + value.getNodeType());
        }
        return value.stringValue();
    }

    private static boolean trueOrFalse(JsonNode object, String field) {
        JsonNode value = object.path(field);
        if (!value.isBoolean()) {
            throw new IllegalArgumentException(
                    "'" + field + "' should be true or false, but is " + value.getNodeType());
        }
        return value.booleanValue();
    }

    private static OffsetDateTime dateTime(JsonNode object, String field) {
        try {
            return OffsetDateTime.parse(text(object, field));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("'" + field + "' is no date and time with an offset", e);
        }
    }
}
