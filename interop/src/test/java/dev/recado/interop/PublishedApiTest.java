package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.doctree.DocTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import dev.recado.Broker;
import dev.recado.core.RecadoEngine;
import dev.recado.testkit.TransportContract;
import dev.recado.transport.blocking.BlockingTransport;
import dev.recado.transport.nio.NioTransport;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What users see of the published modules. */
class PublishedApiTest {

    @Test
    void shouldExportNothingOfTheEngine() {
        assertThat(exports(RecadoEngine.class)).isEmpty();
    }

    /** What is not for users says so by its name. */
    @Test
    void shouldExportEachPackageOfTheOtherModules() {
        for (Class<?> type :
                List.of(Broker.class, NioTransport.class, BlockingTransport.class, TransportContract.class)) {
            Set<String> packages = new HashSet<>(descriptor(type).packages());
            packages.removeIf(name -> name.endsWith(".internal"));
            assertThat(exports(type)).isNotEmpty().isEqualTo(packages);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "api,           dev.recado.Broker",
        "impl-nio,      dev.recado.transport.nio.NioTransport",
        "impl-blocking, dev.recado.transport.blocking.BlockingTransport",
        "testkit,       dev.recado.testkit.TransportContract"
    })
    void shouldSaySinceWhenEachTypeIsThere(String folder, Class<?> typeOfTheModule) throws IOException {
        List<String> without = new ArrayList<>();
        int types = 0;
        for (String exported : exports(typeOfTheModule)) {
            for (PublicType type : publicTypes(Path.of("..", folder, "src/main/java", exported.replace('.', '/')))) {
                types++;
                if (!type.saysSince()) {
                    without.add(exported + "." + type.name());
                }
            }
        }

        assertThat(types).isPositive();
        assertThat(without).as("types without @since").isEmpty();
    }

    private record PublicType(String name, boolean saysSince) {}

    /** Top-level ones; what is nested is as old as what it is nested in, unless it says otherwise. */
    private static List<PublicType> publicTypes(Path sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<PublicType> types = new ArrayList<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> paths = Files.list(sources)) {
            List<Path> java = paths.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> !path.endsWith("package-info.java"))
                    .toList();
            JavacTask task = (JavacTask)
                    compiler.getTask(null, files, null, null, null, files.getJavaFileObjectsFromPaths(java));
            DocTrees docs = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                for (Tree tree : unit.getTypeDecls()) {
                    if (tree instanceof ClassTree type
                            && type.getModifiers().getFlags().contains(Modifier.PUBLIC)) {
                        var comment = docs.getDocCommentTree(TreePath.getPath(unit, type));
                        boolean saysSince = comment != null
                                && comment.getBlockTags().stream().anyMatch(tag -> tag.getKind() == DocTree.Kind.SINCE);
                        types.add(new PublicType(type.getSimpleName().toString(), saysSince));
                    }
                }
            }
        }
        return types;
    }

    private static Set<String> exports(Class<?> typeOfTheModule) {
        return descriptor(typeOfTheModule).exports().stream()
                .filter(exported -> !exported.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());
    }

    private static ModuleDescriptor descriptor(Class<?> typeOfTheModule) {
        return ModuleFinder.of(Modules.pathOf(typeOfTheModule)).findAll().stream()
                .map(reference -> reference.descriptor())
                .collect(Collectors.collectingAndThen(Collectors.toList(), found -> {
                    assertThat(found).hasSize(1);
                    return found.get(0);
                }));
    }
}
