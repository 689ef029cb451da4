package dev.recado.core.client;

import dev.recado.ReasonCode;
import dev.recado.auth.ClientAuthentication;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An Authentication Method that shows what is asked of it: it begins with "hello", answers "x" with "x!", takes an empty
 * challenge for none, and believes a broker that ends with "bye".
 */
final class Riddle implements ClientAuthentication {

    static final String METHOD = "riddle";

    final AtomicInteger begun = new AtomicInteger();

    @Override
    public String method() {
        return METHOD;
    }

    @Override
    public Exchange begin() {
        begun.incrementAndGet();
        return new Exchange() {
            @Override
            public byte[] first() {
                return utf8("hello");
            }

            @Override
            public byte[] answer(byte[] challenge) {
                if (challenge.length == 0) {
                    throw new IllegalArgumentException("that is no riddle");
                }
                return utf8(new String(challenge, StandardCharsets.UTF_8) + "!");
            }

            @Override
            public void finish(byte[] data) {
                if (!new String(data, StandardCharsets.UTF_8).equals("bye")) {
                    throw new IllegalArgumentException("no goodbye");
                }
            }
        };
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static Packet.Auth auth(String data) {
        return auth(ReasonCode.CONTINUE_AUTHENTICATION, METHOD, data);
    }

    /** The end of authenticating again. */
    static Packet.Auth success(String data) {
        return auth(ReasonCode.SUCCESS, METHOD, data);
    }

    static Packet.Auth auth(ReasonCode code, String method, String data) {
        return new Packet.Auth(code, properties(method, data));
    }

    static Packet.ConnAck accepting(String method, String data) {
        return new Packet.ConnAck(false, ReasonCode.SUCCESS, properties(method, data));
    }

    /** Either may be {@code null}; no data without a method. */
    private static Properties properties(String method, String data) {
        Properties.Builder properties = Properties.builder();
        if (method != null) {
            properties.set(Property.AUTHENTICATION_METHOD, method);
        }
        if (data != null) {
            properties.set(Property.AUTHENTICATION_DATA, ScriptedBroker.utf8(data));
        }
        return properties.build();
    }

    /** The Authentication Data of a packet that names this method. */
    static String data(Properties properties) {
        if (!METHOD.equals(properties.text(Property.AUTHENTICATION_METHOD))) {
            throw new AssertionError("another method than '" + METHOD + "' in " + properties);
        }
        return StandardCharsets.UTF_8
                .decode(properties.bytes(Property.AUTHENTICATION_DATA))
                .toString();
    }
}
