package dev.recado.samples.chat;

import dev.recado.Message;
import dev.recado.Reconnect;
import dev.recado.Subscriber;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What was said before. The server keeps the messages, and each carries when it was sent. */
final class History {

    private static final String SENT = "sent";
    private static final int LARGEST_BUFFER = 65_535;
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm");

    private History() {}

    /** A message that says when it was sent. */
    static Message stamped(String topic, String text) {
        return Message.builder(topic)
                .payload(text)
                .userProperty(SENT, Instant.now().toString())
                .build();
    }

    /**
     * The lines to show, oldest first. Waits for the server.
     *
     * @param past is to read the topics that matter, for a moment
     * @param most so many lines at most
     */
    static List<String> read(Subscriber.Builder past, int most) {
        Subscriber subscriber = past.replay(most)
                .buffer(LARGEST_BUFFER)
                .reconnect(Reconnect.never())
                .open();
        // Closing waits until all that the broker has for it has arrived, which then can still be taken out.
        subscriber.close();
        List<Message> messages = new ArrayList<>();
        for (Optional<Message> next = subscriber.receive(Duration.ZERO);
                next.isPresent();
                next = subscriber.receive(Duration.ZERO)) {
            messages.add(next.get());
        }
        // Oldest first over all senders, each of whom has a topic with a history of its own.
        return messages.subList(Math.max(0, messages.size() - most), messages.size()).stream()
                .map(History::line)
                .toList();
    }

    private static String line(Message message) {
        LocalTime time = LocalTime.ofInstant(sent(message), ZoneId.systemDefault());
        return CLOCK.format(time) + " " + Names.sender(message.topic()) + ": " + message.text();
    }

    /** When the sender says that it was sent: good enough to show, not to rely on. */
    private static Instant sent(Message message) {
        try {
            return message.userProperties().stream()
                    .filter(property -> property.name().equals(SENT))
                    .map(property -> Instant.parse(property.value()))
                    .findFirst()
                    .orElse(Instant.EPOCH);
        } catch (DateTimeParseException e) {
            return Instant.EPOCH;
        }
    }
}
