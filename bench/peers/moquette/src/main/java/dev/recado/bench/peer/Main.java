package dev.recado.bench.peer;

import io.moquette.broker.Server;
import io.moquette.broker.config.IConfig;
import io.moquette.broker.config.MemoryConfig;
import java.util.Properties;

/** Moquette, in memory, everybody welcome, on the port given; ends when its standard input does. */
public final class Main {

    private Main() {}

    public static void main(String[] args) throws Exception {
        Properties settings = new Properties();
        settings.setProperty(IConfig.HOST_PROPERTY_NAME, "127.0.0.1");
        settings.setProperty(IConfig.PORT_PROPERTY_NAME, args[0]);
        settings.setProperty(IConfig.ALLOW_ANONYMOUS_PROPERTY_NAME, "true");
        settings.setProperty(IConfig.PERSISTENCE_ENABLED_PROPERTY_NAME, "false");
        settings.setProperty(IConfig.ENABLE_TELEMETRY_NAME, "false");
        settings.setProperty(IConfig.DATA_PATH_PROPERTY_NAME, args[1]);
        // Else what a flush has not taken waits for a timer.
        settings.setProperty(IConfig.BUFFER_FLUSH_MS_PROPERTY_NAME, "0");
        Server broker = new Server();
        broker.startServer(new MemoryConfig(settings));
        System.in.transferTo(System.out);
        broker.stopServer();
        System.exit(0);
    }
}
