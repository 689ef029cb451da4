package dev.recado.samples;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Text is UTF-8 in MQTT, and so it is on both sides of these programs, whatever the locale: in a container it is often plain
 * ASCII, and Java would then turn everything else into question marks without a word.
 */
public final class Utf8 {

    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private Utf8() {}

    /** Makes {@code System.out} and {@code System.err} write UTF-8, and flush each line. */
    static void useForStandardStreams() {
        System.setOut(stream(FileDescriptor.out));
        System.setErr(stream(FileDescriptor.err));
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(descriptor)), true, StandardCharsets.UTF_8);
    }

    /** Standard input as text. */
    public static BufferedReader standardInput() {
        return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    }

    /**
     * The arguments as they were typed. Where the locale is not UTF-8, the JVM may have decoded them with loss; Linux still
     * has the bytes, each argument ended by a NUL, those for {@code main} last. Elsewhere they are as the JVM gives them.
     */
    static String[] arguments(String[] decoded) throws IOException {
        String locale = System.getProperty("sun.jnu.encoding", "UTF-8");
        if (Charset.forName(locale).equals(StandardCharsets.UTF_8) || !Files.isReadable(COMMAND_LINE)) {
            return decoded;
        }
        try {
            String[] all = Files.readString(COMMAND_LINE).split("\0", -1);
            int end = all.length - 1;
            return Arrays.copyOfRange(all, end - decoded.length, end);
        } catch (CharacterCodingException e) {
            // Not UTF-8, so probably typed in the locale's own charset, which the JVM knows.
            return decoded;
        }
    }
}
