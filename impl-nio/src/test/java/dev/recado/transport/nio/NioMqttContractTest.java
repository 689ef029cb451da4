package dev.recado.transport.nio;

import dev.recado.Broker;
import dev.recado.testkit.mqtt.BrokerUnderTest;
import dev.recado.testkit.mqtt.MqttContract;

class NioMqttContractTest extends MqttContract {

    @Override
    protected BrokerUnderTest startBroker() {
        Broker broker =
                Broker.builder().listen("mqtt://127.0.0.1:0").transport("nio").start();
        return BrokerUnderTest.at(broker.endpoint())
                .refusingTopic("$recado/kit")
                .closing(broker)
                .deviatingAsIn(MqttContract.class.getResource("open.txt"));
    }
}
