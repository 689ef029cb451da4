package dev.recado.samples.docs;

import dev.recado.Broker;

/** Shown in {@code docs/getting-started.md}; compiled only, for its port may be taken. */
final class ServerExample {

    private ServerExample() {}

    static void run() {
        // tag::server[]
        try (Broker broker = Broker.builder().listen("mqtt://127.0.0.1:1883").start()) {
            broker.awaitClosed();
        }
        // end::server[]
    }
}
