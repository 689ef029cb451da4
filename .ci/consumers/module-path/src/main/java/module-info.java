/** A user's module: knows the API and nothing else. */
module consumer {
    requires dev.recado;
}
