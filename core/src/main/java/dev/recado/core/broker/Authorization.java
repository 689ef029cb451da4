package dev.recado.core.broker;

import dev.recado.auth.Access;
import dev.recado.auth.Authorizer;
import dev.recado.auth.Identity;
import dev.recado.auth.Permission;
import dev.recado.core.time.Timers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Asks the broker's {@link Authorizer}, takes every failure for a no, and counts the times at which its earlier answers became
 * void. Thread-safe.
 */
final class Authorization {

    /** What went wrong is for the operator to know. */
    private static final Permission FAILED = Permission.denied("authorization failed");

    /** Null: everyone may do everything. */
    private final Authorizer authorizer;

    private final Duration limit;
    private final Timers timers;
    private final WarnLog warnings;
    private final AtomicLong epoch = new AtomicLong();

    Authorization(Authorizer authorizer, Duration limit, Timers timers, WarnLog warnings) {
        this.authorizer = authorizer;
        this.limit = limit;
        this.timers = timers;
        this.warnings = warnings;
    }

    /** Whether nobody needs to be asked. */
    boolean isOpen() {
        return authorizer == null;
    }

    /** An answer holds while this is what it was before the question. */
    long epoch() {
        return epoch.get();
    }

    void beginEpoch() {
        epoch.incrementAndGet();
    }

    /** Asks; what {@link #checked} has not seen may be anything. */
    CompletionStage<Permission> ask(Identity who, Access access, String topic) {
        try {
            CompletionStage<Permission> answer = authorizer.authorize(who, access, topic);
            return answer == null ? CompletableFuture.completedFuture(null) : answer;
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** The answer, if it is there already; allocates nothing. */
    static Permission decided(CompletionStage<Permission> answer) {
        // Only of this very class is it known that asking is allowed.
        if (answer.getClass() != CompletableFuture.class) {
            return null;
        }
        CompletableFuture<Permission> future = (CompletableFuture<Permission>) answer;
        return future.isDone() && !future.isCompletedExceptionally() ? future.getNow(null) : null;
    }

    /** Whoever fails has said no. */
    Permission checked(Identity who, Access access, String topic, Permission answer, Throwable failure) {
        return answer != null ? answer : failed(who, access, topic, failure == null ? "answered null" : "" + failure);
    }

    private Permission failed(Identity who, Access access, String topic, String why) {
        warnings.warn(
                WarnLog.Kind.FAILED,
                () -> "the authorizer failed for client " + who + ", " + access + " '" + topic + "': " + why);
        return FAILED;
    }

    /** It took too long. */
    Permission late(Identity who, Access access, String topic) {
        return failed(who, access, topic, "no answer within " + limit);
    }

    /** Calls back when somebody who was asked now is late. */
    Timers.Timer limit(Runnable whenLate) {
        return timers.schedule(limit.toNanos(), whenLate);
    }

    /** Asks and gets an answer in any case. */
    CompletableFuture<Permission> askInTime(Identity who, Access access, String topic) {
        CompletionStage<Permission> asked = ask(who, access, topic);
        Permission now = decided(asked);
        if (now != null) {
            return CompletableFuture.completedFuture(now);
        }
        CompletableFuture<Permission> result = new CompletableFuture<>();
        Timers.Timer bound = limit(() -> {
            if (!result.isDone()) {
                result.complete(late(who, access, topic));
            }
        });
        asked.whenComplete((answer, failure) -> {
            bound.cancel();
            result.complete(checked(who, access, topic, answer, failure));
        });
        return result;
    }
}
