/** State machines that both ends of a connection share: packet identifiers and flow control. */
package dev.recado.core.session;
