/**
 * Publish and subscribe: a broker, a publisher, a subscriber, and the list of topics, each a program of its own. Read {@link
 * dev.recado.samples.pubsub.BrokerCommand} first; {@code SubCommand} shows how a subscriber ends without losing a message,
 * {@code PubCommand} how a publisher keeps many on their way.
 */
package dev.recado.samples.pubsub;
