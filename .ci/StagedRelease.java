import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * What Maven Central's portal asks of a release, and what we ask beyond that, looked at in the staged files. Run by
 * .ci/release-check: {@code java StagedRelease.java STAGING GROUP VERSION LIBRARIES}, where LIBRARIES has recado-nio and what it
 * brings along. Signatures are left to gpg.
 */
public class StagedRelease {

    private static final Set<String> JARS =
            Set.of("recado-api", "recado-core", "recado-nio", "recado-blocking", "recado-testkit");
    private static final Set<String> NATIVE = Set.of("recado-core", "recado-nio", "recado-blocking");
    private static final String BOM = "recado-bom";

    /** Anything else in a POM is for our build only, or would be inherited from a parent that is not there. */
    private static final Set<String> POM_ELEMENTS = Set.of(
            "modelVersion",
            "groupId",
            "artifactId",
            "version",
            "packaging",
            "name",
            "description",
            "url",
            "licenses",
            "developers",
            "scm",
            "dependencies");

    private static final Set<String> POM_REQUIRED =
            Set.of("groupId", "artifactId", "version", "name", "description", "url", "licenses", "developers", "scm");

    private final Path group;
    private final String groupId;
    private final String version;
    private final Set<String> problems = new TreeSet<>();

    StagedRelease(Path staging, String groupId, String version) {
        this.group = staging.resolve(groupId.replace('.', '/'));
        this.groupId = groupId;
        this.version = version;
    }

    public static void main(String[] args) throws Exception {
        StagedRelease release = new StagedRelease(Path.of(args[0]), args[1], args[2]);
        release.checkArtifacts();
        release.checkModules(Path.of(args[3]));
        release.problems.forEach(System.err::println);
        if (!release.problems.isEmpty()) {
            System.exit(1);
        }
        System.out.println("staged release: " + (JARS.size() + 1) + " artifacts, and they are as they should be");
    }

    private void require(boolean holds, String artifact, String problem) {
        if (!holds) {
            problems.add(artifact + ": " + problem);
        }
    }

    private void checkArtifacts() throws Exception {
        Set<String> expected = new TreeSet<>(JARS);
        expected.add(BOM);
        require(names(group).equals(expected), "staged", names(group) + ", not " + expected);
        for (String artifact : expected) {
            checkFiles(artifact);
            checkPom(artifact);
        }
        for (String artifact : JARS) {
            checkJar(artifact);
            checkSbom(artifact);
        }
    }

    /** The files there are, no other ones, each with its checksums and a signature. */
    private void checkFiles(String artifact) throws Exception {
        Path folder = group.resolve(artifact).resolve(version);
        Stream<String> main = artifact.equals(BOM)
                ? Stream.of(".pom", "-cyclonedx.json")
                : Stream.of(".pom", "-cyclonedx.json", ".jar", "-sources.jar", "-javadoc.jar");
        Set<String> files = main.map(end -> artifact + "-" + version + end).collect(Collectors.toSet());
        Set<String> all = new TreeSet<>(files);
        for (String file : files) {
            Stream.of(".md5", ".sha1", ".sha256", ".sha512", ".asc").map(file::concat).forEach(all::add);
        }
        Set<String> found = names(folder);
        require(found.equals(all), artifact, "has " + difference(found, all) + ", lacks " + difference(all, found));
        Map<String, String> algorithms = Map.of(".md5", "MD5", ".sha1", "SHA-1", ".sha256", "SHA-256", ".sha512", "SHA-512");
        for (String file : files) {
            for (var algorithm : algorithms.entrySet()) {
                Path sum = folder.resolve(file + algorithm.getKey());
                byte[] digest = MessageDigest.getInstance(algorithm.getValue()).digest(Files.readAllBytes(folder.resolve(file)));
                require(
                        Files.exists(sum)
                                && Files.readString(sum).trim().equals(HexFormat.of().formatHex(digest)),
                        artifact,
                        sum.getFileName() + " is wrong");
            }
        }
    }

    private void checkPom(String artifact) throws Exception {
        String text = Files.readString(file(artifact, ".pom"));
        require(!text.contains("${"), artifact, "its POM has a placeholder");
        require(!text.contains("SNAPSHOT"), artifact, "its POM has a snapshot");
        Element pom = pom(artifact);
        Set<String> elements = elements(pom).map(Node::getNodeName).collect(Collectors.toCollection(TreeSet::new));
        Set<String> allowed = new TreeSet<>(POM_ELEMENTS);
        if (artifact.equals(BOM)) {
            allowed.remove("dependencies");
            allowed.add("dependencyManagement");
        }
        require(allowed.containsAll(elements), artifact, "its POM has " + difference(elements, allowed));
        require(elements.containsAll(POM_REQUIRED), artifact, "its POM lacks " + difference(POM_REQUIRED, elements));
        require(child(pom, "groupId").equals(groupId), artifact, "is of the group " + child(pom, "groupId"));
        require(child(pom, "version").equals(version), artifact, "has the version " + child(pom, "version"));
        for (String name : POM_REQUIRED) {
            require(!child(pom, name).isBlank(), artifact, "its POM's " + name + " is empty");
        }
        if (artifact.equals(BOM)) {
            Set<String> managed = dependencies(pom).map(each -> child(each, "artifactId")).collect(Collectors.toSet());
            require(managed.equals(JARS), artifact, "manages " + managed);
        }
        dependencies(pom).forEach(dependency -> {
            String scope = child(dependency, "scope");
            String name = child(dependency, "groupId") + ":" + child(dependency, "artifactId");
            boolean ours = child(dependency, "groupId").equals(groupId);
            require(!child(dependency, "version").isBlank(), artifact, name + " has no version");
            require(!ours || child(dependency, "version").equals(version), artifact, name + " has another version");
            require(
                    ours || name.equals("org.slf4j:slf4j-api") || scope.equals("provided"),
                    artifact,
                    name + " is needed: slf4j-api is all that may be");
            require(!scope.equals("test"), artifact, name + " is of our tests");
        });
    }

    private void checkJar(String artifact) throws Exception {
        ModuleReference module = ModuleFinder.of(file(artifact, ".jar")).findAll().iterator().next();
        ModuleDescriptor descriptor = module.descriptor();
        require(!descriptor.isAutomatic(), artifact, "is an automatic module");
        try (JarFile jar = new JarFile(file(artifact, ".jar").toFile())) {
            Attributes manifest = jar.getManifest().getMainAttributes();
            require(manifest.getValue("Automatic-Module-Name") == null, artifact, "has an Automatic-Module-Name");
            require(descriptor.name().equals(manifest.getValue("Bundle-SymbolicName")), artifact, "is another bundle than module");
            require(version.equals(manifest.getValue("Bundle-Version")), artifact, "is bundle " + manifest.getValue("Bundle-Version"));
            Set<String> exports = descriptor.exports().stream()
                    .filter(each -> !each.isQualified())
                    .map(ModuleDescriptor.Exports::source)
                    .collect(Collectors.toCollection(TreeSet::new));
            Set<String> bundleExports = exportedPackages(manifest.getValue("Export-Package"));
            require(exports.equals(bundleExports), artifact, "exports " + exports + ", the bundle " + bundleExports);
            String metadata = "META-INF/native-image/dev.recado/" + artifact + "/reachability-metadata.json";
            require(!NATIVE.contains(artifact) || jar.getEntry(metadata) != null, artifact, "lacks " + metadata);
            require(jar.getEntry("META-INF/maven/") == null, artifact, "has META-INF/maven");
            checkSources(artifact, jar);
        }
        try (JarFile javadoc = new JarFile(file(artifact, "-javadoc.jar").toFile())) {
            require(javadoc.getEntry("index.html") != null, artifact, "its Javadoc has no index.html");
        }
    }

    /** Every class has its source in the sources jar. */
    private void checkSources(String artifact, JarFile jar) throws IOException {
        try (JarFile sources = new JarFile(file(artifact, "-sources.jar").toFile())) {
            jar.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.endsWith(".class") && !name.contains("$"))
                    .map(name -> name.replace(".class", ".java"))
                    .forEach(name -> require(sources.getEntry(name) != null, artifact, "its sources lack " + name));
        }
    }

    /** The SBOM names the artifact and all that its POM says it needs. */
    private void checkSbom(String artifact) throws Exception {
        String sbom = Files.readString(file(artifact, "-cyclonedx.json"));
        String prefix = "\"purl\" : \"pkg:maven/";
        require(sbom.contains(prefix + groupId + "/" + artifact + "@" + version), artifact, "its SBOM is not of it");
        dependencies(pom(artifact))
                .filter(each -> !child(each, "scope").equals("provided"))
                .map(each -> child(each, "groupId") + "/" + child(each, "artifactId") + "@" + child(each, "version"))
                .forEach(each -> require(sbom.contains(prefix + each), artifact, "its SBOM lacks " + each));
    }

    /** From the API alone, the JVM finds engine and transport; and none of the modules is an automatic one. */
    private void checkModules(Path libraries) {
        ModuleFinder finder = ModuleFinder.of(libraries);
        finder.findAll().stream()
                .map(ModuleReference::descriptor)
                .filter(ModuleDescriptor::isAutomatic)
                .forEach(each -> problems.add(each.name() + " is an automatic module"));
        Set<String> resolved =
                Configuration.empty().resolveAndBind(finder, ModuleFinder.ofSystem(), Set.of("dev.recado")).modules().stream()
                        .map(each -> each.name())
                        .filter(name -> !name.startsWith("java.") && !name.startsWith("jdk."))
                        .collect(Collectors.toCollection(TreeSet::new));
        Set<String> expected = Set.of("dev.recado", "dev.recado.core", "dev.recado.transport.nio", "org.slf4j");
        require(resolved.equals(expected), "modules", "dev.recado brings " + resolved + ", not " + expected);
    }

    private Path file(String artifact, String end) {
        return group.resolve(artifact).resolve(version).resolve(artifact + "-" + version + end);
    }

    private Element pom(String artifact) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(file(artifact, ".pom").toFile())
                .getDocumentElement();
    }

    private static Stream<Element> dependencies(Element pom) {
        NodeList all = pom.getElementsByTagName("dependency");
        return Stream.iterate(0, i -> i < all.getLength(), i -> i + 1).map(i -> (Element) all.item(i));
    }

    private static Stream<Element> elements(Element parent) {
        NodeList all = parent.getChildNodes();
        return Stream.iterate(0, i -> i < all.getLength(), i -> i + 1)
                .map(all::item)
                .filter(Element.class::isInstance)
                .map(Element.class::cast);
    }

    /** Text of the child with that name, or an empty one. */
    private static String child(Element parent, String name) {
        return elements(parent)
                .filter(each -> each.getNodeName().equals(name))
                .map(Node::getTextContent)
                .findFirst()
                .orElse("");
    }

    /** Of {@code a.b;version="1";uses:="c,d",e}: {@code a.b} and {@code e}. */
    private static Set<String> exportedPackages(String header) {
        if (header == null) {
            return Set.of();
        }
        String unquoted = Pattern.compile("\"[^\"]*\"").matcher(header).replaceAll("");
        return Stream.of(unquoted.split(","))
                .map(clause -> clause.split(";")[0].trim())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(each -> each.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static List<String> difference(Set<String> some, Set<String> others) {
        return some.stream().filter(each -> !others.contains(each)).sorted().toList();
    }
}
