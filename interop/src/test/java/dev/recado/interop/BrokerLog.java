package dev.recado.interop;

import dev.recado.BrokerListener;
import dev.recado.ClientInfo;
import dev.recado.ReasonCode;
import dev.recado.Refusal;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what a broker tells its listeners. */
final class BrokerLog implements BrokerListener {

    /** How a client's connection ended. */
    record Disconnect(String clientId, ReasonCode reason) {}

    private final List<Disconnect> disconnects = new CopyOnWriteArrayList<>();
    private final List<Refusal> refusals = new CopyOnWriteArrayList<>();

    @Override
    public void disconnected(ClientInfo client, ReasonCode reason) {
        disconnects.add(new Disconnect(client.clientId(), reason));
    }

    @Override
    public void refused(Refusal refusal) {
        refusals.add(refusal);
    }

    List<Disconnect> disconnects() {
        return disconnects;
    }

    List<Refusal> refusals() {
        return refusals;
    }
}
