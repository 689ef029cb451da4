/** What the contracts and the JUnit extension share. Not exported. */
package dev.recado.testkit.internal;
