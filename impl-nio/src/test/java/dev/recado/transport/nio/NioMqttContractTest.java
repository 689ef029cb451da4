package dev.recado.transport.nio;

import dev.recado.Broker;
import dev.recado.testkit.mqtt.BrokerUnderTest;
import dev.recado.testkit.mqtt.MqttContract;
import dev.recado.testkit.mqtt.RecadoUnderTest;

class NioMqttContractTest extends MqttContract {

    @Override
    protected BrokerUnderTest startBroker() {
        Broker broker = Broker.builder()
                .listen("mqtt://127.0.0.1:0")
                .transport("nio")
                .authenticator(RecadoUnderTest.authenticator())
                .start();
        return RecadoUnderTest.at(broker.endpoint()).closing(broker);
    }
}
