// Lets node import the package's JSON files as it wants them: without an attribute that says so.
import { readFile } from "node:fs/promises";
import { register } from "node:module";

export async function load(url, context, next) {
  if (!url.endsWith(".json")) return next(url, context);
  return { format: "module", shortCircuit: true, source: `export default ${await readFile(new URL(url), "utf8")}` };
}

if (!process.env.JSON_MODULES) {
  process.env.JSON_MODULES = "registered"; // the hooks run in a thread that loads this file again
  register(import.meta.url);
}
