package dev.recado.core.tls;

/**
 * How many bytes of the user are in the sealed bytes that the connection below has not sent yet: rule T12 counts what was
 * written, not what records add to it, and the handshake was written by nobody.
 *
 * <p>What is below is the end of all that was ever sealed. It is kept in two parts, each as a pair of sums: the newer part
 * takes what is added, and becomes the older one when that has been sent. Within a part, bytes of the user are taken to be
 * spread evenly: so the answer is exact for what was added last, and never more than what is below. Guarded by its owner.
 */
final class Backlog {

    private long olderSealed;
    private long olderPlain;
    private long newerSealed;
    private long newerPlain;

    /**
     * Something more is given to the connection below.
     *
     * @param sealed bytes given
     * @param plain how many bytes of the user they hold
     * @param pendingBefore what the connection below had not sent before
     */
    void add(long sealed, long plain, long pendingBefore) {
        if (pendingBefore <= newerSealed) {
            olderSealed = newerSealed;
            olderPlain = newerPlain;
            newerSealed = 0;
            newerPlain = 0;
        }
        newerSealed += sealed;
        newerPlain += plain;
    }

    /**
     * How many bytes of the user are pending.
     *
     * @param pending sealed bytes that the connection below has not sent yet
     */
    long plain(long pending) {
        if (pending <= newerSealed) {
            return share(newerPlain, pending, newerSealed);
        }
        return newerPlain + share(olderPlain, Math.min(pending - newerSealed, olderSealed), olderSealed);
    }

    private static long share(long plain, long part, long whole) {
        return whole == 0 ? 0 : plain * part / whole;
    }
}
