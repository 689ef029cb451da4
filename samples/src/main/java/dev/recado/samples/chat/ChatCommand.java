package dev.recado.samples.chat;

import dev.recado.ReasonCode;
import dev.recado.RecadoException;
import dev.recado.RefusedException;
import dev.recado.samples.ClientOptions;
import dev.recado.samples.Console;
import dev.recado.samples.Ending;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The chat's client: asks for a nickname, then sends what is typed and shows what the others say. */
@Command(
        name = "chat",
        description = {
            "Joins a chat. What you type goes to everyone in the room; /help lists the commands.",
            "/quit, /sair, sair, Ctrl-C or the end of the input leaves."
        })
public final class ChatCommand implements Callable<Integer> {

    private static final int HISTORY_FOR_NEWCOMERS = 10;
    private static final int HISTORY_MOST = 1_000;

    private static final List<String> HELP = List.of(
            "/msg NICK text    say something to one alone",
            "/users            who is here",
            "/history [n]      what was said",
            "/quit, /sair      leave");

    @Mixin
    private ClientOptions client = new ClientOptions(Names.DEFAULT_PORT);

    @Option(names = "--nick", paramLabel = "NICK", description = "your nickname (default: you are asked for it)")
    private String nick;

    @Option(
            names = "--room",
            paramLabel = "ROOM",
            defaultValue = "sala",
            description = "the room to join (default: ${DEFAULT-VALUE})")
    private String room;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description =
                    "the password of your account is the file's first line (default: you are asked for it when needed)")
    private Path passwordFile;

    private String password;

    @Override
    public Integer call() throws Exception {
        require(Names.objection(room), "--room");
        password = passwordFile == null ? null : firstLine(passwordFile);
        Ending ending = new Ending();
        // A screen is closed before the last word is said, which then stands on a line of its own.
        return ending.of(() -> {
            try (Screen screen = Screen.open()) {
                ending.closes(screen::close);
                return chat(screen, ending);
            }
        });
    }

    private int chat(Screen screen, Ending ending) {
        CompletableFuture<Optional<String>> ended = new CompletableFuture<>();
        Optional<ChatRoom> joined = join(screen, ended);
        if (joined.isEmpty()) {
            throw new IllegalArgumentException("left without a nickname");
        }
        try (ChatRoom chat = joined.get()) {
            ending.closes(chat::close);
            screen.print("* you are " + nick + " in " + room + "; /help lists the commands");
            // Whoever says something at this very moment may be read twice, but never missed.
            showHistory(HISTORY_FOR_NEWCOMERS, chat, screen);
            chat.announce();
            while (true) {
                Optional<String> line = first(screen.ask(nick + "> "), ended);
                if (line.isEmpty() || isCommandToLeave(line.get())) {
                    break;
                }
                obey(line.get().strip(), chat, screen);
            }
        }
        screen.close();
        ending.say("left " + room);
        return 0;
    }

    private static boolean isCommandToLeave(String line) {
        return Console.isCommandToLeave(line) || line.strip().equals("sair");
    }

    // ---- coming in

    /** Asks until the server lets the user in; empty when the user has had enough. */
    private Optional<ChatRoom> join(Screen screen, CompletableFuture<?> ended) {
        // A script that named a nickname gets no other.
        boolean asks = nick == null || screen.isTerminal();
        while (true) {
            if (nick == null) {
                Optional<String> answer = screen.ask("nickname: ").join();
                if (answer.isEmpty()) {
                    return Optional.empty();
                }
                nick = answer.get().strip();
            }
            // One way to write an accented letter, so that one name is one nickname.
            nick = Normalizer.normalize(nick, Normalizer.Form.NFC);
            String objection = Names.objection(nick);
            if (objection == null) {
                try {
                    return Optional.of(
                            new ChatRoom(new ChatRoom.Ticket(client, room, nick, password), screen::print, ended));
                } catch (RefusedException e) {
                    if (screen.isTerminal() && isAboutPassword(e)) {
                        screen.print("* " + e.getMessage());
                        Optional<String> answer =
                                screen.askSecretly("password of " + nick + ": ").join();
                        if (answer.isEmpty()) {
                            return Optional.empty();
                        }
                        password = answer.get();
                        continue;
                    }
                    if (!has(e, ReasonCode.CLIENT_IDENTIFIER_NOT_VALID)) {
                        throw e;
                    }
                    objection =
                            "the nickname " + nick + " is taken; if it was yours and the connection broke, it is free"
                                    + " within " + ChatRoom.NOTICED_AFTER.toSeconds() + " seconds";
                }
            }
            require(asks ? null : objection, "--nick");
            screen.print("* " + objection);
            nick = null;
        }
    }

    private boolean isAboutPassword(RefusedException refusal) {
        return passwordFile == null
                && (has(refusal, ReasonCode.BAD_USER_NAME_OR_PASSWORD) || has(refusal, ReasonCode.NOT_AUTHORIZED));
    }

    private static boolean has(RefusedException refusal, ReasonCode reason) {
        return refusal.reasonCode().filter(reason::equals).isPresent();
    }

    private static void require(String objection, String option) {
        if (objection != null) {
            throw new IllegalArgumentException(option + ": " + objection);
        }
    }

    private static String firstLine(Path file) {
        try (var lines = Files.lines(file)) {
            return lines.findFirst().orElse("");
        } catch (IOException e) {
            throw new IllegalArgumentException("--password-file: cannot read " + file + ": " + e, e);
        }
    }

    // ---- being there

    private void obey(String line, ChatRoom chat, Screen screen) {
        if (line.isEmpty()) {
            return;
        }
        if (!line.startsWith("/")) {
            chat.say(line);
            return;
        }
        String[] words = line.split("\\s+", 3);
        switch (words[0]) {
            case "/msg" -> {
                if (words.length == 3) {
                    chat.tell(Normalizer.normalize(words[1], Normalizer.Form.NFC), words[2]);
                } else {
                    screen.print("* /msg NICK text");
                }
            }
            case "/users" -> {
                screen.print("* " + nick + " (you)");
                chat.others().forEach(other -> screen.print("* " + other));
            }
            case "/history" -> history(words, chat, screen);
            case "/help" -> HELP.forEach(help -> screen.print("* " + help));
            default -> screen.print("* there is no " + words[0] + "; /help lists the commands");
        }
    }

    private static void history(String[] words, ChatRoom chat, Screen screen) {
        try {
            int most = words.length < 2 ? HISTORY_FOR_NEWCOMERS : Integer.parseInt(words[1]);
            if (most < 1 || most > HISTORY_MOST) {
                throw new NumberFormatException();
            }
            showHistory(most, chat, screen);
        } catch (NumberFormatException e) {
            screen.print("* /history takes a number from 1 to " + HISTORY_MOST + ", but got " + words[1]);
        }
    }

    private static void showHistory(int most, ChatRoom chat, Screen screen) {
        try {
            chat.history(most).forEach(screen::print);
        } catch (RecadoException e) {
            screen.print("* no history: " + e.getMessage());
        }
    }

    private static <T> T first(CompletableFuture<T> one, CompletableFuture<T> other) {
        try {
            return one.applyToEither(other, result -> result).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw e;
        }
    }
}
