package dev.recado.core.broker;

import dev.recado.core.time.Timers;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Counts failed logins by address: each has so many to lose, and gets that many back a minute. Of IPv6 the first 64 bits count, for
 * whoever has one address there has all of them. Addresses of other kinds, such as that of clients in the broker's own process,
 * are not counted. Thread-safe.
 */
final class FailedLogins {

    /** Those whose last failure is longest ago are forgotten first. */
    static final int MOST_ADDRESSES = 10_000;

    private static final int IPV6_PREFIX_BYTES = 8;
    private static final double NANOS_A_MINUTE = TimeUnit.MINUTES.toNanos(1);

    private static final class Bucket {
        double left;
        long at;

        Bucket(double left, long at) {
            this.left = left;
            this.at = at;
        }
    }

    private final int mostAMinute;
    private final Timers timers;

    // Guarded by itself; only failures and those who had some come here.
    private final Map<ByteBuffer, Bucket> buckets = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Bucket> eldest) {
            return size() > MOST_ADDRESSES;
        }
    };

    /**
     * Knows of none yet.
     *
     * @param mostAMinute 0 for any number
     */
    FailedLogins(int mostAMinute, Timers timers) {
        this.mostAMinute = mostAMinute;
        this.timers = timers;
    }

    /** Whether there have been so many that nobody from there is let in now. */
    boolean areTooMany(SocketAddress address) {
        ByteBuffer key = key(address);
        if (key == null) {
            return false;
        }
        synchronized (buckets) {
            Bucket bucket = buckets.get(key);
            return bucket != null && left(bucket, timers.nanoTime()) < 1;
        }
    }

    void add(SocketAddress address) {
        ByteBuffer key = key(address);
        if (key == null) {
            return;
        }
        synchronized (buckets) {
            long now = timers.nanoTime();
            Bucket before = buckets.remove(key);
            double left = before == null ? mostAMinute : left(before, now);
            buckets.put(key, new Bucket(Math.max(0, left - 1), now));
        }
    }

    private double left(Bucket bucket, long now) {
        return Math.min(mostAMinute, bucket.left + mostAMinute * ((now - bucket.at) / NANOS_A_MINUTE));
    }

    /** Null when it is not counted. */
    private ByteBuffer key(SocketAddress address) {
        if (mostAMinute == 0 || !(address instanceof InetSocketAddress inet) || inet.isUnresolved()) {
            return null;
        }
        InetAddress host = inet.getAddress();
        byte[] bytes = host.getAddress();
        return ByteBuffer.wrap(host instanceof Inet6Address ? Arrays.copyOf(bytes, IPV6_PREFIX_BYTES) : bytes);
    }

    int addresses() {
        synchronized (buckets) {
            return buckets.size();
        }
    }

    @Override
    public String toString() {
        return mostAMinute + " failed logins a minute";
    }
}
