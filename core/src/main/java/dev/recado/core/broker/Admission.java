package dev.recado.core.broker;

import dev.recado.ReasonCode;
import dev.recado.auth.AuthStep;
import dev.recado.auth.Login;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.time.Timers;
import dev.recado.spi.Connection;
import java.nio.ByteBuffer;

/**
 * Finds out who a client is: CONNECT up to the decision, and AUTH then and later. Used by the thread that handles the
 * connection's input.
 */
final class Admission {

    private static final byte[] NO_DATA = {};

    private final BrokerConnection handler;
    private final RecadoBroker broker;
    private final Connection connection;
    private final Replies replies;

    /** Null when the broker asks nobody. */
    private Authentication authentication;

    private Handshake.Accepted client;

    /** Bounds authenticating again. */
    private volatile Timers.Timer limit = () -> {};

    Admission(BrokerConnection handler, RecadoBroker broker, Connection connection, Replies replies) {
        this.handler = handler;
        this.broker = broker;
        this.connection = connection;
        this.replies = replies;
    }

    /** Goes on with a CONNECT that breaks no rule by itself. */
    void begin(Packet.Connect connect, Handshake.Accepted itsClient) {
        client = itsClient;
        String method = connect.properties().text(Property.AUTHENTICATION_METHOD);
        if (broker.options.authenticator() != null) {
            handler.change(ConnectionPhase.Event.DOUBTED);
            Login login = new Login(
                    client.clientId(),
                    connect.userName(),
                    connect.password() == null ? null : bytes(connect.password()),
                    connection.peer());
            authentication =
                    new Authentication(broker.options.authenticator(), login, method, handler::authenticatorAnswered);
            authentication.begin(bytes(connect.properties().bytes(Property.AUTHENTICATION_DATA)));
        } else if (method != null) {
            handler.refuseConnect(
                    ReasonCode.BAD_AUTHENTICATION_METHOD, "authentication method '" + method + "' is not supported");
        } else {
            handler.accept(client, null, null);
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        if (buffer == null) {
            return NO_DATA;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    /** Whether nothing must be read because it could overtake the decision. */
    boolean isPending() {
        return handler.phase() == ConnectionPhase.AUTHENTICATING
                && authentication.turn() == Authentication.Turn.AUTHENTICATOR;
    }

    /** Acts on what the authenticator has said, if it has. */
    void settle(Batch batch) {
        AuthStep step = authentication == null || handler.phase().isOver() ? null : authentication.poll();
        if (step == null) {
            if (isPending()) {
                connection.pauseReading();
            }
            return;
        }
        boolean connected = handler.phase() == ConnectionPhase.CONNECTED;
        if (step instanceof AuthStep.Challenge challenge) {
            send(batch, ReasonCode.CONTINUE_AUTHENTICATION, challenge.data());
        } else if (step instanceof AuthStep.Accepted yes && connected) {
            cancel();
            send(batch, ReasonCode.SUCCESS, yes.data());
        } else if (step instanceof AuthStep.Accepted yes) {
            handler.accept(client, authentication.method(), yes.data());
        } else if (step instanceof AuthStep.Denied no && connected) {
            // DISCONNECT has fewer reason codes than CONNACK.
            handler.fail(batch, ReasonCode.NOT_AUTHORIZED, no.what());
        } else if (step instanceof AuthStep.Denied no) {
            handler.refuseConnect(no.reason(), no.what());
        }
    }

    private void send(Batch batch, ReasonCode reason, byte[] data) {
        Properties.Builder properties =
                Properties.builder().set(Property.AUTHENTICATION_METHOD, authentication.method());
        if (data != null) {
            properties.set(Property.AUTHENTICATION_DATA, ByteBuffer.wrap(data));
        }
        Packet.Auth auth = new Packet.Auth(reason, properties.build());
        if (handler.phase() == ConnectionPhase.CONNECTED) {
            handler.respond(batch, auth);
        } else if (!replies.sendNow(auth)) {
            handler.refuseConnect(ReasonCode.PACKET_TOO_LARGE, "AUTH is over the client's Maximum Packet Size");
        }
    }

    /** Handles an AUTH of the client. */
    void authenticate(Batch batch, Packet.Auth auth) {
        String violation = violationOf(auth);
        if (violation != null && handler.phase() == ConnectionPhase.CONNECTED) {
            handler.fail(batch, ReasonCode.PROTOCOL_ERROR, violation);
        } else if (violation != null) {
            handler.refuseConnect(ReasonCode.PROTOCOL_ERROR, violation);
        } else {
            byte[] data = bytes(auth.properties().bytes(Property.AUTHENTICATION_DATA));
            if (auth.reasonCode() == ReasonCode.REAUTHENTICATE) {
                limit = broker.timers.schedule(broker.limits.connectTimeout().toNanos(), this::timedOut);
                authentication.begin(data);
            } else {
                authentication.next(data);
            }
        }
    }

    private String violationOf(Packet.Auth auth) {
        String method = auth.properties().text(Property.AUTHENTICATION_METHOD);
        if (authentication == null || authentication.method() == null) {
            return "AUTH, but CONNECT had no Authentication Method (MQTT-4.12.0-6)";
        }
        if (!authentication.method().equals(method)) {
            return "AUTH with Authentication Method '" + method + "', but CONNECT had '" + authentication.method()
                    + "' (MQTT-4.12.0-5)";
        }
        boolean fits = auth.reasonCode() == ReasonCode.REAUTHENTICATE
                ? handler.phase() == ConnectionPhase.CONNECTED && authentication.turn() == Authentication.Turn.NOBODY
                : auth.reasonCode() == ReasonCode.CONTINUE_AUTHENTICATION
                        && authentication.turn() == Authentication.Turn.CLIENT;
        return fits ? null : "AUTH with " + auth.reasonCode() + " is out of turn (MQTT 5, section 4.12)";
    }

    private void timedOut() {
        handler.fail(ReasonCode.NOT_AUTHORIZED, "authentication took longer than " + broker.limits.connectTimeout());
    }

    void cancel() {
        limit.cancel();
    }
}
