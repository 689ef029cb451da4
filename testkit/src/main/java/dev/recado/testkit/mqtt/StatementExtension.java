package dev.recado.testkit.mqtt;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.opentest4j.TestAbortedException;

/**
 * Runs each test of a {@link Chapter}: a failure names the statement and shows what went over the wire, a known deviation
 * must still deviate, and no connection outlives its test.
 */
final class StatementExtension implements BeforeEachCallback, InvocationInterceptor, AfterEachCallback {

    private static final String ARRIVAL = "recado.testkit.arrivalTimeoutMillis";
    private static final long ARRIVAL_MILLIS = 10_000;

    /** What is known to fail need not be waited for. */
    private static final long DEVIATION_MILLIS = 1_000;

    static final Pattern STATEMENT =
            Pattern.compile("(?:required|recommended|untested)_(v5|v311)_(\\d+)_(\\d+)_(\\d+)_(\\d+)_\\w+");
    private static final Pattern SECTION =
            Pattern.compile("(?:required|recommended|untested)_(v5|v311)_section((?:_\\d+)+)_\\w+");

    @Override
    public void beforeEach(ExtensionContext context) {
        chapter(context).patience = Duration.ofMillis(
                context.getConfigurationParameter(ARRIVAL).map(Long::parseLong).orElse(ARRIVAL_MILLIS));
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        run(invocation, name(context), "", context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        run(invocation, name(context), "[" + method.getArguments().get(0) + "]", context);
    }

    private static void run(Invocation<Void> invocation, String test, String theCase, ExtensionContext context)
            throws Throwable {
        Chapter chapter = chapter(context);
        String reason = chapter.broker.deviation(test, theCase);
        if (reason != null && chapter.patience.toMillis() > DEVIATION_MILLIS) {
            chapter.patience = Duration.ofMillis(DEVIATION_MILLIS);
        }
        try {
            chapter.requireVersion();
            invocation.proceed();
        } catch (TestAbortedException skipped) {
            throw skipped;
        } catch (Throwable failure) {
            if (reason != null) {
                throw new TestAbortedException("known deviation (" + reason + "): " + failure.getMessage(), failure);
            }
            throw new AssertionError(
                    statement(test) + theCase + ": " + failure.getMessage() + "\n" + chapter.transcript(), failure);
        }
        if (reason != null) {
            throw new AssertionError(test + theCase + " passes: it is no longer a deviation (" + reason + ")");
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        chapter(context).closeAll();
    }

    /** The statement or section that a test is named for, as messages cite it. */
    static String statement(String testName) {
        Matcher statement = STATEMENT.matcher(testName);
        if (statement.matches()) {
            return "MQTT-" + statement.group(2) + "." + statement.group(3) + "." + statement.group(4) + "-"
                    + statement.group(5) + " of " + version(statement);
        }
        Matcher section = SECTION.matcher(testName);
        if (section.matches()) {
            return "section " + section.group(2).substring(1).replace('_', '.') + " of " + version(section);
        }
        throw new IllegalArgumentException("a test must be named for a statement or a section, but is " + testName);
    }

    private static Version version(Matcher matcher) {
        return matcher.group(1).equals("v5") ? Version.V5 : Version.V311;
    }

    private static Chapter chapter(ExtensionContext context) {
        return (Chapter) context.getRequiredTestInstance();
    }

    private static String name(ExtensionContext context) {
        return context.getRequiredTestMethod().getName();
    }
}
