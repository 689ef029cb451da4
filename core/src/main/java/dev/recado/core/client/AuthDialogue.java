package dev.recado.core.client;

import dev.recado.ReasonCode;
import dev.recado.RefusedException;
import dev.recado.auth.ClientAuthentication;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One enhanced authentication, seen from the client (MQTT 5, section 4.12): what goes with CONNECT, an answer to each
 * challenge, and the end with CONNACK; or, on a connection that has been accepted, the same with AUTH at both ends (section
 * 4.12.1). What calls the program is used by one thread at a time and may take long.
 */
final class AuthDialogue {

    private static final Logger LOG = LoggerFactory.getLogger(AuthDialogue.class);

    private static final byte[] NO_DATA = {};

    /** Far more than any method needs; without a bound a broker could keep a client computing until its time is over. */
    private static final int MOST_CHALLENGES = 32;

    private final String method;

    /** Whether the connection has been accepted before. */
    private final boolean again;

    private final ClientAuthentication.Exchange exchange;
    private final byte[] first;
    private int challenges;

    private AuthDialogue(String method, boolean again, ClientAuthentication.Exchange exchange) {
        this.method = Objects.requireNonNull(method, "method");
        this.again = again;
        this.exchange = exchange;
        this.first = exchange.first();
    }

    /** Asks the program, and so may throw anything. */
    static AuthDialogue begin(ClientAuthentication authentication) {
        return new AuthDialogue(authentication.method(), false, authentication.begin());
    }

    /** Asks the program, except for the method, which stays that of CONNECT (MQTT-4.12.1-1). */
    AuthDialogue again(ClientAuthentication authentication) {
        return new AuthDialogue(method, true, authentication.begin());
    }

    /** Adds to CONNECT's properties. */
    void describe(Properties.Builder connect) {
        add(connect, first);
    }

    /** What authenticating again begins with. */
    Packet.Auth opening() {
        return new Packet.Auth(
                ReasonCode.REAUTHENTICATE, add(Properties.builder(), first).build());
    }

    private Properties.Builder add(Properties.Builder properties, byte[] data) {
        properties.set(Property.AUTHENTICATION_METHOD, method);
        if (data != null) {
            properties.set(Property.AUTHENTICATION_DATA, ByteBuffer.wrap(data));
        }
        return properties;
    }

    /** Which rule an AUTH breaks, a challenge or, after CONNACK, the broker's yes; {@code null} for none. */
    String violationOf(Packet.Auth auth) {
        boolean ends = again && auth.reasonCode() == ReasonCode.SUCCESS;
        if (!ends && auth.reasonCode() != ReasonCode.CONTINUE_AUTHENTICATION) {
            return again
                    ? "AUTH has " + auth.reasonCode() + ", which is not for a broker to send (MQTT 5, section 3.15.2.1)"
                    : "AUTH before CONNACK has " + auth.reasonCode() + " (MQTT-4.12.0-2)";
        }
        if (!ends && ++challenges > MOST_CHALLENGES) {
            return "AUTH came " + challenges + " times in one authentication, allowed is " + MOST_CHALLENGES;
        }
        return violationOf("AUTH", auth.properties());
    }

    /** Which rule a CONNACK that says yes breaks; {@code null} for none. */
    String violationOf(Packet.ConnAck answer) {
        return violationOf("CONNACK", answer.properties());
    }

    private String violationOf(String packet, Properties properties) {
        String named = properties.text(Property.AUTHENTICATION_METHOD);
        return method.equals(named)
                ? null
                : packet + " has "
                        + (named == null ? "no Authentication Method" : "Authentication Method '" + named + "'")
                        + ", but CONNECT had '" + method + "' (MQTT-4.12.0-5)";
    }

    /**
     * The answer that is due (MQTT-4.12.0-3).
     *
     * @throws RefusedException when the program takes the challenge for none
     */
    Packet.Auth answer(Packet.Auth challenge) {
        return trusting(() -> new Packet.Auth(
                ReasonCode.CONTINUE_AUTHENTICATION,
                add(Properties.builder(), exchange.answer(data(challenge.properties())))
                        .build()));
    }

    /**
     * The broker has said yes.
     *
     * @param answer the properties of CONNACK or of the last AUTH
     * @throws RefusedException when the program does not believe that it is its broker
     */
    void finish(Properties answer) {
        trusting(() -> {
            exchange.finish(data(answer));
            return null;
        });
    }

    private <T> T trusting(Supplier<T> step) {
        try {
            return step.get();
        } catch (IllegalArgumentException e) {
            throw refused(e.getMessage());
        } catch (RuntimeException | Error e) {
            LOG.warn("authentication by '{}' failed", method, e);
            throw refused(e.toString());
        }
    }

    private RefusedException refused(String why) {
        return new RefusedException(
                "authentication by '" + method + "' does not accept the broker's answer: " + why,
                ReasonCode.NOT_AUTHORIZED);
    }

    private static byte[] data(Properties properties) {
        ByteBuffer data = properties.bytes(Property.AUTHENTICATION_DATA);
        if (data == null) {
            return NO_DATA;
        }
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        return bytes;
    }
}
