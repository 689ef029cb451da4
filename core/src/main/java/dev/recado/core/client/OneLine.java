package dev.recado.core.client;

import java.nio.charset.StandardCharsets;

/** Text of others as it may stand in a message or a log: of bounded length, well-formed, and without control characters. */
final class OneLine {

    private static final int LONGEST = 500;

    private OneLine() {}

    static String of(String text) {
        String shortened = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
        // Encoded and decoded, half a surrogate pair becomes a question mark.
        String wellFormed = new String(shortened.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        return wellFormed.replaceAll("\\p{Cntrl}", " ");
    }
}
