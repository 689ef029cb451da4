package dev.recado.interop;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Arguments of parameterized tests. */
final class Pairs {

    static final List<String> TRANSPORTS = List.of("nio", "blocking");

    private Pairs() {}

    /** Every transport of the broker with every client. */
    static Stream<Arguments> transportsAndClients() {
        return TRANSPORTS.stream()
                .flatMap(transport -> Stream.of(Clients.values()).map(client -> Arguments.of(transport, client)));
    }

    /** Every transport of the broker, with every client that publishes and every one that subscribes. */
    static Stream<Arguments> transportsAndPairsOfClients() {
        return TRANSPORTS.stream()
                .flatMap(transport -> Stream.of(Clients.values())
                        .flatMap(publisher -> Stream.of(Clients.values())
                                .map(subscriber -> Arguments.of(transport, publisher, subscriber))));
    }

    /** Every kind of our clients, to and from every kind there is. */
    static Stream<Arguments> ourClientsWithAll() {
        return Stream.of(Clients.values())
                .flatMap(publisher -> Stream.of(Clients.values())
                        .filter(subscriber -> publisher.isOurs() || subscriber.isOurs())
                        .map(subscriber -> Arguments.of(publisher, subscriber)));
    }
}
