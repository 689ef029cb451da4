/**
 * Who may connect: {@link dev.recado.auth.Authenticator} at the broker, {@link dev.recado.auth.Credentials} or
 * {@link dev.recado.auth.ClientAuthentication} at its clients, and {@link dev.recado.auth.ScramSha256} for both. What they
 * may do then: {@link dev.recado.auth.Authorizer}.
 *
 * <p>A broker that has an authenticator asks every client, those in its own process, too: what {@link
 * dev.recado.Broker#publisher} and {@link dev.recado.Broker#subscriber} begin needs {@code credentials} or {@code
 * authentication} like any other.
 */
package dev.recado.auth;
