/**
 * TLS over any transport: {@link dev.recado.core.tls.TlsTransport} puts a {@link dev.recado.core.tls.TlsLayer} over each
 * connection, and that one a {@code TlsConnection}, whose inbound half is a {@code TlsInput} and whose outbound half a
 * {@code TlsOutput}.
 */
package dev.recado.core.tls;
