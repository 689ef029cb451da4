package dev.recado.samples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** What the Javadoc of the API may not leave out. The build checks what is there; this, what is not. */
class JavadocTest {

    private static final Path API = Documents.ROOT.resolve("api/src/main/java/dev/recado");

    /** What a record's components are is said once, at the record. */
    private static final Pattern COMPACT_CONSTRUCTOR = Pattern.compile("public \\w+ \\{");

    private static final Pattern THREADS = Pattern.compile("thread", Pattern.CASE_INSENSITIVE);

    @Test
    void shouldLeaveOutNoCommentAndNoTag() throws IOException {
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        javac(found, "-Xdoclint:all/public").analyze();

        assertThat(found.getDiagnostics())
                .filteredOn(diagnostic ->
                        !COMPACT_CONSTRUCTOR.matcher(line(diagnostic)).find())
                .isEmpty();
    }

    /** Records, enums and exceptions are values: the package says so once. */
    @Test
    void shouldSayOfEachTypeWhoMayCallItFromWhichThread() throws IOException {
        JavacTask javac = javac(new DiagnosticCollector<>());
        DocTrees comments = DocTrees.instance(javac);
        List<String> silent = new ArrayList<>();
        int types = 0;
        for (CompilationUnitTree file : javac.parse()) {
            for (Tree declaration : file.getTypeDecls()) {
                if (declaration instanceof ClassTree type && isAsked(type)) {
                    types++;
                    DocCommentTree comment = comments.getDocCommentTree(TreePath.getPath(file, type));
                    if (!THREADS.matcher(String.valueOf(comment)).find()) {
                        silent.add(type.getSimpleName().toString());
                    }
                }
            }
        }

        assertThat(types).isGreaterThan(30);
        assertThat(silent).isEmpty();
    }

    private static boolean isAsked(ClassTree type) {
        return type.getModifiers().getFlags().contains(Modifier.PUBLIC)
                && (type.getKind() == Tree.Kind.CLASS || type.getKind() == Tree.Kind.INTERFACE)
                && !type.getSimpleName().toString().endsWith("Exception");
    }

    private static JavacTask javac(DiagnosticCollector<JavaFileObject> diagnostics, String... options)
            throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StandardJavaFileManager files = compiler.getStandardFileManager(diagnostics, Locale.ROOT, null);
        try (Stream<Path> sources = Files.walk(API)) {
            List<Path> java =
                    sources.filter(file -> file.toString().endsWith(".java")).toList();
            return (JavacTask) compiler.getTask(
                    null, files, diagnostics, List.of(options), null, files.getJavaFileObjectsFromPaths(java));
        }
    }

    private static String line(Diagnostic<? extends JavaFileObject> diagnostic) {
        try {
            return diagnostic
                    .getSource()
                    .getCharContent(true)
                    .toString()
                    .lines()
                    .skip(diagnostic.getLineNumber() - 1)
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
