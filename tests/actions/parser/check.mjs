// Reads workflow files with GitHub's own parser: one JSON document, the faults of each file by its path.
import { readFileSync } from "node:fs";
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";

const faults = {};
for (const path of process.argv.slice(2)) {
  const file = { name: path, content: readFileSync(path, "utf8") };
  const parsed = parseWorkflow(file, new NoOperationTraceWriter());
  await convertWorkflowTemplate(parsed.context, parsed.value, undefined, { errorPolicy: 1 });
  faults[path] = parsed.context.errors.getErrors().map((error) => error.message);
}
console.log(JSON.stringify(faults));
