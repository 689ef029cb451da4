package dev.recado.auth;

import dev.recado.ReasonCode;
import java.util.Objects;

/**
 * What the broker's side of an authentication comes to. Immutable; may be made on any thread.
 *
 * @since 0.1.0
 */
public sealed interface AuthStep {

    /** The end of it. */
    sealed interface Decision extends AuthStep {}

    /**
     * The client has to answer first: AUTH with 0x18.
     *
     * @param data Authentication Data; not copied
     */
    record Challenge(byte[] data) implements AuthStep {
        /** Refuses {@code null}. */
        public Challenge {
            Objects.requireNonNull(data, "data");
        }
    }

    /**
     * The client is who it says.
     *
     * @param principal who, as the {@link Authorizer} is told; empty for nobody in particular. Whoever authenticates again must
     *     be the same
     * @param data Authentication Data that goes with CONNACK or AUTH; {@code null} for none; not copied
     */
    record Accepted(String principal, byte[] data) implements Decision {
        /** Refuses a {@code null} principal. */
        public Accepted {
            Objects.requireNonNull(principal, "principal");
        }
    }

    /**
     * It is not, or must not connect.
     *
     * @param reason an error that CONNACK can carry, such as {@link ReasonCode#BAD_USER_NAME_OR_PASSWORD}
     * @param what why, for people; the client gets it as Reason String, so it must tell no secret
     */
    record Denied(ReasonCode reason, String what) implements Decision {
        /**
         * Refuses what is no refusal.
         *
         * @throws IllegalArgumentException when the reason is no error
         */
        public Denied {
            if (!reason.isError()) {
                throw new IllegalArgumentException("the reason code of a denial must be an error, but is " + reason);
            }
            Objects.requireNonNull(what, "what");
        }
    }

    /**
     * Yes.
     *
     * @param principal who
     * @return an {@link Accepted} without data
     */
    static Decision accepted(String principal) {
        return new Accepted(principal, null);
    }

    /**
     * Yes, to nobody in particular.
     *
     * @return an {@link Accepted} with an empty principal
     */
    static Decision anonymous() {
        return accepted("");
    }

    /**
     * No, as for a wrong password: 0x86.
     *
     * @return a {@link Denied} that says no more than that
     */
    static Decision badUserNameOrPassword() {
        return new Denied(ReasonCode.BAD_USER_NAME_OR_PASSWORD, "user name or password is wrong");
    }
}
