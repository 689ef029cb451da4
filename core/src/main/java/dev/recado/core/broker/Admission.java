package dev.recado.core.broker;

import dev.recado.ReasonCode;
import dev.recado.Role;
import dev.recado.auth.AuthStep;
import dev.recado.auth.Identity;
import dev.recado.auth.Login;
import dev.recado.auth.Permission;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.TopicRules;
import dev.recado.core.time.Timers;
import dev.recado.spi.Connection;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Finds out who a client is: CONNECT up to the decision, and AUTH then and later. Used by the thread that handles the
 * connection's input; only {@link #cancel} may be called by others. Its connection lets go of it when no AUTH can follow.
 */
final class Admission {

    /** Why a client that used no authentication method must not send AUTH. */
    static final String NO_METHOD = "AUTH, but CONNECT had no Authentication Method (MQTT-4.12.0-6)";

    private static final byte[] NO_DATA = {};

    /** What says that somebody tried what he should not; not that the authenticator could not decide. */
    private static final Set<ReasonCode> FAILURES =
            EnumSet.of(ReasonCode.BAD_USER_NAME_OR_PASSWORD, ReasonCode.NOT_AUTHORIZED, ReasonCode.BANNED);

    /** Where nobody is asked who clients are. */
    private static final AuthStep.Accepted NOBODY = new AuthStep.Accepted("", null);

    private final BrokerConnection handler;
    private final RecadoBroker broker;
    private final Connection connection;
    private final Replies replies;

    /** Null when the broker asks nobody. */
    private Authentication authentication;

    private Handshake.Accepted client;
    private String userName;

    /** Known when the client is. */
    private Permissions permissions;

    /** Who may come in, as soon as it is known what for; null at any other time. */
    private AuthStep.Accepted admitted;

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
        userName = connect.userName();
        String method = connect.properties().text(Property.AUTHENTICATION_METHOD);
        if (broker.options.authenticator() != null) {
            if (refusedForFailures()) {
                return;
            }
            handler.change(ConnectionPhase.Event.DOUBTED);
            Login login = new Login(
                    client.clientId(),
                    userName,
                    connect.password() == null ? null : bytes(connect.password()),
                    connection.peer());
            authentication = new Authentication(
                    broker.options.authenticator(), login, method, broker.warnings, handler::answered);
            authentication.begin(bytes(connect.properties().bytes(Property.AUTHENTICATION_DATA)));
        } else if (method != null) {
            handler.refuseConnect(
                    ReasonCode.BAD_AUTHENTICATION_METHOD, "authentication method '" + method + "' is not supported");
        } else {
            admit(NOBODY);
        }
    }

    /** It is known who the client is. What it has said it will do is asked about before it is let in. */
    private void admit(AuthStep.Accepted who) {
        admitted = who;
        Identity identity = new Identity(client.clientId(), who.principal(), userName, connection.peer());
        permissions = new Permissions(broker.authorization, identity, handler::answered);
        decide();
    }

    private void decide() {
        long epoch = broker.authorization.epoch();
        Permission will = client.will() == null
                ? Permission.granted()
                : permissions.toPublish(client.will().topic());
        boolean pending = will == null;
        List<String> stated = new ArrayList<>(client.topics().size());
        for (String topic : client.topics()) {
            if (!TopicRules.hasWildcard(topic) && !VirtualTopics.concerns(topic)) {
                Permission permission = client.role() == Role.SUBSCRIBER
                        ? permissions.toSubscribe(topic)
                        : permissions.toPublish(topic);
                pending |= permission == null;
                if (permission != null && permission.isGranted()) {
                    stated.add(topic);
                }
            }
        }
        if (pending) {
            handler.change(ConnectionPhase.Event.DOUBTED);
            return;
        }
        permissions.done();
        AuthStep.Accepted who = admitted;
        admitted = null;
        if (will.isGranted()) {
            String method = authentication == null ? null : authentication.method();
            GrantedWill granted =
                    client.will() == null ? null : new GrantedWill(client.will(), permissions.who(), epoch);
            handler.accept(client, permissions, granted, stated, method, who.data());
        } else {
            handler.refuseConnect(ReasonCode.NOT_AUTHORIZED, "will: " + will.refusal());
        }
    }

    /**
     * Asked again when the answer is there: of those who came before the first failure, no more may learn whether they have
     * guessed right.
     */
    private boolean refusedForFailures() {
        boolean tooMany = broker.failedLogins.areTooMany(connection.peer().address());
        if (tooMany) {
            handler.refuseConnect(
                    ReasonCode.CONNECTION_RATE_EXCEEDED,
                    "more logins from this address have failed than the limit of " + broker.limits.maxFailedLogins()
                            + " a minute");
        }
        return tooMany;
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
                && (admitted == null
                        ? authentication.turn() == Authentication.Turn.AUTHENTICATOR
                        : permissions.isPending());
    }

    /** Acts on what the authenticator, or the authorizer, has said, if it has. */
    void settle(Batch batch) {
        if (handler.phase().isOver()) {
            return;
        }
        if (admitted != null && !permissions.isPending()) {
            decide();
        }
        AuthStep step = authentication == null ? null : authentication.poll();
        if (step == null) {
            pauseIfPending();
            return;
        }
        boolean connected = handler.phase() == ConnectionPhase.CONNECTED;
        if (step instanceof AuthStep.Decision && !connected && refusedForFailures()) {
            return;
        }
        if (step instanceof AuthStep.Denied no && FAILURES.contains(no.reason())) {
            broker.failedLogins.add(connection.peer().address());
        }
        if (step instanceof AuthStep.Challenge challenge) {
            send(batch, ReasonCode.CONTINUE_AUTHENTICATION, challenge.data());
        } else if (step instanceof AuthStep.Accepted yes && connected && !isSame(yes)) {
            handler.fail(
                    batch,
                    ReasonCode.NOT_AUTHORIZED,
                    "authenticated again as '" + yes.principal() + "', but this is the connection of '"
                            + permissions.who().principal() + "'");
        } else if (step instanceof AuthStep.Accepted yes && connected) {
            cancel();
            send(batch, ReasonCode.SUCCESS, yes.data());
        } else if (step instanceof AuthStep.Accepted yes) {
            admit(yes);
            pauseIfPending();
        } else if (step instanceof AuthStep.Denied no && connected) {
            // DISCONNECT has fewer reason codes than CONNACK.
            handler.fail(batch, ReasonCode.NOT_AUTHORIZED, no.what());
        } else if (step instanceof AuthStep.Denied no) {
            handler.refuseConnect(no.reason(), no.what());
        }
    }

    private void pauseIfPending() {
        if (isPending()) {
            connection.pauseReading();
        }
    }

    private boolean isSame(AuthStep.Accepted again) {
        return again.principal().equals(permissions.who().principal());
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
            return NO_METHOD;
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
