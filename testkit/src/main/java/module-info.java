/**
 * For tests: a broker for each ({@link dev.recado.testkit.junit}), and the conformance kit, abstract JUnit test classes that any
 * transport, ours or yours, has to pass.
 */
module dev.recado.testkit {
    requires transitive dev.recado;
    requires transitive org.junit.jupiter.api;
    requires org.junit.jupiter.params;

    exports dev.recado.testkit;
    exports dev.recado.testkit.junit;
    exports dev.recado.testkit.mqtt;

    // JUnit reads the extensions and chapters behind the contracts, which are nobody else's business.
    opens dev.recado.testkit to
            org.junit.platform.commons;
    opens dev.recado.testkit.junit to
            org.junit.platform.commons;
    opens dev.recado.testkit.mqtt to
            org.junit.platform.commons;
}
