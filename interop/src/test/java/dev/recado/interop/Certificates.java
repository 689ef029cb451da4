package dev.recado.interop;

import dev.recado.testkit.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;

/** The certificates of all tests under TLS; making them takes seconds. */
final class Certificates {

    static final TestCertificates AUTHORITY = TestCertificates.authority("Interop's authority");
    static final TestCertificates.Identity BROKER = AUTHORITY.issue("broker", "dns:localhost", "ip:127.0.0.1");
    static final TestCertificates.Identity ALICE = AUTHORITY.issue("alice");

    /** A broker's context, which trusts the clients of the authority. */
    static final SSLContext OF_BROKER = AUTHORITY.context(BROKER);

    /** A client's that shows nothing. */
    static final SSLContext OF_ANYBODY = AUTHORITY.context();

    /** A client's that shows who it is. */
    static final SSLContext OF_ALICE = AUTHORITY.context(ALICE);

    private Certificates() {}

    static Path authorityFile(Path folder) throws IOException {
        return Files.writeString(folder.resolve("authority.pem"), AUTHORITY.authorityPem());
    }

    static Path certificateFile(Path folder, TestCertificates.Identity identity) throws IOException {
        return Files.writeString(folder.resolve("certificate.pem"), identity.certificatePem());
    }

    static Path keyFile(Path folder, TestCertificates.Identity identity) throws IOException {
        return Files.writeString(folder.resolve("key.pem"), identity.keyPem());
    }
}
