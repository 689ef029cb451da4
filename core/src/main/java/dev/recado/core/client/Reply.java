package dev.recado.core.client;

import dev.recado.Message;
import dev.recado.UserProperty;
import java.util.Optional;

/** What a responder sends, and how it says that it failed. */
final class Reply {

    /** The user property by which a responder says that it failed, and how. */
    private static final String ERROR_PROPERTY = "recado-error";

    private Reply() {}

    /**
     * A handler's reply as it is to be sent: it fits its request, and is of no use for longer than that.
     *
     * @param replyOrNull what the handler gave
     * @throws IllegalStateException when it is none
     */
    static Message to(Message request, Message replyOrNull) {
        String awaitedAt = request.responseTopic().orElseThrow();
        if (replyOrNull == null) {
            throw new IllegalStateException("the responder's handler gave null instead of a reply");
        }
        if (!replyOrNull.topic().equals(awaitedAt)) {
            throw new IllegalStateException("the responder's handler gave a reply to '" + replyOrNull.topic()
                    + "', but it is awaited at '" + awaitedAt + "': make it with request.reply(...)");
        }
        Message.Builder reply = replyOrNull.toBuilder();
        request.correlationData().ifPresent(reply::correlationData);
        if (replyOrNull.expiry().isEmpty()) {
            request.expiry().ifPresent(reply::expiry);
        }
        return reply.build();
    }

    /** The reply that says that there is none. */
    static Message error(Message request, String text) {
        Message.Builder reply = Message.replyTo(request).userProperty(ERROR_PROPERTY, text);
        request.expiry().ifPresent(reply::expiry);
        return reply.build();
    }

    /** What such a reply says; empty when it is another one. */
    static Optional<String> errorIn(Message reply) {
        return reply.userProperties().stream()
                .filter(property -> property.name().equals(ERROR_PROPERTY))
                .map(UserProperty::value)
                .findFirst();
    }

    /** What is told of a failure: its message as far as the wire can carry it, never a stack trace. */
    static String textOf(Throwable failure) {
        String message = failure.getMessage();
        if (message == null || message.isBlank()) {
            return failure.getClass().getName();
        }
        return OneLine.of(message);
    }
}
