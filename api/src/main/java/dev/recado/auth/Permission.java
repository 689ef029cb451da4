package dev.recado.auth;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What an {@link Authorizer} decides. Immutable and thread-safe.
 *
 * @since 0.1.0
 */
public final class Permission {

    private static final Permission GRANTED = new Permission(null);

    /** Null when granted. */
    private final String refusal;

    /** Made once, so that asking costs no allocation. */
    private final CompletionStage<Permission> now = CompletableFuture.completedFuture(this);

    private Permission(String refusal) {
        this.refusal = refusal;
    }

    /**
     * Yes.
     *
     * @return always the same
     */
    public static Permission granted() {
        return GRANTED;
    }

    /**
     * No: 0x87.
     *
     * @param what why, for people; the client gets it as Reason String, so it must tell no secret
     * @return a refusal
     */
    public static Permission denied(String what) {
        return new Permission(Objects.requireNonNull(what, "what"));
    }

    /**
     * Yes or no.
     *
     * @return whether it is yes
     */
    public boolean isGranted() {
        return refusal == null;
    }

    /**
     * Why not.
     *
     * @return {@code null} when granted
     */
    public String refusal() {
        return refusal;
    }

    /**
     * This, decided already.
     *
     * @return a completed stage, always the same
     */
    public CompletionStage<Permission> now() {
        return now;
    }

    @Override
    public String toString() {
        return refusal == null ? "granted" : "denied: " + refusal;
    }
}
