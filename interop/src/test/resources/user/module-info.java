/** A user's module: knows the API and nothing else. */
module user {
    requires dev.recado;
}
