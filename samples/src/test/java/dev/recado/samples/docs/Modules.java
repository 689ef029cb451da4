package dev.recado.samples.docs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** The modules of this build: what their POMs and module descriptors say. */
final class Modules {

    private static final Pattern NAME = Pattern.compile("^module (\\S+) \\{", Pattern.MULTILINE);
    private static final Pattern EXPORTS = Pattern.compile("^    exports (\\S+);", Pattern.MULTILINE);

    /**
     * One of them.
     *
     * @param artifact its artifact
     * @param name that of its Java module; empty when it is none
     * @param exports the packages that others see
     * @param uses those of these modules that it needs, and in which Maven scope; not for its tests only
     */
    record Module(String artifact, String name, List<String> exports, Map<String, String> uses) {}

    private Modules() {}

    /** In the order in which they are built. */
    static List<Module> read() throws Exception {
        List<Module> modules = new ArrayList<>();
        for (Element folder : children(children(pom(Documents.ROOT), "modules").get(0), "module")) {
            modules.add(read(Documents.ROOT.resolve(folder.getTextContent())));
        }
        return modules;
    }

    private static Module read(Path folder) throws Exception {
        Element pom = pom(folder);
        Map<String, String> uses = new TreeMap<>();
        for (Element dependencies : children(pom, "dependencies")) {
            for (Element dependency : children(dependencies, "dependency")) {
                String scope = text(dependency, "scope", "compile");
                if (text(dependency, "groupId", "").equals("dev.recado") && !scope.equals("test")) {
                    uses.put(text(dependency, "artifactId", ""), scope);
                }
            }
        }
        Path descriptor = folder.resolve("src/main/java/module-info.java");
        String module = Files.exists(descriptor) ? Files.readString(descriptor) : "";
        List<String> name = first(NAME, module);
        return new Module(
                text(pom, "artifactId", ""),
                name.isEmpty() ? "" : name.get(0),
                first(EXPORTS, module),
                Collections.unmodifiableMap(uses));
    }

    private static List<String> first(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    private static Element pom(Path folder) throws Exception {
        Document document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(folder.resolve("pom.xml").toFile());
        return document.getDocumentElement();
    }

    private static String text(Element parent, String name, String otherwise) {
        List<Element> found = children(parent, name);
        return found.isEmpty() ? otherwise : found.get(0).getTextContent();
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && element.getTagName().equals(name)) {
                found.add(element);
            }
        }
        return found;
    }
}
