package dev.recado.samples.chat;

import dev.recado.ConnectionBuilder;
import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.RecadoException;
import dev.recado.Reconnect;
import dev.recado.Subscriber;
import dev.recado.auth.Credentials;
import dev.recado.samples.ClientOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One chatter in one room: a publisher to write, a subscriber to read, and who else is there. See {@link Names} for the topics.
 * Thread-safe.
 */
final class ChatRoom implements AutoCloseable {

    private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);

    /** After so much silence the server takes a chatter for gone (MQTT 5, section 3.1.2.10), and the nickname is free. */
    static final Duration NOTICED_AFTER = KEEP_ALIVE.multipliedBy(3).dividedBy(2);

    /**
     * Who comes back in so short a time was never gone. And a server that stops, which ends one connection after the other,
     * does not announce those who were first to those who are last.
     */
    private static final Duration ABSENCE_NOT_WORTH_A_WORD = Duration.ofSeconds(2);

    /** A nickname is free again within seconds, and a server back: somebody sits there and waits. */
    private static final Reconnect SOON =
            new Reconnect(Duration.ofMillis(100), Duration.ofSeconds(2), Integer.MAX_VALUE);

    /** What is said while a broken connection is in the way of the new one is said when that is gone. */
    private static final Duration PATIENCE = NOTICED_AFTER.plusSeconds(5);

    /** Somebody who leaves does not want to wait: a server that says nothing for so long is not waited for. */
    private static final Duration PATIENCE_WHEN_LEAVING = Duration.ofSeconds(1);

    private static final String HERE = "here";
    private static final String LEFT = "left";

    /**
     * What it takes to get in.
     *
     * @param password of the account that has the nickname's name; {@code null} for none
     */
    record Ticket(ClientOptions client, String room, String nick, String password) {}

    private final Ticket ticket;
    private final Consumer<String> screen;
    private final CompletableFuture<?> ended;
    private final SortedSet<String> others = new ConcurrentSkipListSet<>();
    private final Publisher out;
    private final Subscriber in;
    private final Voice voice;

    /** Guarded by this. */
    private boolean left;

    /**
     * Joins, and listens. The others know when it is {@linkplain #announce announced}.
     *
     * @param screen is shown a line for everything that happens
     * @param ended fails when the room cannot be stayed in any more
     * @throws dev.recado.RefusedException when the nickname is taken, or the password wrong
     */
    ChatRoom(Ticket ticket, Consumer<String> screen, CompletableFuture<?> ended) {
        this.ticket = ticket;
        this.screen = screen;
        this.ended = ended;
        String room = ticket.room();
        String nick = ticket.nick();
        // First of all, since its client identifier is the nickname. Nothing that is said waits for later comers, but
        // presence does. The will takes it away: what the broker publishes if this client goes without a word. It waits
        // a moment, and the session has to live as long.
        out = connecting(Publisher::builder)
                .clientId(nick)
                .topicsUnder("chat/" + room + "/#")
                .retain(false)
                .will(presence(""), ABSENCE_NOT_WORTH_A_WORD)
                .sessionExpiry(ABSENCE_NOT_WORTH_A_WORD)
                .onStateChange(this::outChanged)
                .open();
        voice = new Voice(out, screen);
        try {
            in = connecting(Subscriber::builder)
                    .clientId(nick + "/in")
                    .topic(Names.said(room, "+"))
                    .topic(Names.toldPrivately(room, nick, "+"))
                    .topic(Names.presence(room, "+"))
                    .onMessage(this::received)
                    .onStateChange(this::inChanged)
                    .open();
        } catch (RuntimeException e) {
            out.close();
            throw e;
        }
    }

    private <B extends ConnectionBuilder<B>> B connecting(Function<URI, B> client) {
        B builder = ticket.client().connecting(client);
        if (ticket.password() != null) {
            builder.credentials(() -> Credentials.of(ticket.nick(), ticket.password()));
        }
        return builder.keepAlive(KEEP_ALIVE).timeout(PATIENCE).reconnect(SOON);
    }

    // ---- what the user does

    /** Tells everyone that this chatter is there. Returns at once. */
    void announce() {
        show(presence(HERE));
    }

    /** Says something to everyone. Returns at once. */
    void say(String text) {
        voice.say(History.stamped(Names.said(ticket.room(), ticket.nick()), text));
    }

    /** Says something to one alone. Returns at once. */
    void tell(String to, String text) {
        if (others.contains(to)) {
            voice.say(History.stamped(Names.toldPrivately(ticket.room(), to, ticket.nick()), text));
        } else {
            screen.accept("* there is no " + to + " here");
        }
    }

    /** Who else is there, in order. */
    List<String> others() {
        return List.copyOf(others);
    }

    /**
     * What was said to everyone, oldest first.
     *
     * @param most so many lines at most
     */
    List<String> history(int most) {
        return History.read(
                connecting(Subscriber::builder)
                        .clientId(ticket.nick() + "/history")
                        .topic(Names.said(ticket.room(), "+")),
                most);
    }

    /**
     * Leaves, after what was said has arrived. A server that does not answer is told nothing more, so this takes two seconds at
     * most then. Who cannot be told is told by the broker: the will.
     */
    @Override
    public synchronized void close() {
        if (left) {
            return;
        }
        left = true;
        voice.finish(PATIENCE_WHEN_LEAVING);
        ExecutorService closing = Executors.newFixedThreadPool(2);
        try {
            // Both at once. Who takes longer is interrupted, which ends the waiting in a close, and with it the close.
            closing.invokeAll(
                    List.of(Executors.callable(this::sayGoodbye), Executors.callable(in::close)),
                    PATIENCE_WHEN_LEAVING.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closing.shutdownNow();
        }
    }

    private void sayGoodbye() {
        if (out.state() == ConnectionState.CONNECTED) {
            show(Message.of(Names.presence(ticket.room(), ticket.nick()), LEFT));
            show(presence(""));
        }
        out.close();
    }

    private void show(Message presence) {
        try {
            out.publishAsync(presence);
        } catch (RecadoException e) {
            // Whatever keeps it from arriving is the connection's end, which the user is told of, and the will.
        }
    }

    /** A last value; an empty one takes it away. */
    private Message presence(String text) {
        return Message.builder(Names.presence(ticket.room(), ticket.nick()))
                .payload(text)
                .retained(true)
                .build();
    }

    // ---- what the others do

    private void received(Message message) {
        String who = Names.sender(message.topic());
        if (who.equals(ticket.nick())) {
            return;
        }
        switch (message.topic().split("/")[2]) {
            case "from" -> screen.accept(who + ": " + message.text());
            case "to" -> screen.accept(who + " (privately): " + message.text());
            default -> present(who, message);
        }
    }

    private void present(String who, Message message) {
        if (message.text().equals(HERE)) {
            boolean came = others.add(who) && !message.retained();
            if (came) {
                screen.accept("* " + who + " is here");
            }
        } else if (others.remove(who)) {
            // The second is the will.
            screen.accept("* " + who + (message.text().equals(LEFT) ? " left" : " is gone: the connection was lost"));
        }
    }

    // ---- what the connections do

    private void outChanged(ConnectionState from, ConnectionState to, RecadoException cause) {
        if (from == ConnectionState.RECONNECTING && to == ConnectionState.CONNECTED) {
            // The will may have taken it away.
            announce();
        }
        endedIf(to, cause);
    }

    private void inChanged(ConnectionState from, ConnectionState to, RecadoException cause) {
        if (from == ConnectionState.CONNECTED && to == ConnectionState.RECONNECTING) {
            others.clear();
            screen.accept("* trying again: " + cause.getMessage());
        }
        if (from == ConnectionState.RECONNECTING && to == ConnectionState.CONNECTED) {
            screen.accept("* connected again");
        }
        endedIf(to, cause);
    }

    private void endedIf(ConnectionState to, RecadoException cause) {
        if (to == ConnectionState.CLOSED && cause != null) {
            ended.completeExceptionally(cause);
        }
    }
}
