package dev.recado;

import dev.recado.spi.Engine;
import java.util.List;
import java.util.ServiceLoader;

/** Finds the engine: what the API's static methods have instead of an implementation. */
final class Engines {

    private Engines() {}

    /** Looked up at each call: a cached one would be global state, and would outlive its class loader. */
    static Engine engine() {
        List<Engine> found = ServiceLoader.load(Engine.class, Engines.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        if (found.isEmpty()) {
            throw new IllegalStateException("no Recado engine found; add dev.recado:recado-nio (or recado-blocking),"
                    + " which bring dev.recado:recado-core along");
        }
        throw new IllegalStateException("more than one Recado engine found, keep one of them: "
                + found.stream().map(engine -> engine.getClass().getName()).toList());
    }
}
