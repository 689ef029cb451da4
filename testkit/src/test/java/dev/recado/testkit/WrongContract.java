package dev.recado.testkit;

import dev.recado.spi.Transport;
import dev.recado.testkit.internal.Timeouts;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.engine.TestExecutionResult;

/** The contract of the wrong transport that a configuration parameter names. Not found by a build: it is there to fail. */
@ExtendWith(WrongContract.ByName.class)
class WrongContract extends TransportContract {

    private static final String PARAMETER = "recado.testkit.wrong";

    private final WrongTransport wrong;

    WrongContract(WrongTransport wrong) {
        this.wrong = wrong;
    }

    @Override
    protected Transport createTransport() {
        return wrong.factory.get();
    }

    static Map<String, TestExecutionResult> run(WrongTransport wrong, Collection<String> tests, Duration testTimeout) {
        return ContractRun.of(
                WrongContract.class,
                tests,
                Map.of(
                        PARAMETER,
                        wrong.name(),
                        Timeouts.ARRIVAL,
                        "900",
                        Timeouts.SILENCE,
                        "60",
                        Timeouts.TEST,
                        Long.toString(testTimeout.toMillis())));
    }

    static final class ByName implements ParameterResolver {

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == WrongTransport.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return WrongTransport.valueOf(
                    context.getConfigurationParameter(PARAMETER).orElseThrow());
        }
    }
}
