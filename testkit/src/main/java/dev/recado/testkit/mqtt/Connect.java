package dev.recado.testkit.mqtt;

import java.nio.charset.StandardCharsets;

/** A CONNECT: Clean Start and no keep-alive, unless told otherwise. */
final class Connect extends Outgoing<Connect> {

    static final int RESERVED_BIT = 0x01;
    static final int CLEAN_START = 0x02;
    static final int WILL = 0x04;
    static final int WILL_QOS_1 = 0x08;
    static final int WILL_QOS_2 = 0x10;
    static final int WILL_RETAIN = 0x20;
    static final int PASSWORD = 0x40;
    static final int USER_NAME = 0x80;

    private String protocolName = "MQTT";
    private Integer level;
    private int flags = CLEAN_START;
    private int wrongFlags;
    private int keepAlive;
    private byte[] clientId;
    final Properties willProperties = new Properties();
    private byte[] willTopic;
    private byte[] willPayload;
    private byte[] userName;
    private byte[] password;

    Connect(String clientId) {
        super(PacketType.CONNECT);
        this.clientId = utf8(clientId);
    }

    Connect protocol(String name) {
        protocolName = name;
        return this;
    }

    Connect level(int value) {
        level = value;
        return this;
    }

    /** In MQTT 3.1.1: Clean Session 0. */
    Connect keepSession() {
        flags &= ~CLEAN_START;
        return this;
    }

    /** Seconds. */
    Connect keepAlive(int seconds) {
        keepAlive = seconds;
        return this;
    }

    /** Bytes that should be UTF-8. */
    Connect clientId(int... bytes) {
        clientId = narrow(bytes);
        return this;
    }

    /** Leaves the field out. */
    Connect noClientId() {
        clientId = null;
        return this;
    }

    /** At QoS 0 and not retained. */
    Connect will(String topic, String payload) {
        return will(utf8(topic), utf8(payload));
    }

    Connect will(byte[] topic, byte[] payload) {
        flags |= WILL;
        willTopic = topic;
        willPayload = payload;
        return this;
    }

    Connect willQos(int qos) {
        flags |= qos << 3;
        return this;
    }

    Connect willRetain() {
        flags |= WILL_RETAIN;
        return this;
    }

    Connect withWill(Property property, long value) {
        willProperties.add(property, value);
        return this;
    }

    Connect withWill(Property property, String value) {
        willProperties.add(property, value);
        return this;
    }

    Connect withWill(Property property, byte... value) {
        willProperties.add(property, value);
        return this;
    }

    Connect willUser(String name, String value) {
        willProperties.add(Property.USER_PROPERTY, new Properties.Pair(name, value));
        return this;
    }

    Connect userName(String name) {
        return userName(utf8(name));
    }

    Connect userName(byte[] name) {
        flags |= USER_NAME;
        userName = name;
        return this;
    }

    Connect password(String word) {
        flags |= PASSWORD;
        password = utf8(word);
        return this;
    }

    /** Inverts bits of the Connect Flags and leaves the payload as it is, so that they no longer fit. */
    Connect flip(int bits) {
        wrongFlags ^= bits;
        return this;
    }

    @Override
    void writeTo(Body body, Version version) {
        body.string(protocolName)
                .u8(level == null ? version.level : level)
                .u8(flags ^ wrongFlags)
                .u16(keepAlive);
        writeProperties(body, version);
        if (clientId != null) {
            body.binary(clientId);
        }
        if (willTopic != null) {
            if (version.hasProperties()) {
                willProperties.writeTo(body);
            }
            body.binary(willTopic).binary(willPayload);
        }
        if (userName != null) {
            body.binary(userName);
        }
        if (password != null) {
            body.binary(password);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
