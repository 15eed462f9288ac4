// Runs the program of a plugin's folder as its main.js does, and keeps at the end what V8 made of it.
const { readFileSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { constants, Script } = require("node:vm");

const folder = process.argv[2];
const filename = join(folder, "program.js");
const script = new Script(readFileSync(filename, "latin1"), {
  filename,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
process.on("exit", () => writeFileSync(join(folder, "program.cache"), script.createCachedData()));
const program = { exports: {} };
script.runInThisContext()(createRequire(filename), program, program.exports, folder);
