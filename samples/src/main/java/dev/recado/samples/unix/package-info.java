/** A transport of one's own, in one file: the example of {@code docs/write-a-transport.md}. */
package dev.recado.samples.unix;
