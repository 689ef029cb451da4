package dev.recado.core.client;

import dev.recado.QoS;
import dev.recado.RetainHandling;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.TopicRules;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/**
 * Where the replies to one requester go: what the broker says when it is asked for Response Information, made unique where it is
 * not; else a name that nobody guesses. Written by the thread that decodes, read by any.
 */
final class ReplyTopic implements Topics {

    /** What a broker of ours gives to each client, its identifier behind it. */
    private static final String OWN_BROKERS = "$recado/reply/";

    private static final String ELSEWHERE = "recado/reply/";
    private static final int TOKEN_BYTES = 16;

    private final String clientId;
    private final String token;

    /** What requests are to name. */
    private volatile String current;

    ReplyTopic(String clientId) {
        this.clientId = clientId;
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        this.token = HexFormat.of().formatHex(random);
        boolean isLevel = clientId.indexOf('/') < 0 && !TopicRules.hasWildcard(clientId);
        this.current = isLevel ? OWN_BROKERS + clientId : ELSEWHERE + token;
    }

    String current() {
        return current;
    }

    /** The topic is stated as far as it is known: a broker of ours takes the one that it tells afterwards for stated. */
    @Override
    public void describe(Properties.Builder connect) {
        connect.set(Property.REQUEST_RESPONSE_INFORMATION, 1).userProperty("recado-topic", current);
    }

    /** Requests carry it at once: until the broker has granted it, a reply to the old one would be lost for certain. */
    @Override
    public List<Packet.Subscription> subscriptions(ServerLimits granted) {
        current = name(granted.responseInformation());
        return List.of(new Packet.Subscription(current, qos(), false, false, RetainHandling.DO_NOT_SEND.value()));
    }

    /** What ends with this client's identifier is this client's alone; anything else may be told to others, too. */
    private String name(String toldOrNull) {
        if (toldOrNull == null) {
            return ELSEWHERE + token;
        }
        String name = toldOrNull.endsWith("/" + clientId)
                ? toldOrNull
                : toldOrNull + (toldOrNull.endsWith("/") ? "" : "/") + token;
        return TopicRules.nameViolation(name) == null ? name : ELSEWHERE + token;
    }

    @Override
    public QoS qos() {
        return QoS.AT_LEAST_ONCE;
    }

    /** Replies are for this very object. */
    @Override
    public boolean endSession() {
        return true;
    }
}
