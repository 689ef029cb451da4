package dev.recado.transport.nio;

import dev.recado.Broker;
import dev.recado.testkit.mqtt.BrokerUnderTest;
import dev.recado.testkit.mqtt.MqttContract;

class NioMqttContractTest extends MqttContract {

    @Override
    protected BrokerUnderTest startBroker() {
        Broker broker = Broker.builder()
                .listen("mqtt://127.0.0.1:0")
                .transport("nio")
                .authenticator(new KitAuthenticator())
                .start();
        return BrokerUnderTest.at(broker.endpoint())
                .refusing(KitAuthenticator.REFUSED_USER, "any password")
                .refusingClientId(KitAuthenticator.REFUSED_CLIENT_ID)
                .authenticating(KitAuthenticator.scramClient())
                .refusingTopic("$recado/kit")
                .closing(broker)
                .deviatingAsIn(MqttContract.class.getResource("open.txt"));
    }
}
