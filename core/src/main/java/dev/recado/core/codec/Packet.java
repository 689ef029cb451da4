package dev.recado.core.codec;

import dev.recado.QoS;
import dev.recado.ReasonCode;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;

/**
 * A control packet (MQTT 5, chapter 3), whatever the version it came in or goes out in. Immutable, compared by content.
 *
 * <p>The constructors refuse with {@link IllegalArgumentException} what no version allows; what only one version forbids
 * is up to {@link PacketEncoder}. Buffers are wrapped read-only and not copied, so their bytes must not change any more;
 * each call of an accessor gives a buffer of its own, from position to limit.
 */
public sealed interface Packet {

    /**
     * The type on the wire.
     *
     * @return such as CONNECT
     */
    PacketType type();

    /**
     * Opens a session (section 3.1).
     *
     * @param version of the protocol, for the whole connection
     * @param cleanStart whether an earlier session is to be forgotten; Clean Session of MQTT 3.1.1
     * @param keepAlive seconds, 0 to 65,535; 0: off
     * @param properties of CONNECT; those of the will are in {@code will}
     * @param clientId may be empty
     * @param will {@code null} for none
     * @param userName {@code null} for none
     * @param password {@code null} for none
     */
    record Connect(
            ProtocolVersion version,
            boolean cleanStart,
            int keepAlive,
            Properties properties,
            String clientId,
            Will will,
            String userName,
            ByteBuffer password)
            implements Packet {
        public Connect {
            Objects.requireNonNull(version, "version");
            requireRange("Keep Alive", keepAlive, 0, 0xFFFF, "MQTT 5, section 3.1.2.10");
            properties.requireAllowedIn(PacketType.CONNECT.value());
            Utf8.require(clientId, "Client Identifier");
            if (userName != null) {
                Utf8.require(userName, "User Name");
            }
            password = password == null ? null : requireBinary(password, "Password");
        }

        @Override
        public PacketType type() {
            return PacketType.CONNECT;
        }

        @Override
        public ByteBuffer password() {
            return password == null ? null : password.duplicate();
        }
    }

    /**
     * Answers CONNECT (section 3.2).
     *
     * @param sessionPresent whether the server goes on with a stored session
     * @param reasonCode of MQTT 3.1.1, the counterpart of the return code: 0 SUCCESS, 1 UNSUPPORTED_PROTOCOL_VERSION, 2
     *     CLIENT_IDENTIFIER_NOT_VALID, 3 SERVER_UNAVAILABLE, 4 BAD_USER_NAME_OR_PASSWORD, 5 NOT_AUTHORIZED. Written in MQTT
     *     3.1.1, BANNED and BAD_AUTHENTICATION_METHOD are 5 and all others 3
     * @param properties of CONNACK
     */
    record ConnAck(boolean sessionPresent, ReasonCode reasonCode, Properties properties) implements Packet {
        public ConnAck {
            ReasonCodes.require(PacketType.CONNACK, reasonCode);
            properties.requireAllowedIn(PacketType.CONNACK.value());
            if (sessionPresent && reasonCode != ReasonCode.SUCCESS) {
                throw new IllegalArgumentException(
                        "Session Present is 1 with reason code " + reasonCode + " (MQTT-3.2.2-6)");
            }
        }

        @Override
        public PacketType type() {
            return PacketType.CONNACK;
        }
    }

    /**
     * Carries a message (section 3.3).
     *
     * @param dup whether it may have been sent before
     * @param qos of this delivery
     * @param retain whether it is to be, or was, the last value of its topic
     * @param topic a topic name; empty when a TOPIC_ALIAS stands for it
     * @param packetId 1 to 65,535; 0 at QoS 0
     * @param properties of PUBLISH
     * @param payload may be empty
     */
    record Publish(
            boolean dup, QoS qos, boolean retain, String topic, int packetId, Properties properties, ByteBuffer payload)
            implements Packet {
        public Publish {
            if (qos == QoS.AT_MOST_ONCE) {
                requireRange("Packet Identifier at QoS 0", packetId, 0, 0, "MQTT-2.2.1-2");
                if (dup) {
                    throw new IllegalArgumentException("DUP is 1 at QoS 0 (MQTT-3.3.1-2)");
                }
            } else {
                requirePacketId(packetId);
            }
            String violation = TopicRules.nameViolation(topic);
            if (violation != null && !(topic.isEmpty() && properties.has(Property.TOPIC_ALIAS))) {
                throw new IllegalArgumentException(violation);
            }
            properties.requireAllowedIn(PacketType.PUBLISH.value());
            payload = payload.asReadOnlyBuffer();
        }

        @Override
        public PacketType type() {
            return PacketType.PUBLISH;
        }

        @Override
        public ByteBuffer payload() {
            return payload.duplicate();
        }
    }

    /**
     * One of the four acknowledgements (sections 3.4 to 3.7).
     *
     * @param type PUBACK, PUBREC, PUBREL or PUBCOMP
     * @param packetId 1 to 65,535
     * @param reasonCode always SUCCESS when it comes from MQTT 3.1.1, and not written there
     * @param properties of the acknowledgement
     */
    record Ack(PacketType type, int packetId, ReasonCode reasonCode, Properties properties) implements Packet {
        public Ack {
            AckView.requireAck(type);
            requirePacketId(packetId);
            ReasonCodes.require(type, reasonCode);
            properties.requireAllowedIn(type.value());
        }
    }

    /**
     * Asks for messages (section 3.8).
     *
     * @param packetId 1 to 65,535
     * @param properties of SUBSCRIBE
     * @param subscriptions at least one
     */
    record Subscribe(int packetId, Properties properties, List<Subscription> subscriptions) implements Packet {
        public Subscribe {
            requirePacketId(packetId);
            properties.requireAllowedIn(PacketType.SUBSCRIBE.value());
            subscriptions = List.copyOf(subscriptions);
            requireAny("SUBSCRIBE", "topic filter", subscriptions, "MQTT-3.8.3-2");
        }

        @Override
        public PacketType type() {
            return PacketType.SUBSCRIBE;
        }
    }

    /**
     * Answers SUBSCRIBE (section 3.9).
     *
     * @param packetId 1 to 65,535
     * @param properties of SUBACK
     * @param reasonCodes at least one; one for each filter, in order. Written in MQTT 3.1.1, every error is 0x80
     */
    record SubAck(int packetId, Properties properties, List<ReasonCode> reasonCodes) implements Packet {
        public SubAck {
            requirePacketId(packetId);
            properties.requireAllowedIn(PacketType.SUBACK.value());
            reasonCodes = List.copyOf(reasonCodes);
            requireAny("SUBACK", "reason code", reasonCodes, "MQTT-3.8.4-6");
            reasonCodes.forEach(code -> ReasonCodes.require(PacketType.SUBACK, code));
        }

        @Override
        public PacketType type() {
            return PacketType.SUBACK;
        }
    }

    /**
     * Ends subscriptions (section 3.10).
     *
     * @param packetId 1 to 65,535
     * @param properties of UNSUBSCRIBE
     * @param filters at least one; as in SUBSCRIBE, an empty or otherwise invalid filter is still a text here
     */
    record Unsubscribe(int packetId, Properties properties, List<String> filters) implements Packet {
        public Unsubscribe {
            requirePacketId(packetId);
            properties.requireAllowedIn(PacketType.UNSUBSCRIBE.value());
            filters = List.copyOf(filters);
            requireAny("UNSUBSCRIBE", "topic filter", filters, "MQTT-3.10.3-2");
            filters.forEach(filter -> Utf8.require(filter, "Topic Filter"));
        }

        @Override
        public PacketType type() {
            return PacketType.UNSUBSCRIBE;
        }
    }

    /**
     * Answers UNSUBSCRIBE (section 3.11).
     *
     * @param packetId 1 to 65,535
     * @param properties of UNSUBACK
     * @param reasonCodes one for each filter, in order; empty when it comes from MQTT 3.1.1, and not written there
     */
    record UnsubAck(int packetId, Properties properties, List<ReasonCode> reasonCodes) implements Packet {
        public UnsubAck {
            requirePacketId(packetId);
            properties.requireAllowedIn(PacketType.UNSUBACK.value());
            reasonCodes = List.copyOf(reasonCodes);
            reasonCodes.forEach(code -> ReasonCodes.require(PacketType.UNSUBACK, code));
        }

        @Override
        public PacketType type() {
            return PacketType.UNSUBACK;
        }
    }

    /** Says that the client is there (section 3.12). */
    record PingReq() implements Packet {
        @Override
        public PacketType type() {
            return PacketType.PINGREQ;
        }
    }

    /** Answers PINGREQ (section 3.13). */
    record PingResp() implements Packet {
        @Override
        public PacketType type() {
            return PacketType.PINGRESP;
        }
    }

    /**
     * Ends the connection (section 3.14).
     *
     * @param reasonCode always SUCCESS when it comes from MQTT 3.1.1, and not written there
     * @param properties of DISCONNECT
     */
    record Disconnect(ReasonCode reasonCode, Properties properties) implements Packet {
        public Disconnect {
            ReasonCodes.require(PacketType.DISCONNECT, reasonCode);
            properties.requireAllowedIn(PacketType.DISCONNECT.value());
        }

        @Override
        public PacketType type() {
            return PacketType.DISCONNECT;
        }
    }

    /**
     * Enhanced authentication (section 3.15); MQTT 5 only. Whether AUTHENTICATION_METHOD is there and the right one
     * (MQTT-4.12.0-5) is up to the engine, which must compare it anyway.
     *
     * @param reasonCode SUCCESS, CONTINUE_AUTHENTICATION or REAUTHENTICATE
     * @param properties of AUTH
     */
    record Auth(ReasonCode reasonCode, Properties properties) implements Packet {
        public Auth {
            ReasonCodes.require(PacketType.AUTH, reasonCode);
            properties.requireAllowedIn(PacketType.AUTH.value());
        }

        @Override
        public PacketType type() {
            return PacketType.AUTH;
        }
    }

    /**
     * The message that the server sends when the client is gone (section 3.1.2.5). Part of CONNECT.
     *
     * @param qos to publish it with
     * @param retain whether it becomes the last value of its topic
     * @param properties the Will Properties
     * @param topic a topic name
     * @param payload at most 65,535 bytes
     */
    record Will(QoS qos, boolean retain, Properties properties, String topic, ByteBuffer payload) {
        public Will {
            Objects.requireNonNull(qos, "qos");
            properties.requireAllowedIn(Property.WILL);
            String violation = TopicRules.nameViolation(topic);
            if (violation != null) {
                throw new IllegalArgumentException("Will: " + violation);
            }
            payload = requireBinary(payload, "Will Payload");
        }

        /**
         * The bytes.
         *
         * @return a read-only buffer of its own
         */
        @Override
        public ByteBuffer payload() {
            return payload.duplicate();
        }
    }

    /**
     * A filter and its Subscription Options (section 3.8.3.1). Part of SUBSCRIBE. From MQTT 3.1.1 only filter and QoS come;
     * the others are not written there.
     *
     * @param filter any text that the wire can carry: whether it is a filter, {@link TopicRules} says
     * @param qos the highest wanted
     * @param noLocal no messages of one's own, please; not for shared subscriptions (MQTT-3.8.3-4)
     * @param retainAsPublished whether RETAIN is forwarded as it came
     * @param retainHandling last values: 0 send, 1 send for a new subscription, 2 do not send
     */
    record Subscription(String filter, QoS qos, boolean noLocal, boolean retainAsPublished, int retainHandling) {
        public Subscription {
            Utf8.require(filter, "Topic Filter");
            Objects.requireNonNull(qos, "qos");
            requireRange("Retain Handling", retainHandling, 0, 2, "MQTT 5, section 3.8.3.1");
            if (noLocal && TopicRules.isShared(filter)) {
                throw new IllegalArgumentException(
                        "No Local is 1 for the shared subscription '" + Utf8.abbreviate(filter) + "' (MQTT-3.8.3-4)");
            }
        }
    }

    private static void requirePacketId(int packetId) {
        requireRange("Packet Identifier", packetId, 1, 0xFFFF, "MQTT-2.2.1-3");
    }

    private static void requireRange(String field, int value, int min, int max, String rule) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    field + " is " + value + ", allowed are " + min + " to " + max + " (" + rule + ")");
        }
    }

    private static void requireAny(String packet, String what, List<?> list, String rule) {
        if (list.isEmpty()) {
            throw new IllegalArgumentException(packet + " has no " + what + " (" + rule + ")");
        }
    }

    private static ByteBuffer requireBinary(ByteBuffer bytes, String field) {
        requireRange(field + " length in bytes", bytes.remaining(), 0, Wire.MAX_LENGTH, "MQTT 5, section 1.5.6");
        return bytes.asReadOnlyBuffer();
    }
}
