/**
 * What a transport author implements, and what helps in doing so.
 *
 * <p>A <em>transport</em> moves bytes between two peers and knows nothing of MQTT. It implements
 * {@link dev.recado.spi.Transport}, {@link dev.recado.spi.Listener} and {@link dev.recado.spi.Connection}; the engine
 * supplies a {@link dev.recado.spi.ConnectionHandler} for each connection.
 *
 * <p>Helpers take most of the work over; none of them has to be used. {@link dev.recado.spi.OutboundBuffer} keeps the outbound
 * half of a connection, in memory that {@link dev.recado.spi.BufferPool} lends. {@link dev.recado.spi.DaemonThreads} makes
 * threads and waits for their end. For sockets, {@link dev.recado.spi.SocketListener} listens, {@link
 * dev.recado.spi.ConnectAttempts} keeps the books of connecting, and {@link dev.recado.spi.Dialer} connects on a thread that
 * may block.
 *
 * <h2>The rules</h2>
 *
 * Each rule has a number; the conformance kit's tests, and its failure messages, cite it.
 *
 * <table class="striped">
 * <caption>What every transport keeps, and why</caption>
 * <thead><tr><th>Rule</th><th>What</th><th>Why</th></tr></thead>
 * <tbody>
 * <tr><td>T1</td><td>Creating a transport opens no socket and starts no thread.</td>
 *     <td>A program may create one and never use it, and {@code close} is then free.</td></tr>
 * <tr><td>T2</td><td>{@code listen} has bound its address when it returns, and {@code Listener.endpoint()} states the real
 *     port. An address that cannot be bound is an {@code IOException} whose message names the endpoint.</td>
 *     <td>The caller connects at once, and a wrong port is the first error that users meet.</td></tr>
 * <tr><td>T3</td><td>{@code connect} never blocks the caller; looking the host up is done elsewhere. It asks the acceptor
 *     for exactly one handler.</td><td>It is called from threads that serve other connections.</td></tr>
 * <tr><td>T4</td><td>A handler sees {@code opened} at most once, before any {@code received} or {@code drained}, and
 *     {@code closed} exactly once, last of all, whether or not it was ever opened.</td>
 *     <td>State machines start and end on these two, and resources are freed on the second.</td></tr>
 * <tr><td>T5</td><td>{@code opened}, {@code received} and {@code closed} of one connection never overlap, and each sees the
 *     memory effects of the one before. {@code drained} may overlap {@code received}, nothing else.</td>
 *     <td>The inbound half needs no lock.</td></tr>
 * <tr><td>T6</td><td>Bytes arrive complete, once, unchanged, in the order written; how they are cut is free.</td>
 *     <td>Everything above counts on a stream.</td></tr>
 * <tr><td>T7</td><td>The buffer given to {@code received} is the transport's again when the call returns; the handler has
 *     taken what it needs. Each call brings at least one byte.</td><td>One read buffer serves many connections.</td></tr>
 * <tr><td>T8</td><td>{@code write} copies: the caller may change its buffers as soon as it returns. Positions, limits and
 *     contents stay as they were.</td><td>One encoded packet goes to many connections, from several threads.</td></tr>
 * <tr><td>T9</td><td>The bytes of one {@code write} stay together, and calls keep their order, whichever threads make
 *     them.</td><td>A packet must not be torn by another one.</td></tr>
 * <tr><td>T10</td><td>{@code write} and {@code flush} never block on the peer and never throw for the connection's state: once
 *     it is closing or closed they do nothing.</td><td>A stuck or dying subscriber costs its publisher nothing.</td></tr>
 * <tr><td>T11</td><td>After {@code flush} everything written before it goes out without any further call.</td>
 *     <td>The engine flushes once a batch; no timer ever does it.</td></tr>
 * <tr><td>T12</td><td>{@code pending} is the number of bytes written and not yet given to the operating system.</td>
 *     <td>The engine's overflow policy is built on it.</td></tr>
 * <tr><td>T13</td><td>When {@code pending} has been over the high-water mark and falls to the low one or under,
 *     {@code drained} is called, once for each time.</td><td>Whoever stopped writing must learn when to go on.</td></tr>
 * <tr><td>T14</td><td>After {@code pauseReading} from within a callback no {@code received} follows until
 *     {@code resumeReading}; after one from another thread at most one more. While paused, the transport does not go on
 *     taking bytes from the peer.</td><td>Back pressure must reach the sender, not a buffer.</td></tr>
 * <tr><td>T15</td><td>{@code close} sends everything written before it, ends the output, discards input until the peer's end
 *     and closes; after {@code closeTimeout} it aborts. A {@code close} called from a callback is followed by no
 *     {@code received}; one from another thread by at most one. Closed orderly: {@code closed(null)}.</td>
 *     <td>Closing a socket with unread input resets it, and the peer never sees the last packet.</td></tr>
 * <tr><td>T16</td><td>{@code abort} closes now, whatever is pending, and leads to {@code closed(null)}; also when a
 *     {@code close} is under way.</td><td>The last resort must not wait for the peer.</td></tr>
 * <tr><td>T17</td><td>The peer's end of input ends the connection with {@code closed(null)}; a connection that broke, with
 *     its cause.</td><td>MQTT has no half-open connections.</td></tr>
 * <tr><td>T18</td><td>No callback runs inside a call of the connection's methods: what such a call causes is handed to the
 *     connection's owner.</td><td>Callers hold locks.</td></tr>
 * <tr><td>T19</td><td>A handler that throws has its connection aborted and gets {@code closed} with what it threw; nobody
 *     else notices.</td><td>One bad packet must not take a thread that serves others.</td></tr>
 * <tr><td>T20</td><td>A failed {@code connect} arrives as {@code closed(cause)} without {@code opened}: refused is a
 *     {@code ConnectException}, an unknown host an {@code UnknownHostException}, no answer within the timeout a
 *     {@code SocketTimeoutException}. The message names the endpoint.</td>
 *     <td>These are errors that people read.</td></tr>
 * <tr><td>T21</td><td>When {@code Listener.close} has returned, the address is free and no further connection is accepted;
 *     those that exist live on.</td><td>A restart binds the same port.</td></tr>
 * <tr><td>T22</td><td>{@code Transport.close} closes its listeners, aborts its connections (each handler gets its
 *     {@code closed}) and returns when its threads have ended, unless one of them calls it. A second call does
 *     nothing.</td><td>Nothing is left behind.</td></tr>
 * <tr><td>T23</td><td>{@code Thread.interrupt} on a thread that calls into a connection harms no connection, loses no byte and
 *     stays set.</td><td>Interruptible channels close under an interrupted thread.</td></tr>
 * <tr><td>T24</td><td>A peer that does not read, or sends without end, delays no other connection.</td>
 *     <td>One stuck client never stops the others.</td></tr>
 * <tr><td>T25</td><td>An acceptor that throws or returns {@code null} costs only that connection; the listener goes
 *     on.</td><td>The same.</td></tr>
 * <tr><td>T26</td><td>An accept that fails (no file descriptors left) is retried after a pause.</td>
 *     <td>A server that stops listening under load never recovers.</td></tr>
 * <tr><td>T27</td><td>Threads are daemons and their names start with {@code recado-}.</td>
 *     <td>People see them in their dumps, and a forgotten broker does not keep their program alive.</td></tr>
 * <tr><td>T28</td><td>{@code peer()} answers from the moment {@code opened} is called, also after {@code closed}.</td>
 *     <td>Log lines and refusals name the address.</td></tr>
 * </tbody>
 * </table>
 */
package dev.recado.spi;
