/** The in-memory transport: in-process clients, and tests that decide themselves when bytes arrive. */
package dev.recado.core.memory;
