package dev.recado.interop;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * What became of one test, as Surefire wrote it down.
 *
 * @param suite the class that was run
 * @param owner the class that has the test, such as a chapter of the kit
 * @param name the test's method
 * @param reason why it did not pass, in one line; empty when it did
 */
record TestRun(String suite, String owner, String name, Outcome outcome, String reason) {

    enum Outcome {
        PASSED,
        SKIPPED,
        FAILED
    }

    private static final Map<String, Outcome> NOT_PASSED =
            Map.of("skipped", Outcome.SKIPPED, "failure", Outcome.FAILED, "error", Outcome.FAILED);

    /** All that have been written to a folder since; a class that was deleted or renamed leaves its old report behind. */
    static List<TestRun> since(Instant begin, Path folder) throws IOException {
        List<TestRun> runs = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> reports = Files.newDirectoryStream(folder, "TEST-*.xml")) {
                for (Path report : reports) {
                    if (!Files.getLastModifiedTime(report).toInstant().isBefore(begin)) {
                        runs.addAll(read(report));
                    }
                }
            }
        }
        return runs;
    }

    private static List<TestRun> read(Path report) throws IOException {
        Element suite = parse(report).getDocumentElement();
        List<TestRun> runs = new ArrayList<>();
        for (Element test : children(suite)) {
            if (test.getTagName().equals("testcase")) {
                runs.add(read(suite.getAttribute("name"), test));
            }
        }
        return runs;
    }

    private static TestRun read(String suite, Element test) {
        // A parameterized test has its arguments behind its name.
        String name = test.getAttribute("name").split("\\W", 2)[0];
        Outcome outcome = Outcome.PASSED;
        String reason = "";
        for (Element child : children(test)) {
            if (NOT_PASSED.containsKey(child.getTagName())) {
                outcome = NOT_PASSED.get(child.getTagName());
                reason = reason(child);
            }
        }
        return new TestRun(suite, test.getAttribute("classname"), name, outcome, reason);
    }

    /** The message, or the first line of the stack trace, which has it behind the exception's name. */
    private static String reason(Element notPassed) {
        String message = notPassed.getAttribute("message");
        String line = (message.isEmpty() ? notPassed.getTextContent() : message)
                .strip()
                .lines()
                .findFirst()
                .orElse("");
        return line.replaceFirst("^[\\w.$]+(Exception|Error): ", "");
    }

    private static List<Element> children(Element parent) {
        List<Element> children = new ArrayList<>();
        NodeList nodes = parent.getChildNodes();
        for (int i = 0; i < nodes.getLength(); i++) {
            if (nodes.item(i) instanceof Element child) {
                children.add(child);
            }
        }
        return children;
    }

    private static Document parse(Path report) throws IOException {
        try {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(report.toFile());
        } catch (SAXException | ParserConfigurationException e) {
            throw new IOException("cannot read " + report + ": " + e.getMessage(), e);
        }
    }
}
