package dev.recado.samples.chat;

import dev.recado.Broker;
import dev.recado.ClientInfo;
import dev.recado.DuplicateClientIds;
import dev.recado.ReasonCode;
import dev.recado.auth.PasswordFile;
import dev.recado.samples.Console;
import dev.recado.samples.Ending;
import dev.recado.samples.ServerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The chat's server: a broker with a {@link Doorkeeper}. */
@Command(
        name = "chat-server",
        description = {
            "Serves a chat, and prints its endpoint on the first line.",
            "Typed here: /users shows who is connected, /kick NICK throws somebody out, /quit or /sair stops it,",
            "as do SIGTERM and Ctrl-C."
        })
public final class ChatServerCommand implements Callable<Integer> {

    private static final int KEPT_MESSAGES = 100;
    private static final int LARGEST_PACKET = 64 * 1024;

    @Mixin
    private ServerOptions server = new ServerOptions(Names.DEFAULT_PORT);

    @Option(
            names = "--users",
            paramLabel = "FILE",
            description = "let in only who has an account in this file, which mosquitto_passwd writes"
                    + " (default: nicknames are free)")
    private Path accounts;

    @Override
    public Integer call() throws Exception {
        Ending ending = new Ending();
        return ending.of(() -> serve(ending));
    }

    private int serve(Ending ending) {
        Doorkeeper doorkeeper = new Doorkeeper(accounts == null ? null : passwords());
        try (Broker broker = server.broker()
                .authenticator(doorkeeper)
                .authorizer(doorkeeper)
                // A nickname is a client identifier: the broker sees to it that it is taken once.
                .duplicateClientIds(DuplicateClientIds.REFUSE)
                .history(Names.EVERYTHING_SAID, KEPT_MESSAGES)
                .limits(limits -> limits.maxPacketSize(LARGEST_PACKET))
                .start()) {
            ending.closes(broker::close);
            System.out.println(broker.endpoint());
            if (accounts == null && server.isReachableFromOutside()) {
                System.err.println("recado: warning: everyone who can reach " + broker.endpoint() + " can join");
            }
            Console.obey(broker, line -> obey(broker, line)).ifPresent(command -> ending.say("stopped by " + command));
        }
        return 0;
    }

    private PasswordFile passwords() {
        try {
            return new PasswordFile(accounts);
        } catch (IOException e) {
            throw new IllegalArgumentException("--users: cannot read " + e.getMessage(), e);
        }
    }

    private static void obey(Broker broker, String line) {
        String[] words = line.split("\\s+", 2);
        if (words[0].equals("/users")) {
            List<ClientInfo> chatters = broker.clients().stream()
                    .filter(client -> Names.isName(client.clientId()))
                    .sorted(Comparator.comparing(ClientInfo::clientId))
                    .toList();
            chatters.forEach(client -> System.out.println(client.clientId() + " from " + client.address()));
            System.out.println(chatters.size() + " connected");
        } else if (words[0].equals("/kick") && words.length == 2) {
            kick(broker, words[1]);
        } else if (!line.isEmpty()) {
            System.out.println("/users, /kick NICK, /quit or /sair");
        }
    }

    /** Ends every connection of the nickname. The reason tells the client not to come back by itself. */
    private static void kick(Broker broker, String nick) {
        long ended = broker.clients().stream()
                .map(ClientInfo::clientId)
                .filter(clientId -> Names.nickOf(clientId).equals(nick))
                .filter(clientId -> broker.disconnect(clientId, ReasonCode.ADMINISTRATIVE_ACTION))
                .count();
        System.out.println(ended > 0 ? nick + " was thrown out" : "there is no " + nick);
    }
}
