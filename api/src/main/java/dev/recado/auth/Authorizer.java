package dev.recado.auth;

import java.util.concurrent.CompletionStage;

/**
 * Decides at the broker what a client may publish and subscribe to. In-process clients are asked about like any other, and
 * what a client states of its role is held to as well. Thread-safe.
 *
 * <pre>{@code
 * Broker.builder().authorizer((who, access, topic) ->
 *         (topic.startsWith("users/" + who.principal() + "/")
 *                         ? Permission.granted()
 *                         : Permission.denied("only under users/" + who.principal() + "/"))
 *                 .now())
 * }</pre>
 *
 * <p><b>Called</b> on a transport's thread; must not block: what takes time completes its result elsewhere. Until then
 * nothing else of that connection is read, so nothing overtakes what is being decided, and that time does not count as the
 * client's silence. Whoever throws, or fails, or takes longer than {@link dev.recado.Limits#connectTimeout}, has said no; a WARN
 * line tells the operator, the client learns only that it is not authorized.
 *
 * <p><b>Asked about</b>
 * <ul>
 *   <li>PUBLISH: the topic name. A yes is remembered by the connection (for the last 1,000 topics) until {@link
 *       dev.recado.Broker#reauthorize}; a no is not.
 *   <li>SUBSCRIBE: each topic filter, each time. Of a shared subscription, the filter behind the share name. A yes lasts as
 *       long as the subscription, also when the session is taken up again, until {@code reauthorize}.
 *   <li>CONNECT: PUBLISH to the topic of the will. The yes holds until {@code reauthorize}: after that, whoever leaves the
 *       will is asked about again when it is to be published. Roles do not matter to wills. A client that states its topics has
 *       those without wildcards catalogued if they are granted, but is refused only when it uses one that is not.
 *   <li>The topic catalogue: a subscription to {@code $recado/topics/<filter>} needs what one to {@code <filter>} needs; with a
 *       wildcard before that, as in {@code $recado/#}, what one to {@code #} needs. So nobody sees names of topics that it must
 *       not read.
 *   <li>Requests and replies: a requester subscribes to its own reply topic, {@code $recado/reply/} and its client identifier, and
 *       responders publish there.
 * </ul>
 *
 * <p><b>Refusals</b> carry reason code 0x87 and the text of the refusal: in CONNACK, PUBACK, PUBREC or SUBACK; a QoS 0 message
 * is answered with DISCONNECT. Before MQTT 5 there is no such code but in CONNACK: SUBACK has 0x80, and a refused message ends
 * the connection.
 *
 * <p>A session belongs to the principal that began it: another one that comes with the same client identifier gets a new session,
 * never the subscriptions and messages of the first.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface Authorizer {

    /**
     * A client wants something.
     *
     * @param who wants it
     * @param access what it wants
     * @param topic a topic name to publish to, or a topic filter to subscribe to
     * @return the decision; where it is {@link Permission#now}, asking allocates nothing
     */
    CompletionStage<Permission> authorize(Identity who, Access access, String topic);
}
