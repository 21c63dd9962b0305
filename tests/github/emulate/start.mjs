// Starts emulate's GitHub on 127.0.0.1 alone (left to itself it listens on every address of the machine), and prints
// the port: `node start.mjs FOLDER OPTIONS`. FOLDER is where emulate is installed, OPTIONS is JSON for createEmulator.
import net from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, options] = process.argv.slice(2);
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port) {
  return listen.call(this, port, "127.0.0.1", () => console.log(this.address().port));
};
const { createEmulator } = await import(pathToFileURL(join(folder, "node_modules", "emulate", "dist", "api.js")).href);
await createEmulator({ service: "github", port: 0, ...JSON.parse(options) });
