import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto as never);

/** A module of its own, so that a bundler can leave all of it out of what is loaded at the start. */
export { x509 };
