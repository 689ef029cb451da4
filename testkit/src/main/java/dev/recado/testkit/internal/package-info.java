/** What both the contracts and the JUnit extension wait with. Not exported. */
package dev.recado.testkit.internal;
