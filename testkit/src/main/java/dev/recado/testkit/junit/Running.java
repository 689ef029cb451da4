package dev.recado.testkit.junit;

import dev.recado.Broker;
import dev.recado.testkit.internal.Eventually;
import dev.recado.testkit.internal.Timeouts;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

/** One broker that {@link RecadoBroker} asks for, from its start to the look at what it leaves. */
final class Running {

    private final RecadoBroker settings;
    private final Timeouts timeouts;
    private final Set<RecadoBroker.Leak> failOn;
    private final LeftThreads threads;

    /** One of them. */
    private final TestBroker withNetwork;

    private final Broker alone;

    /**
     * Starts it.
     *
     * @param type {@link TestBroker} or {@link Broker}
     * @param threads begun before it starts
     */
    Running(
            RecadoBroker settings,
            Class<?> type,
            Set<RecadoBroker.Leak> failOn,
            LeftThreads threads,
            Timeouts timeouts) {
        this.settings = settings;
        this.failOn = failOn;
        this.threads = threads;
        this.timeouts = timeouts;
        RecadoBroker.Configuration configuration = configuration(settings.configuration());
        UnaryOperator<Broker.Builder> configured = builder -> {
            configuration.configure(builder);
            return builder;
        };
        URI listen = URI.create(settings.listen());
        if (type == TestBroker.class) {
            withNetwork = new TestBroker(listen, configured, timeouts);
            alone = null;
        } else {
            withNetwork = null;
            alone = configured.apply(Broker.builder().listen(listen)).start();
        }
    }

    private static RecadoBroker.Configuration configuration(Class<? extends RecadoBroker.Configuration> type) {
        try {
            var constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (InvocationTargetException e) {
            throw new ExtensionConfigurationException("the constructor of " + type.getName() + " failed", e.getCause());
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new ExtensionConfigurationException(
                    "a broker's configuration needs a constructor without parameters, as " + type.getName()
                            + " has not",
                    e);
        }
    }

    RecadoBroker settings() {
        return settings;
    }

    boolean is(Class<?> type) {
        return type.isInstance(instance());
    }

    Object instance() {
        return withNetwork == null ? alone : withNetwork;
    }

    /** Closes it, and tells which connections were left. */
    List<String> close() {
        try {
            return failOn.contains(RecadoBroker.Leak.CONNECTIONS) ? connectionsLeft() : List.of();
        } finally {
            if (withNetwork != null) {
                withNetwork.close();
            } else {
                alone.close();
            }
        }
    }

    /** Tells which threads are left, when all brokers of its time have been closed. */
    List<String> threadsLeft() {
        if (!failOn.contains(RecadoBroker.Leak.THREADS)) {
            return List.of();
        }
        return threads.afterAtMost(timeouts.arrival()).stream()
                .map(thread ->
                        "thread '" + thread.getName() + "', which is at " + Arrays.toString(thread.getStackTrace()))
                .toList();
    }

    private List<String> connectionsLeft() {
        if (withNetwork != null) {
            return withNetwork.connectionsLeft();
        }
        Eventually.holds(timeouts.arrival(), () -> alone.clients().isEmpty());
        return TestBroker.describe(alone, 0);
    }
}
