package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.core.time.ManualTimers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FailedLoginsTest {

    private final ManualTimers timers = new ManualTimers();
    private final FailedLogins failures = new FailedLogins(3, timers);

    private static SocketAddress at(String address) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(address), 1234);
    }

    private void fail(String address, int times) throws UnknownHostException {
        for (int i = 0; i < times; i++) {
            failures.add(at(address));
        }
    }

    @Test
    void shouldCountEachAddressByItself() throws Exception {
        fail("192.0.2.1", 2);
        assertThat(failures.areTooMany(at("192.0.2.1"))).isFalse();
        fail("192.0.2.1", 1);
        assertThat(failures.areTooMany(at("192.0.2.1"))).isTrue();
        assertThat(failures.areTooMany(at("192.0.2.2"))).isFalse();
    }

    @Test
    void shouldGiveBackOneAfterTheOther() throws Exception {
        fail("192.0.2.1", 10);
        timers.advance(Duration.ofSeconds(19));
        assertThat(failures.areTooMany(at("192.0.2.1"))).isTrue();
        timers.advance(Duration.ofSeconds(2));
        assertThat(failures.areTooMany(at("192.0.2.1"))).isFalse();
        fail("192.0.2.1", 1);
        assertThat(failures.areTooMany(at("192.0.2.1"))).isTrue();

        timers.advance(Duration.ofHours(1));
        fail("192.0.2.1", 2);
        assertThat(failures.areTooMany(at("192.0.2.1"))).isFalse();
        fail("192.0.2.1", 1);
        assertThat(failures.areTooMany(at("192.0.2.1")))
                .as("no more than that are given back")
                .isTrue();
    }

    @Test
    void shouldTakeANetworkOfIPv6ForOneAddress() throws Exception {
        fail("2001:db8:0:1::1", 2);
        fail("2001:db8:0:1:ffff::2", 1);
        assertThat(failures.areTooMany(at("2001:db8:0:1::3"))).isTrue();
        assertThat(failures.areTooMany(at("2001:db8:0:2::1"))).isFalse();
    }

    @Test
    void shouldForgetTheOldest() throws Exception {
        fail("192.0.2.1", 3);
        fail("192.0.2.2", 3);
        for (int i = 0; i < FailedLogins.MOST_ADDRESSES - 1; i++) {
            if (i == 100) {
                fail("192.0.2.1", 1);
            }
            fail("10.0." + i / 256 + "." + i % 256, 1);
        }
        assertThat(failures.addresses()).isEqualTo(FailedLogins.MOST_ADDRESSES);
        assertThat(failures.areTooMany(at("192.0.2.1"))).isTrue();
        assertThat(failures.areTooMany(at("192.0.2.2"))).isFalse();
    }

    @Test
    void shouldNotCountOtherKindsOfAddressesNorWithoutALimit() throws Exception {
        SocketAddress unresolved = InetSocketAddress.createUnresolved("here", 1);
        FailedLogins unlimited = new FailedLogins(0, timers);
        for (int i = 0; i < 10; i++) {
            failures.add(unresolved);
            unlimited.add(at("192.0.2.1"));
        }
        assertThat(failures.areTooMany(unresolved)).isFalse();
        assertThat(unlimited.areTooMany(at("192.0.2.1"))).isFalse();
        assertThat(failures.addresses() + unlimited.addresses()).isZero();
    }
}
