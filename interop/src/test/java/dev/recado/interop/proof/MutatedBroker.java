package dev.recado.interop.proof;

import dev.recado.Broker;
import dev.recado.testkit.mqtt.BrokerUnderTest;
import dev.recado.testkit.mqtt.MqttContract;
import dev.recado.testkit.mqtt.RecadoUnderTest;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstancePostProcessor;

/** The kit with our broker and the fault that a configuration parameter names. Not found by a build: it is there to fail. */
@ExtendWith(MutatedBroker.ByName.class)
class MutatedBroker extends MqttContract {

    static final String PARAMETER = "recado.proof.mutant";

    private Mutant mutant;

    @Override
    protected BrokerUnderTest startBroker() throws Exception {
        Broker broker = Broker.builder()
                .listen("mqtt://127.0.0.1:0")
                .transport("nio")
                .authenticator(RecadoUnderTest.authenticator())
                .start();
        FaultyProxy proxy = new FaultyProxy(broker.endpoint(), mutant.faults());
        return RecadoUnderTest.at(proxy.endpoint()).closing(() -> {
            try (broker;
                    proxy) {
                // both, whatever happens to one of them
            }
        });
    }

    static final class ByName implements TestInstancePostProcessor {

        @Override
        public void postProcessTestInstance(Object instance, ExtensionContext context) {
            if (instance instanceof MutatedBroker run) {
                run.mutant = Mutants.named(
                        context.getConfigurationParameter(PARAMETER).orElseThrow());
            }
        }
    }
}
