package dev.recado.testkit.mqtt;

import java.util.List;
import java.util.stream.Stream;

/** Bytes that are no string of MQTT. */
final class BadStrings {

    /** They are not UTF-8 as Unicode and RFC 3629 have it, surrogates included. */
    static final List<byte[]> NOT_UTF8 = List.of(
            Outgoing.narrow('a', 0xFF),
            Outgoing.narrow(0xC3),
            Outgoing.narrow(0x80, 'a'),
            Outgoing.narrow(0xC1, 0xA1), // 'a' in two bytes
            Outgoing.narrow(0xE0, 0x81, 0xA1), // 'a' in three bytes
            Outgoing.narrow(0xF4, 0x90, 0x80, 0x80), // beyond U+10FFFF
            Outgoing.narrow('a', 0xED, 0xA0, 0x80), // U+D800
            Outgoing.narrow(0xED, 0xBF, 0xBF), // U+DFFF
            Outgoing.narrow(0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80)); // U+1F600 as two surrogates

    /** They have U+0000, in its own form and in that of two bytes. */
    static final List<byte[]> WITH_NULL = List.of(
            Outgoing.narrow(0), Outgoing.narrow('a', 0, 'b'), Outgoing.narrow('a', 0), Outgoing.narrow(0xC0, 0x80));

    static final List<byte[]> ALL =
            Stream.concat(NOT_UTF8.stream(), WITH_NULL.stream()).toList();

    private BadStrings() {}
}
