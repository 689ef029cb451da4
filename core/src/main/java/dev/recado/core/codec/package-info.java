/**
 * The MQTT codec: bytes to packets and back, for MQTT 5, 3.1.1 and 3.1. No input or output, no threads.
 *
 * <p>{@link dev.recado.core.codec.PacketReader} cuts the stream; {@link dev.recado.core.codec.PublishView} and
 * {@link dev.recado.core.codec.AckView} read the packets of the hot path in place, without allocating;
 * {@link dev.recado.core.codec.PacketDecoder} makes a {@link dev.recado.core.codec.Packet} of any type. What comes from
 * the wire and breaks a rule is a {@link dev.recado.core.codec.CodecException} with the reason code that the standard
 * gives it; what the program itself gets wrong is an {@link java.lang.IllegalArgumentException}. The one thing that
 * nothing here checks is direction, such as a client that sends CONNACK: that is the engine's business.
 *
 * <p>Statements are cited by their number in MQTT 5, also where MQTT 3.1.1 says the same under another one.
 */
package dev.recado.core.codec;
