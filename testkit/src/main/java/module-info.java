/** The conformance kit: abstract JUnit test classes that any transport, ours or yours, has to pass. */
module dev.recado.testkit {
    requires transitive dev.recado;
    requires transitive org.junit.jupiter.api;

    exports dev.recado.testkit;

    // JUnit reads the extension behind the contracts, which is nobody else's business.
    opens dev.recado.testkit to
            org.junit.platform.commons;
}
