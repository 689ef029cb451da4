package dev.recado.core.memory;

import java.net.SocketAddress;

/** Where an in-memory peer is: the endpoint, and of a client its number. */
final class MemoryAddress extends SocketAddress {

    private static final long serialVersionUID = 1L;

    private final String name;

    MemoryAddress(String name) {
        this.name = name;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MemoryAddress address && address.name.equals(name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }
}
