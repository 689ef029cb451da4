package dev.recado.testkit.junit;

import dev.recado.Broker;
import dev.recado.testkit.internal.Timeouts;
import dev.recado.testkit.junit.RecadoBroker.Leak;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;

/**
 * Starts what {@link RecadoBroker} asks for, and ends it with the class or the test that it is for.
 *
 * <p>Uses no more of JUnit than there is from 5.10 to 6. It ends brokers in its callbacks, not with JUnit's store: what they
 * leave then counts against the test, and after the test's own {@code @AfterEach} methods.
 */
final class RecadoBrokerExtension
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback, ParameterResolver {

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(RecadoBroker.class);
    private static final String PARALLEL = "junit.jupiter.execution.parallel.enabled";

    /** The brokers that one class, or one test, has; the last first. */
    private static final class Brokers {

        final Deque<Running> started = new ArrayDeque<>();
        final List<Running> ofParameters = new ArrayList<>();
    }

    // ---- Fields ----

    @Override
    public void beforeAll(ExtensionContext context) {
        fill(context, context.getRequiredTestClass(), null, Modifier::isStatic);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        for (Object instance : context.getRequiredTestInstances().getAllInstances()) {
            fill(context, instance.getClass(), instance, modifiers -> !Modifier.isStatic(modifiers));
        }
    }

    private static void fill(ExtensionContext context, Class<?> type, Object instance, Predicate<Integer> modifiers) {
        List<Field> fields = AnnotationSupport.findAnnotatedFields(
                type,
                RecadoBroker.class,
                field -> modifiers.test(field.getModifiers()),
                HierarchyTraversalMode.TOP_DOWN);
        for (Field field : fields) {
            if (!isBroker(field.getType()) || Modifier.isFinal(field.getModifiers())) {
                throw new ExtensionConfigurationException(
                        "a @RecadoBroker field must be a TestBroker or a Broker, and not final, but one is '" + field
                                + "'");
            }
            RecadoBroker settings =
                    AnnotationSupport.findAnnotation(field, RecadoBroker.class).orElseThrow();
            Running running = start(context, settings, field.getType());
            try {
                field.setAccessible(true);
                field.set(instance, running.instance());
            } catch (IllegalAccessException | RuntimeException e) {
                throw new ExtensionConfigurationException("the @RecadoBroker field '" + field + "' cannot be set", e);
            }
        }
    }

    // ---- Parameters ----

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.isAnnotated(RecadoBroker.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        if (!isBroker(type) || parameter.getDeclaringExecutable() instanceof Constructor) {
            throw new ParameterResolutionException(
                    "a @RecadoBroker parameter must be a TestBroker or a Broker, and of a method, but one is '"
                            + parameter.getParameter() + "' of " + parameter.getDeclaringExecutable());
        }
        RecadoBroker settings = parameter.findAnnotation(RecadoBroker.class).orElseThrow();
        for (ExtensionContext each = context;
                each != null;
                each = each.getParent().orElse(null)) {
            for (Running running : brokers(each).ofParameters) {
                if (running.settings().equals(settings) && running.is(type)) {
                    return running.instance();
                }
            }
        }
        Running running = start(context, settings, type);
        brokers(context).ofParameters.add(running);
        return running.instance();
    }

    private static boolean isBroker(Class<?> type) {
        return type == TestBroker.class || type == Broker.class;
    }

    // ---- Beginning and end ----

    private static Running start(ExtensionContext context, RecadoBroker settings, Class<?> type) {
        Set<Leak> failOn = EnumSet.noneOf(Leak.class);
        failOn.addAll(List.of(settings.failOn()));
        if (isParallel(context) && failOn.remove(Leak.THREADS)) {
            context.publishReportEntry("recado", "tests run in parallel: nobody looks for threads that are left");
        }
        List<String> lasting = new ArrayList<>(List.of(settings.lastingThreads()));
        if (isInTheTimeOfOthers(context)) {
            // They may start threads when it suits them.
            lasting.add("recado-");
        }
        Running running = new Running(
                settings, type, failOn, new LeftThreads(lasting), Timeouts.from(context::getConfigurationParameter));
        brokers(context).started.push(running);
        return running;
    }

    private static boolean isParallel(ExtensionContext context) {
        return context.getConfigurationParameter(PARALLEL)
                .map(Boolean::parseBoolean)
                .orElse(false);
    }

    /** Whether brokers run that are not ended with this context's. */
    private static boolean isInTheTimeOfOthers(ExtensionContext context) {
        return context.getParent()
                .map(parent -> !brokers(parent).started.isEmpty() || isInTheTimeOfOthers(parent))
                .orElse(false);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        end(context);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        end(context);
    }

    private static void end(ExtensionContext context) {
        Deque<Running> started = brokers(context).started;
        context.getStore(NAMESPACE).remove(context.getUniqueId());
        // All of them first: each may have threads that were started after another one was.
        List<String> left = new ArrayList<>();
        RuntimeException failure = null;
        for (Running running : started) {
            try {
                left.addAll(running.close());
            } catch (RuntimeException e) {
                // The others are to be closed all the same.
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
        started.forEach(running -> left.addAll(running.threadsLeft()));
        if (!left.isEmpty()) {
            throw new AssertionError("when its broker's time is over, nothing may be left of a test, but there is: "
                    + new LinkedHashSet<>(left));
        }
    }

    /** Those of this very context: a store answers for its parents, too, so the key names it. */
    private static Brokers brokers(ExtensionContext context) {
        ExtensionContext.Store store = context.getStore(NAMESPACE);
        Brokers brokers = store.get(context.getUniqueId(), Brokers.class);
        if (brokers == null) {
            brokers = new Brokers();
            store.put(context.getUniqueId(), brokers);
        }
        return brokers;
    }
}
