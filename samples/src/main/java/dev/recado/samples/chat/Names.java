package dev.recado.samples.chat;

import java.util.regex.Pattern;

/**
 * How a chat is laid out in topics. Each has its sender's nickname as its last level, so the server can hold everyone to their
 * own, and a reader knows who wrote without believing the message.
 *
 * <pre>
 * chat/ROOM/from/NICK         what NICK says to the room
 * chat/ROOM/to/BEA/from/NICK  what NICK says to BEA alone
 * chat/ROOM/users/NICK        a last value: it is there as long as NICK is
 * </pre>
 *
 * <p>A chatter has a connection to write and one to read. Their client identifiers are {@code NICK} and {@code NICK/in}; a third
 * one, {@code NICK/history}, reads for a moment what was said before.
 */
final class Names {

    static final int DEFAULT_PORT = 5000;

    /** What everyone says, in every room. */
    static final String EVERYTHING_SAID = "chat/+/from/+";

    /** One level of a topic, that looks like what it is: no space, no control character, nothing that changes direction. */
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{M}\\p{N}_.-]{1,20}");

    private Names() {}

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** Why a name is none; {@code null} when it is one. */
    static String objection(String name) {
        return isName(name)
                ? null
                : "'" + name + "' is no name: it must be 1 to 20 letters, digits, '_', '.' or '-', without spaces";
    }

    static String said(String room, String nick) {
        return "chat/" + room + "/from/" + nick;
    }

    static String toldPrivately(String room, String to, String nick) {
        return "chat/" + room + "/to/" + to + "/from/" + nick;
    }

    static String presence(String room, String nick) {
        return "chat/" + room + "/users/" + nick;
    }

    /** Who wrote to a topic. */
    static String sender(String topic) {
        return topic.substring(topic.lastIndexOf('/') + 1);
    }

    /** The nickname in a client identifier. */
    static String nickOf(String clientId) {
        int slash = clientId.indexOf('/');
        return slash < 0 ? clientId : clientId.substring(0, slash);
    }
}
