/**
 * The conformance kit: abstract JUnit classes that say what a transport has to keep, and check it.
 *
 * <h2>How to test your transport</h2>
 *
 * <pre>{@code
 * class MyTransportTest extends TransportContract {
 *     @Override
 *     protected Transport createTransport() {
 *         return new MyTransport();
 *     }
 * }
 * }</pre>
 *
 * <p>Add {@code recado-testkit} and your JUnit, 5.10 or later, to the tests' dependencies. What a transport cannot do by
 * its nature (a Unix-domain socket has no port) it declares in {@link dev.recado.testkit.TransportContract#capabilities()}.
 */
package dev.recado.testkit;
