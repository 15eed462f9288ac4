// Compiling takes longer than all else in a plugin's start, so what it came to at the build is kept beside the program.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { constants, Script } = require("node:vm");

const filename = join(__dirname, "program.js");
const script = new Script(readFileSync(filename, "latin1"), {
  filename,
  // Made by another Node, or started with other flags of V8, it is not used.
  cachedData: readFileSync(join(__dirname, "program.cache")),
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
// The SDK tells it: in the log, and as a fact that `describe` shows.
if (script.cachedDataRejected) process.env.BERTH_CODE_CACHE = "rejected";
script.runInThisContext()(require, module, exports, __dirname);
