package dev.recado.bench.peer;

import java.nio.file.Path;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;

/** Artemis with its MQTT protocol, in memory, everybody welcome, on the port given; ends when its standard input does. */
public final class Main {

    private Main() {}

    public static void main(String[] args) throws Exception {
        Configuration settings = new ConfigurationImpl()
                .setPersistenceEnabled(false)
                .setSecurityEnabled(false)
                .setJMXManagementEnabled(false)
                .addAcceptorConfiguration("mqtt", "tcp://127.0.0.1:" + args[0] + "?protocols=MQTT")
                .addAddressSetting(
                        "#", new AddressSettings().setAutoDeleteAddresses(true).setAutoDeleteQueues(true));
        settings.setBrokerInstance(Path.of(args[1]).toFile());
        EmbeddedActiveMQ broker = new EmbeddedActiveMQ();
        broker.setConfiguration(settings);
        broker.start();
        System.in.transferTo(System.out);
        broker.stop();
        System.exit(0);
    }
}
