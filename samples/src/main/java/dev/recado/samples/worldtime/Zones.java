package dev.recado.samples.worldtime;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The zones to choose from, numbered from 1. */
final class Zones {

    /** {@code "  1 Africa/Abidjan                      "}: two of them fit into 80 columns. */
    private static final String CELL = "%4d %-34s";

    /** Not so long that it would overflow. */
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

    private static final int COLUMNS = 2;
    private static final int MOST_SHOWN = 20;

    private final List<String> names;

    Zones(List<String> names) {
        this.names = names;
    }

    List<String> names() {
        return names;
    }

    /** All of them, numbered, as lines that read downwards as in a telephone book. */
    List<String> lines() {
        int rows = (names.size() + COLUMNS - 1) / COLUMNS;
        List<String> lines = new ArrayList<>(rows);
        for (int row = 0; row < rows; row++) {
            StringBuilder line = new StringBuilder();
            for (int index = row; index < names.size(); index += rows) {
                line.append(String.format(CELL, index + 1, names.get(index)));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    /**
     * What a user means: the zone of that number, or of that name, or those that have it in their names. Case and accents do
     * not matter, and a blank is as good as an underscore.
     */
    List<String> matching(String typed) {
        if (NUMBER.matcher(typed.strip()).matches()) {
            return numbered(Integer.parseInt(typed.strip()));
        }
        String wanted = plain(typed);
        List<String> same =
                names.stream().filter(name -> plain(name).equals(wanted)).toList();
        if (!same.isEmpty()) {
            return same;
        }
        return names.stream().filter(name -> plain(name).contains(wanted)).toList();
    }

    private List<String> numbered(int number) {
        return number >= 1 && number <= names.size() ? List.of(names.get(number - 1)) : List.of();
    }

    /** Why what was typed is not one zone, with some of those that it could be. */
    String explain(String typed, List<String> matches) {
        if (matches.isEmpty()) {
            return "no zone has the number or the name '" + typed.strip() + "'";
        }
        StringBuilder text = new StringBuilder("'" + typed.strip() + "' may be ");
        List<String> shown = matches.subList(0, Math.min(matches.size(), MOST_SHOWN));
        for (String name : shown) {
            text.append(names.indexOf(name) + 1).append(' ').append(name).append(", ");
        }
        text.setLength(text.length() - 2);
        return text + (shown.size() < matches.size() ? ", and " + (matches.size() - shown.size()) + " more" : "");
    }

    private static String plain(String name) {
        return Normalizer.normalize(name.strip(), Normalizer.Form.NFD)
                .replaceAll("\\p{M}", "")
                .replace(' ', '_')
                .toLowerCase(Locale.ROOT);
    }
}
