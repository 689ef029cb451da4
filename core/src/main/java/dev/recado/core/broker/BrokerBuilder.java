package dev.recado.core.broker;

import dev.recado.Broker;
import dev.recado.BrokerListener;
import dev.recado.DuplicateClientIds;
import dev.recado.Limits;
import dev.recado.RolePolicy;
import dev.recado.Tls;
import dev.recado.auth.Authenticator;
import dev.recado.auth.Authorizer;
import dev.recado.core.TransportChoice;
import dev.recado.core.codec.TopicRules;
import dev.recado.core.time.Timers;
import dev.recado.spi.Endpoints;
import dev.recado.spi.Layer;
import dev.recado.spi.Transport;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.LoggerFactory;

/** Behind {@link Broker#builder()}. */
public final class BrokerBuilder implements Broker.Builder {

    private final List<URI> endpoints = new ArrayList<>();
    private final TransportChoice transport = new TransportChoice();
    private final List<BrokerListener> listeners = new ArrayList<>();
    private RolePolicy roles = RolePolicy.STATED;
    private DuplicateClientIds duplicateClientIds = DuplicateClientIds.TAKE_OVER;
    private Limits limits = Limits.defaults();
    private HistoryDepths history = HistoryDepths.NONE;
    private boolean anonymousAllowed;
    private boolean checksPayloadFormat;
    private String responseInformation;
    private Authenticator authenticator;
    private Authorizer authorizer;
    private Timers timers;
    private Clock wallClock = Clock.systemUTC();
    private Consumer<String> warnings = LoggerFactory.getLogger(Broker.class)::warn;

    @Override
    public Broker.Builder listen(URI endpoint) {
        endpoints.add(Objects.requireNonNull(endpoint, "endpoint"));
        return this;
    }

    @Override
    public Broker.Builder transport(String name) {
        transport.name(name);
        return this;
    }

    @Override
    public Broker.Builder transport(Transport shared) {
        transport.shared(shared);
        return this;
    }

    @Override
    public Broker.Builder tls(Tls encryption) {
        transport.tls(encryption);
        return this;
    }

    @Override
    public Broker.Builder layer(Layer layer) {
        transport.addLayer(layer);
        return this;
    }

    @Override
    public Broker.Builder roles(RolePolicy policy) {
        roles = Objects.requireNonNull(policy, "policy");
        return this;
    }

    @Override
    public Broker.Builder duplicateClientIds(DuplicateClientIds rule) {
        duplicateClientIds = Objects.requireNonNull(rule, "rule");
        return this;
    }

    @Override
    public Broker.Builder limits(UnaryOperator<Limits> change) {
        limits = Objects.requireNonNull(change.apply(limits), "limits");
        return this;
    }

    @Override
    public Broker.Builder history(String filter, int messages) {
        String violation = TopicRules.filterViolation(filter);
        if (violation != null) {
            throw new IllegalArgumentException(violation);
        }
        if (messages < 0 || messages > ReplayDepth.MOST) {
            throw new IllegalArgumentException("the history of '" + filter + "' must be 0 to " + ReplayDepth.MOST
                    + " messages, but is " + messages);
        }
        history = history.with(filter, messages);
        return this;
    }

    @Override
    public Broker.Builder allowAnonymous() {
        anonymousAllowed = true;
        return this;
    }

    @Override
    public Broker.Builder authenticator(Authenticator decides) {
        authenticator = Objects.requireNonNull(decides, "decides");
        return this;
    }

    @Override
    public Broker.Builder authorizer(Authorizer decides) {
        authorizer = Objects.requireNonNull(decides, "decides");
        return this;
    }

    @Override
    public Broker.Builder checkPayloadFormat() {
        checksPayloadFormat = true;
        return this;
    }

    @Override
    public Broker.Builder responseInformation(String text) {
        responseInformation = Objects.requireNonNull(text, "text");
        return this;
    }

    @Override
    public Broker.Builder listener(BrokerListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
        return this;
    }

    /** For tests: another clock. */
    BrokerBuilder timers(Timers other) {
        timers = other;
        return this;
    }

    /** For tests: somewhere else than the log. */
    BrokerBuilder warnings(Consumer<String> other) {
        warnings = other;
        return this;
    }

    @Override
    public Broker start() {
        endpoints.forEach(this::checkDoor);
        transport.requireTlsFor(endpoints);
        RecadoBroker broker = new RecadoBroker(
                new BrokerOptions(
                        limits,
                        roles,
                        duplicateClientIds,
                        history,
                        checksPayloadFormat,
                        responseInformation,
                        authenticator,
                        authorizer,
                        List.copyOf(listeners)),
                timers == null ? Timers.system("recado-broker-timers") : timers,
                wallClock,
                warnings);
        broker.start(endpoints, transport);
        return broker;
    }

    /** Nobody opens a door to the world by accident. */
    private void checkDoor(URI endpoint) {
        if (anonymousAllowed || authenticator != null || endpoint.getHost() == null) {
            // An endpoint without a host, such as a file's path, is reachable on this machine only.
            return;
        }
        InetSocketAddress address = Endpoints.resolve(endpoint);
        if (!address.isUnresolved() && !address.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException("endpoint '" + endpoint + "' is reachable from outside this machine, and"
                    + " everyone could connect; set an authenticator(...), call allowAnonymous() if that is meant, or listen"
                    + " on 127.0.0.1");
        }
    }
}
