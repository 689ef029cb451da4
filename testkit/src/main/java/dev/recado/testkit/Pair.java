package dev.recado.testkit;

/**
 * The two sides of an opened connection.
 *
 * @param client the side that connected
 * @param server the side that was accepted
 */
record Pair(RecordingHandler client, RecordingHandler server) {}
