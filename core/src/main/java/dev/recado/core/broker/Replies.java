package dev.recado.core.broker;

import dev.recado.Limits;
import dev.recado.ReasonCode;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.spi.Connection;
import java.nio.ByteBuffer;

/**
 * The broker's answers to one client: in its version of MQTT, within its Maximum Packet Size, and together where several are
 * due. Used by the thread that handles the connection's input; only {@link #isBacklogged} and what encodes may be asked by
 * others.
 */
final class Replies {

    /** Names of others' making may be long, and a reason string is for people. */
    private static final int LONGEST_REASON = 500;

    private final Connection connection;
    private final Limits limits;
    private final Counters counters;

    // Set with CONNECT.
    private volatile ProtocolVersion version;
    private volatile long maxPacketSize = Long.MAX_VALUE;
    private volatile boolean wantsReasons = true;

    // Set when the client is accepted.
    private Session session;
    private Link link;

    private long bytesSinceIdle;
    private volatile boolean backlogged;

    Replies(Connection connection, Limits limits, Counters counters) {
        this.connection = connection;
        this.limits = limits;
        this.counters = counters;
    }

    /** From now on they are as this CONNECT wants them. */
    void agreeOn(Packet.Connect connect) {
        agreeOn(connect.version());
        maxPacketSize = connect.properties().number(Property.MAXIMUM_PACKET_SIZE, Long.MAX_VALUE);
        wantsReasons = connect.properties().number(Property.REQUEST_PROBLEM_INFORMATION, 1) == 1;
    }

    void agreeOn(ProtocolVersion agreed) {
        version = agreed;
    }

    /** From now on they go through a session. */
    void sendThrough(Session itsSession, Link itsLink) {
        session = itsSession;
        link = itsLink;
    }

    /** Null before CONNECT. */
    ProtocolVersion version() {
        return version;
    }

    /** The packet with as much as this client takes; null when it takes nothing of it. */
    ByteBuffer encode(Packet packet) {
        Packet fitting = Fitting.fit(packet, version, maxPacketSize);
        return fitting == null ? null : PacketEncoder.encode(fitting, version);
    }

    /** A Reason String for this client, as far as its version has one and it wants one (MQTT-3.1.2-29). */
    Properties reason(String what) {
        if (what == null || version == null || !version.hasProperties() || !wantsReasons) {
            return Properties.NONE;
        }
        String shortened = what.length() <= LONGEST_REASON ? what : what.substring(0, LONGEST_REASON) + "...";
        return Properties.builder().set(Property.REASON_STRING, shortened).build();
    }

    // ---- Before the client is accepted ----

    /** Sends a packet at once, if the client takes one of this size; returns whether it does. */
    boolean sendNow(Packet packet) {
        ByteBuffer bytes = encode(packet);
        if (bytes == null) {
            return false;
        }
        counters.bytesSent.add(bytes.remaining());
        connection.write(bytes);
        connection.flush();
        return true;
    }

    // ---- Afterwards ----

    /** An acknowledgement without a reason string; allocates nothing. */
    void acknowledge(Batch batch, PacketType type, int packetId, ReasonCode reason) {
        makeRoom(batch, 8);
        PacketEncoder.encodeAck(batch.responses, version, type, packetId, reason);
    }

    /** Adds a packet to the answers; {@code false} when the client takes none of its size (MQTT-3.1.2-24). */
    boolean add(Batch batch, Packet whole) {
        Packet packet = Fitting.fit(whole, version, maxPacketSize);
        if (packet == null) {
            return false;
        }
        int size = PacketEncoder.size(packet, version);
        if (size > batch.responses.capacity()) {
            send(batch);
            send(batch, PacketEncoder.encode(packet, version));
        } else {
            makeRoom(batch, size);
            PacketEncoder.encode(packet, version, batch.responses);
        }
        return true;
    }

    private void makeRoom(Batch batch, int size) {
        if (batch.responses.remaining() < size) {
            send(batch);
        }
    }

    /** Sends the answers that have gathered. */
    void send(Batch batch) {
        if (batch.responses.position() > 0) {
            send(batch, batch.responses.flip());
            batch.responses.clear();
        }
    }

    /** A client that asks and asks and never reads the answers is not read either, until it has. */
    private void send(Batch batch, ByteBuffer packets) {
        bytesSinceIdle = connection.pending() == 0 ? 0 : bytesSinceIdle + packets.remaining();
        session.respond(link, batch, packets);
        if (bytesSinceIdle > limits.maxOutboundBytes() && connection.pending() > limits.maxOutboundBytes()) {
            bytesSinceIdle = 0;
            backlogged = true;
            connection.pauseReading();
        }
    }

    /** Whether the client has to read first. */
    boolean isBacklogged() {
        return backlogged;
    }

    /** The client has read; returns whether that was waited for. */
    boolean drained() {
        boolean was = backlogged;
        backlogged = false;
        return was;
    }
}
