// SPDX-License-Identifier: MIT
// Validates files with the schema of CycloneDX 1.6: node validate_bom.mjs FOLDER-OF-PACKAGES FILE...
// Prints each violation; status 1 if there are any.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, ...files] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const Ajv = require("ajv").default;
const schemas = join(folder, "node_modules/@cyclonedx/cyclonedx-library/res/schema");
const read = (path) => JSON.parse(readFileSync(path, "utf8"));

const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: true });
require("ajv-formats").default(ajv);
require("ajv-formats-draft2019")(ajv);
ajv.addFormat("iri-reference", true);
for (const name of ["spdx", "jsf-0.82"]) {
  const schema = read(join(schemas, `${name}.SNAPSHOT.schema.json`));
  ajv.addSchema({ ...schema, $id: `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json` });
}
const validate = ajv.compile(read(join(schemas, "bom-1.6.SNAPSHOT.schema.json")));

let failed = 0;
for (const file of files) {
  if (validate(read(file))) continue;
  failed = 1;
  for (const error of validate.errors) console.log(`${file}: ${error.instancePath} ${error.message}`);
}
process.exit(failed);
