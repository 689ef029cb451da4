/**
 * Who may connect: {@link dev.recado.auth.Authenticator} at the broker, {@link dev.recado.auth.Credentials} or
 * {@link dev.recado.auth.ClientAuthentication} at its clients, and {@link dev.recado.auth.ScramSha256} for both.
 */
package dev.recado.auth;
