package dev.recado.auth;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The lines of a file that says who may do what. What is wrong with one is told by file and line, never by its text. */
final class AccountLines {

    private static final long LARGEST = 64L * 1024 * 1024;

    private AccountLines() {}

    interface Reader {

        /**
         * Takes a line that is neither empty nor a comment.
         *
         * @throws IllegalArgumentException saying what is wrong with it
         */
        void line(String text);
    }

    static void read(Path file, Reader reader) throws IOException {
        long size = Files.size(file);
        if (size > LARGEST) {
            throw new IOException(file + " has " + size + " bytes, over the limit of " + LARGEST);
        }
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is not UTF-8", e);
        }
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            try {
                reader.line(line);
            } catch (IllegalArgumentException e) {
                throw new IOException(file + ", line " + (i + 1) + ": " + e.getMessage(), e);
            }
        }
    }
}
