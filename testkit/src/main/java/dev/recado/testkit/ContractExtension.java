package dev.recado.testkit;

import dev.recado.testkit.internal.Timeouts;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.opentest4j.TestAbortedException;

/**
 * Gives each test of a contract its {@link Rig}, bounds it in time, and sees to it that every failure names a rule.
 *
 * <p>The test runs on a thread of its own: one that hangs, be it in a call that no interrupt ends, is left behind with a
 * thread dump, and the next test goes on.
 */
final class ContractExtension implements BeforeEachCallback, AfterEachCallback, InvocationInterceptor {

    private static final Pattern NAME = Pattern.compile("(?:required|untested)_([A-Z])0?(\\d+)_.*");
    private static final Pattern CITES_A_RULE = Pattern.compile("(?s)[A-Z]\\d+: .*");

    /** What one test of a contract works with. */
    interface Run extends AutoCloseable {

        Timeouts timeouts();

        TransportThreads threads();

        /** Closes what the test used; throws what went wrong beside it. */
        @Override
        void close() throws Exception;
    }

    private final BiFunction<Timeouts, String, Run> begin;
    private Run run;

    /** One for each test; {@code begin} gets the bounds and the test's name. */
    ContractExtension(BiFunction<Timeouts, String, Run> begin) {
        this.begin = begin;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        run = begin.apply(
                Timeouts.from(context::getConfigurationParameter),
                context.getRequiredTestMethod().getName());
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        run(context, "the test", invocation::proceed);
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        try {
            run(context, "closing what it used", run::close);
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new AssertionError(rule(context) + ": " + t, t);
        }
    }

    private void run(ExtensionContext context, String what, Rig.Body body) throws Throwable {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        TransportThreads threads = run.threads();
        Duration bound = run.timeouts().test();
        Thread runner = threads.newKitThread("runner", () -> {
            try {
                body.run();
            } catch (Throwable t) {
                failure.set(t);
            }
        });
        runner.start();
        runner.join(bound.toMillis());
        if (runner.isAlive()) {
            String dump = threads.dump();
            runner.interrupt();
            throw new AssertionError(
                    rule(context) + ": " + what + " must end within " + bound + ", but did not;\n" + dump);
        }
        Throwable thrown = failure.get();
        if (thrown instanceof TestAbortedException || thrown == null || citesARule(thrown)) {
            if (thrown != null) {
                throw thrown;
            }
            return;
        }
        throw new AssertionError(rule(context) + ": " + what + " failed with " + thrown, thrown);
    }

    private static boolean citesARule(Throwable thrown) {
        return thrown instanceof AssertionError
                && thrown.getMessage() != null
                && CITES_A_RULE.matcher(thrown.getMessage()).matches();
    }

    private static String rule(ExtensionContext context) {
        Matcher matcher = NAME.matcher(context.getRequiredTestMethod().getName());
        return matcher.matches() ? matcher.group(1) + matcher.group(2) : "the contract";
    }
}
