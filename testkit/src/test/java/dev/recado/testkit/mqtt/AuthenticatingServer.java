package dev.recado.testkit.mqtt;

import dev.recado.auth.ClientAuthentication;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * So much of an MQTT 5 server as enhanced authentication takes, right but for one fault. Its method has one challenge of a
 * few bytes, to be answered with the same in reverse.
 */
final class AuthenticatingServer implements AutoCloseable {

    private static final String METHOD = "KIT-REVERSE";

    /** What is wrong, and the test that must see it. */
    enum Fault {
        IGNORES_UNKNOWN_METHODS("required_v5_4_12_0_1_unknownMethodIsRefused"),
        NAMES_A_METHOD_TO_EVERYBODY("required_v5_4_12_0_6_plainConnectIsNotAnsweredWithAMethod"),
        MASKS_FLAGS_OF_AUTH("required_v5_3_15_1_1_reservedFlagsAreRefused"),
        IGNORES_AUTH_OF_PLAIN_CLIENTS("required_v5_section_4_12_authWithoutMethodInConnectIsRefused"),
        TAKES_ANY_CODE("required_v5_3_15_2_1_otherCodesAreRefused"),
        CHALLENGES_WITH_SUCCESS("required_v5_4_12_0_2_challengeIsAuthWithContinue"),
        LETS_EVERYBODY_IN("required_v5_4_12_0_4_rejectedClientIsDisconnected"),
        STAYS_CONNECTED_AFTER_REFUSAL("required_v5_4_12_0_4_rejectedClientIsDisconnected"),
        LEAVES_THE_METHOD_OUT("required_v5_4_12_0_5_methodIsRepeatedInEveryPacket"),
        TAKES_ANOTHER_METHOD("required_v5_4_12_0_5_otherMethodThanThatOfConnectIsRefused"),
        SKIPS_PACKETS_DURING_THE_EXCHANGE("required_v5_section_4_12_nothingButAuthIsTakenDuringTheExchange"),
        STAYS_CONNECTED_AFTER_RE_AUTHENTICATION("required_v5_4_12_1_2_failedReAuthenticationEndsTheConnection"),
        KNOWS_NO_RE_AUTHENTICATION("required_v5_section_4_12_1_reAuthenticationSucceeds"),
        SENDS_REASON_STRINGS_THAT_DO_NOT_FIT("required_v5_3_15_2_2_reasonStringGivesWayToMaximumPacketSize"),
        SENDS_USER_PROPERTIES_THAT_DO_NOT_FIT("required_v5_3_15_2_3_userPropertiesGiveWayToMaximumPacketSize");

        final String test;

        Fault(String test) {
            this.test = test;
        }
    }

    private final Fault fault;
    private final ServerSocket listener;
    private final List<Socket> sockets = Collections.synchronizedList(new ArrayList<>());

    /** Without fault when it is {@code null}. */
    AuthenticatingServer(Fault fault) throws IOException {
        this.fault = fault;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** The client's side. */
    static ClientAuthentication client() {
        return new ClientAuthentication() {
            @Override
            public String method() {
                return METHOD;
            }

            @Override
            public Exchange begin() {
                return new Reversing();
            }
        };
    }

    private static final class Reversing implements ClientAuthentication.Exchange {
        @Override
        public byte[] first() {
            return null;
        }

        @Override
        public byte[] answer(byte[] challenge) {
            return reversed(challenge);
        }

        @Override
        public void finish(byte[] data) {
            // This method does not prove who the server is.
        }
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "authenticating-server");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // as close() does
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            new Client(socket).serve();
        } catch (IOException gone) {
            // the client has had enough
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /** One connection. */
    private final class Client {

        private static final byte[] CHALLENGE = {1, 2, 3};

        private final Socket socket;
        private final DataInputStream in;
        private int first;
        private ByteBuffer body;
        private String method;
        private long maximumPacketSize = Long.MAX_VALUE;
        private boolean letIn;
        private boolean challenged;

        Client(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new DataInputStream(socket.getInputStream());
        }

        void serve() throws IOException {
            read();
            connect();
            while (!socket.isClosed()) {
                read();
                switch (PacketType.of(first)) {
                    case AUTH -> auth();
                    case PUBLISH -> publish();
                    case PINGREQ -> send(0xD0, new Body());
                    default -> socket.close();
                }
            }
        }

        private void read() throws IOException {
            first = in.readUnsignedByte();
            int length = 0;
            int shift = 0;
            int digit;
            do {
                digit = in.readUnsignedByte();
                length |= (digit & 0x7F) << shift;
                shift += 7;
            } while (digit >= 0x80);
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new EOFException();
            }
            body = ByteBuffer.wrap(bytes);
        }

        private void connect() throws IOException {
            body.position(10);
            Properties properties = properties();
            maximumPacketSize = properties.number(Property.MAXIMUM_PACKET_SIZE, Long.MAX_VALUE);
            method = properties.text(Property.AUTHENTICATION_METHOD);
            if (fault == Fault.NAMES_A_METHOD_TO_EVERYBODY && method == null) {
                send(0x20, withProperties(new Body().u8(0).u8(0), METHOD, null));
                letIn = true;
            } else if (method == null || (fault == Fault.IGNORES_UNKNOWN_METHODS && !method.equals(METHOD))) {
                method = null;
                letIn();
            } else if (method.equals(METHOD)) {
                challenge();
            } else {
                refuse(0x8C);
            }
        }

        private void letIn() throws IOException {
            letIn = true;
            String named = fault == Fault.LEAVES_THE_METHOD_OUT ? null : method;
            send(0x20, withProperties(new Body().u8(0).u8(0), named, null));
        }

        private void refuse(int code) throws IOException {
            boolean stays = letIn
                    ? fault == Fault.STAYS_CONNECTED_AFTER_RE_AUTHENTICATION
                    : fault == Fault.STAYS_CONNECTED_AFTER_REFUSAL;
            if (letIn) {
                send(0xE0, new Body().u8(code));
            } else {
                send(0x20, withProperties(new Body().u8(0).u8(code), null, null));
            }
            if (!stays) {
                socket.close();
            }
        }

        private void challenge() throws IOException {
            challenged = true;
            int code = fault == Fault.CHALLENGES_WITH_SUCCESS ? 0x00 : 0x18;
            send(0xF0, withProperties(new Body().u8(code), METHOD, CHALLENGE));
        }

        private void auth() throws IOException {
            if (first != 0xF0 && fault != Fault.MASKS_FLAGS_OF_AUTH) {
                refuse(0x81);
                return;
            }
            int code = body.hasRemaining() ? body.get() & 0xFF : 0;
            if (code != 0x18 && code != 0x19) {
                if (fault != Fault.TAKES_ANY_CODE) {
                    refuse(0x82);
                }
                return;
            }
            if (method == null) {
                if (fault != Fault.IGNORES_AUTH_OF_PLAIN_CLIENTS && fault != Fault.MASKS_FLAGS_OF_AUTH) {
                    refuse(0x82);
                }
                return;
            }
            Properties properties = properties();
            if (!method.equals(properties.text(Property.AUTHENTICATION_METHOD))
                    && fault != Fault.TAKES_ANOTHER_METHOD) {
                refuse(0x82);
            } else if (code == 0x19) {
                if (fault == Fault.KNOWS_NO_RE_AUTHENTICATION) {
                    refuse(0x82);
                } else {
                    challenge();
                }
            } else {
                answered(properties.bytes(Property.AUTHENTICATION_DATA));
            }
        }

        private void answered(byte[] data) throws IOException {
            boolean right = challenged && Arrays.equals(data, reversed(CHALLENGE));
            challenged = false;
            if (!right && fault != Fault.LETS_EVERYBODY_IN) {
                refuse(0x87);
            } else if (letIn) {
                send(0xF0, withProperties(new Body().u8(0), METHOD, null));
            } else {
                letIn();
            }
        }

        private void publish() throws IOException {
            if (letIn) {
                int topic = body.getShort();
                body.position(body.position() + topic);
                send(0x40, new Body().u16(body.getShort()));
            } else if (fault != Fault.SKIPS_PACKETS_DURING_THE_EXCHANGE) {
                refuse(0x82);
            }
        }

        private Properties properties() {
            Properties properties = new Properties();
            if (!body.hasRemaining()) {
                return properties;
            }
            int end = body.get() + body.position();
            while (body.position() < end) {
                Property property = Property.of(body.get());
                switch (property.form) {
                    case BYTE -> properties.add(property, (long) body.get());
                    case FOUR_BYTES -> properties.add(property, (long) body.getInt());
                    case TEXT -> properties.add(property, new String(bytes(), StandardCharsets.UTF_8));
                    case BINARY -> properties.add(property, bytes());
                    default -> throw new IllegalStateException("no test has " + property);
                }
            }
            return properties;
        }

        private byte[] bytes() {
            byte[] bytes = new byte[body.getShort()];
            body.get(bytes);
            return bytes;
        }

        /** Adds a Reason String and a User Property as long as they fit. */
        private Body withProperties(Body body, String named, byte[] data) {
            Properties properties = new Properties();
            if (named != null) {
                properties.add(Property.AUTHENTICATION_METHOD, named);
            }
            if (data != null) {
                properties.add(Property.AUTHENTICATION_DATA, data);
            }
            add(properties, Property.REASON_STRING, "why", Fault.SENDS_REASON_STRINGS_THAT_DO_NOT_FIT, body.size());
            add(
                    properties,
                    Property.USER_PROPERTY,
                    new Properties.Pair("a", "b"),
                    Fault.SENDS_USER_PROPERTIES_THAT_DO_NOT_FIT,
                    body.size());
            properties.writeTo(body);
            return body;
        }

        private void add(Properties properties, Property property, Object value, Fault always, int before) {
            Properties longer = new Properties();
            longer.add(property, value);
            // Type, length, and Property Length take a byte each.
            int size = 3 + before + sizeOf(properties) + longer.bytesOf(property);
            if (size <= maximumPacketSize || fault == always) {
                properties.add(property, value);
            }
        }

        private static int sizeOf(Properties properties) {
            Body body = new Body();
            properties.writeTo(body);
            return body.size() - 1;
        }

        private void send(int firstByte, Body body) throws IOException {
            socket.getOutputStream().write(body.packet(firstByte));
        }
    }
}
