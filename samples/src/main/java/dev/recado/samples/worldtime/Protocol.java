package dev.recado.samples.worldtime;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
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

    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");
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
            if (!name.isString() || !ZONE_NAME.matcher(name.stringValue()).matches()) {
                throw new IllegalArgumentException("element " + names.size() + " of the list is no zone's name");
            }
            names.add(name.stringValue());
        }
        return List.copyOf(names);
    }

    static String answer(ZoneTime time) {
        OffsetDateTime dateTime = time.dateTime().truncatedTo(ChronoUnit.MILLIS);
        return JSON.createObjectNode()
                .put("zone", time.zone())
                .put("datetime", dateTime.toString())
                .put("date", dateTime.toLocalDate().toString())
                .put("time", CLOCK.format(dateTime))
                .put("offset", dateTime.getOffset().getId())
                .put("daylight_saving", time.daylightSaving())
                .toString();
    }

    static ZoneTime readAnswer(String json) {
        JsonNode answer = parse(json);
        return new ZoneTime(text(answer, "zone"), dateTime(answer, "datetime"), trueOrFalse(answer, "daylight_saving"));
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
