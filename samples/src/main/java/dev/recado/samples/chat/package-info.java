/**
 * Chat: many write, and everyone in the room reads. Read {@link dev.recado.samples.chat.Names} first, which has the topics, then
 * {@link dev.recado.samples.chat.Doorkeeper}, which keeps people to theirs, and
 * {@link dev.recado.samples.chat.ChatRoom}, the client: who is there and what happens to its connections;
 * {@link dev.recado.samples.chat.Voice} says, and {@link dev.recado.samples.chat.History} reads what was said. The server is a
 * broker and nothing else.
 */
package dev.recado.samples.chat;
