package dev.recado.core.client;

import dev.recado.ConnectionFailedException;
import dev.recado.ReasonCode;
import dev.recado.RecadoException;
import dev.recado.RefusedException;

/**
 * Why a connection ended.
 *
 * @param reason what the program is told
 * @param forGood whether trying again cannot help
 */
record Loss(RecadoException reason, boolean forGood) {

    static Loss passing(RecadoException reason) {
        return new Loss(reason, false);
    }

    static Loss forGood(RecadoException reason) {
        return new Loss(reason, true);
    }

    /** The broker said no, in CONNACK or SUBACK. */
    static Loss refused(String what, ReasonCode code) {
        return new Loss(new RefusedException(what, code), !canMend(code));
    }

    /** The broker ended an accepted connection. */
    static Loss disconnected(String what, ReasonCode code) {
        return canMend(code)
                ? passing(new ConnectionFailedException(what, code, null))
                : forGood(new RefusedException(what, code));
    }

    /**
     * Whether another attempt may succeed after a broker has given this reason. What is about the broker's own state passes;
     * what is about this client, or about what it sent and would send again, does not. SESSION_TAKEN_OVER is of the second
     * kind: two clients of one name would otherwise throw each other out forever.
     */
    static boolean canMend(ReasonCode code) {
        return switch (code) {
            case SUCCESS,
                    UNSPECIFIED_ERROR,
                    IMPLEMENTATION_SPECIFIC_ERROR,
                    SERVER_UNAVAILABLE,
                    SERVER_BUSY,
                    SERVER_SHUTTING_DOWN,
                    KEEP_ALIVE_TIMEOUT,
                    RECEIVE_MAXIMUM_EXCEEDED,
                    MESSAGE_RATE_TOO_HIGH,
                    QUOTA_EXCEEDED,
                    CONNECTION_RATE_EXCEEDED,
                    MAXIMUM_CONNECT_TIME -> true;
            default -> false;
        };
    }
}
