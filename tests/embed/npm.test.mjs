// The npm package from a fresh project: installed from the file that `npm pack` made, in Node, under TypeScript, and through Vite.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { launch, onPage, serve, SMALL } from "./support.mjs";

const HERE = import.meta.dirname;
const PACKED = process.env.RELATA_NPM;
let project;
let browser;

before(async () => {
  project = mkdtempSync(join(tmpdir(), "relata-npm-"));
  write("package.json", JSON.stringify({ name: "fresh", private: true, type: "module" }));
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--offline", PACKED], { cwd: project, stdio: "pipe", shell: process.platform === "win32" });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  rmSync(project, { recursive: true, force: true });
});

function write(name, text) {
  mkdirSync(join(project, name, ".."), { recursive: true });
  writeFileSync(join(project, name), text);
  return join(project, name);
}

/** Runs a program of the project in Node and gives what it prints. */
function run(text) {
  const file = write("run.mjs", text);
  return execFileSync(process.execPath, [file], { cwd: project, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

const sql = JSON.stringify(SMALL);

test("an analysis in Node has findings with rule and place, and leaves the process free to end", () => {
  const said = run(`import { analyze } from "relata";
    const { version, targets, findings, problems } = await analyze({ "db/schema.sql": ${sql} }, { serverVersion: 15 });
    const unindexed = findings.find((f) => f.objects[0].path.includes("author_id") || f.message.includes("author_id"));
    console.log(JSON.stringify([version, targets[0].serverVersion, targets[0].coverage.understood, problems, unindexed.locations[0].file]));`);
  assert.deepEqual(JSON.parse(said), [1, 15, 3, [], "db/schema.sql"]);
});

test("files come in every form that is documented, and say the same", () => {
  const said = run(`import { catalog } from "relata";
    import { Readable } from "node:stream";
    const sql = ${sql};
    const bytes = new TextEncoder().encode(sql);
    const half = sql.length / 2 | 0;
    const forms = [sql, bytes, bytes.buffer, new Blob([sql]), new File([sql], "a.sql"), { "a.sql": sql }, { "a.sql": bytes }, [["a.sql", sql]],
      [{ name: "a.sql", content: new Blob([sql]) }], [new File([sql], "a.sql")], [{ name: "a.sql", content: Readable.from([sql.slice(0, half), sql.slice(half)]) }],
      new Map([["a.sql", sql]])];
    const answers = await Promise.all(forms.map((form) => catalog(form)));
    console.log(new Set(answers.map((a) => JSON.stringify(a))).size, Object.keys(answers[0].schemas.public.tables).join());`);
  assert.equal(said.trim(), "1 author,book,loan");
});

test("diagrams, reports and histories are texts in every format", () => {
  const said = run(`import { diagram, report, history } from "relata";
    const sql = ${sql};
    const out = {};
    for (const format of ["svg", "mermaid", "dbml", "plantuml", "text"]) out[format] = (await diagram(sql, { format })).slice(0, 400);
    for (const format of ["markdown", "html", "json", "sarif", "text"]) out["report " + format] = (await report(sql, { format })).slice(0, 200);
    out.near = await diagram(sql, { format: "dbml", focus: "author", hops: 1 });
    out.whole = (await report(sql, { format: "html", sources: true })).includes("CREATE TABLE loan (id bigint PRIMARY KEY, book_id");
    out.history = (await history([["V1__a.sql", "CREATE TABLE a (id int);"], ["V2__b.sql", "DROP TABLE a;"]])).targets[0].revisions.length;
    console.log(JSON.stringify(out));`);
  const out = JSON.parse(said);
  assert.match(out.svg, /^<svg/);
  assert.match(out.mermaid, /erDiagram/);
  assert.match(out.dbml, /Table /);
  assert.match(out.plantuml, /@startuml/);
  assert.match(out["report html"], /^<!doctype html>/);
  assert.match(out["report json"], /"version": 1/);
  assert.ok(out.near.includes("book") && !out.near.includes("loan"), out.near);
  assert.equal(out.whole, true);
  assert.equal(out.history, 2);
});

test("a report looks as chosen, and tells what changed since an older state", () => {
  const said = run(`import { report, Session } from "relata";
    const before = "CREATE TABLE author (id bigint PRIMARY KEY);", after = "CREATE TABLE author (id bigint PRIMARY KEY, name text);";
    const text = await report(after, { base: before, title: "Library", note: "For the review.", sections: ["summary", "changes"], severity: "medium" });
    const [older, newer] = [await Session.open(), await Session.open()];
    for (const [session, sql] of [[older, before], [newer, after]]) { session.push("schema.sql", sql); session.finish(); }
    const again = newer.reportSince(older, { title: "Library", note: "For the review.", sections: ["summary", "changes"], severity: "medium" });
    let over = "";
    try { older.check(); } catch (error) { over = error.message; }
    newer.free();
    console.log(JSON.stringify({ text, same: text === again, over }));`);
  const { text, same, over } = JSON.parse(said);
  for (const part of ["Library", "For the review.", "Changes since the base", "name"]) assert.ok(text.includes(part), part);
  assert.ok(!text.includes("What was checked"), "a chapter that was not chosen");
  assert.equal(same, true);
  assert.match(over, /freed/);
});

test("the element's types have every member that it has", () => {
  const script = readFileSync(join(project, "node_modules/relata/relata-schema.js"), "utf8");
  const [, body] = /export class RelataSchema extends HTMLElement \{\n([^]*?)\n\}/.exec(script);
  const members = [...body.matchAll(/^  (?:static )?(?:async )?(?:get |set )?([a-z]\w*)(?: = |\()/gm)].map((match) => match[1]);
  // What the browser calls.
  const own = new Set(members.filter((name) => !/Callback$/.test(name)));
  assert.ok(own.has("selected") && own.has("reload"), [...own].join());
  const types = readFileSync(join(project, "node_modules/relata/element.d.ts"), "utf8");
  for (const name of own) assert.match(types, new RegExp(`^  (static readonly |get )?${name}[(:]`, "m"), name);
});

test("misuse is an error that says what is wrong, and the next call works", () => {
  const said = run(`import { analyze, diagram, report, Session } from "relata";
    const told = [];
    const tell = async (call) => told.push(await call().then(() => "nothing", (e) => e.message));
    await tell(() => diagram(${sql}, { focus: "nowhere" }));
    await tell(() => report(${sql}, { format: "docx" }));
    await tell(() => analyze(${sql}, { layout: "no such tool" }));
    await tell(() => report(${sql}, { colour: "red" }));
    await tell(() => analyze(7));
    await tell(() => diagram("hello"));
    await tell(async () => (await Session.open()).check());
    await tell(async () => { const s = await Session.open(); s.finish(); s.push("late.sql", "x"); });
    await tell(async () => { const s = await Session.open(); s.free(); s.push("a.sql", "x"); });
    const broken = await analyze("CREATE TABLE oops (;");
    console.log(JSON.stringify({ told, problems: broken.problems.length + broken.targets.length }));`);
  const { told, problems } = JSON.parse(said);
  const expected = [/no table `nowhere`/, /no report called `docx`/, /no choice called `no such tool`/, /colour/, /Files are/, /Nothing was read/, /before `finish`/, /finished/, /freed/];
  assert.equal(told.length, expected.length);
  expected.forEach((pattern, at) => assert.match(told[at], pattern));
  assert.ok(problems > 0, "bad SQL is no error");
});

test("a session takes chunks cut anywhere and answers often", () => {
  const said = run(`import { Session } from "relata";
    const bytes = new TextEncoder().encode(${sql} + "COMMENT ON TABLE author IS 'Žluťoučký 🦊';");
    const answers = [1, 7, 4096].map((size) => async () => {
      const session = await Session.open();
      for (let at = 0; at < bytes.length; at += size) session.push("a.sql", bytes.subarray(at, at + size));
      const stages = [];
      session.finish((stage) => stages.push(stage));
      const answer = JSON.stringify([session.check(), session.catalog(), session.diagram(), session.report({ format: "markdown" }), stages]);
      session.free();
      return answer;
    });
    const made = [];
    for (const answer of answers) made.push(await answer());
    console.log(new Set(made).size, made[0].includes("🦊"), JSON.parse(made[0])[4].join());`);
  assert.equal(said.trim(), "1 true replay,check");
});

test("it works in a worker of Node as in the main thread", () => {
  const said = run(`import { Worker } from "node:worker_threads";
    const text = 'import { parentPort } from "node:worker_threads"; import { analyze } from "relata"; parentPort.postMessage((await analyze(${JSON.stringify(SMALL).replaceAll("\\", "\\\\").replaceAll("'", "\\'")})).targets.length);';
    const { writeFileSync } = await import("node:fs");
    writeFileSync("worker.mjs", text);
    new Worker(new URL("worker.mjs", import.meta.url)).on("message", (n) => console.log(n));`);
  assert.equal(said.trim(), "1");
});

test("every example of the README runs", () => {
  const readme = readFileSync(join(project, "node_modules/relata/README.md"), "utf8");
  const blocks = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map((match) => match[1]);
  assert.ok(blocks.length >= 3);
  write("schema.sql", SMALL);
  let ran = 0;
  for (const block of blocks) {
    // What needs a document or configures a tool is run below, in the browser.
    if (/document\.|vite\.config/.test(block)) continue;
    assert.notEqual(run(block).trim(), "", block);
    ran += 1;
  }
  assert.equal(ran, 3);
});

test("the types hold under tsc --strict: the examples, and what is really answered", () => {
  const documents = run(`import { analyze, catalog, history, report } from "relata";
    import { readFileSync } from "node:fs";
    const samples = ["bookshop", "helpdesk"].map((n) => readFileSync(${JSON.stringify(join(HERE, "../../static/samples/"))} + n + ".sql", "utf8"));
    const migrations = { "V1__a.sql": "CREATE TABLE a (id int);\\nCREATE TABLE a (id int);", "V2__b.sql": "ALTER TABLE a RENAME TO b; CREATE TABLE oops (;" };
    const out = [];
    for (const files of [...samples, migrations, ${sql}, "nothing"]) {
      out.push(["Check", await analyze(files)], ["Report", JSON.parse(await report(files, { format: "json" }))], ["History", await history(files)]);
      await catalog(files).then((c) => out.push(["Catalog", c]), () => {});
    }
    console.log(JSON.stringify(out));`);
  const literals = JSON.parse(documents).map(([type, value], at) => `export const d${at}: ${type} = ${JSON.stringify(value)};`);
  write("answers.ts", `import type { Catalog, Check, History, Report } from "relata";\n${literals.join("\n")}\n`);
  write(
    "example.ts",
    `import { analyze, catalog, diagram, history, init, report, Session } from "relata";
import type { AnalyzeOptions, Catalog, Check, CheckFinding, Files } from "relata";
import "relata/element";

const options: AnalyzeOptions = { serverVersion: 16, order: "given", partial: false, defines: { schema: "app" } };
const files: Files = [["a.sql", "CREATE TABLE a (id int)"], { name: "b.sql", content: new Uint8Array() }, new Blob([])];
await init();
const check: Check = await analyze(files, options);
const worst: CheckFinding | undefined = check.findings[0];
const severity: "critical" | "high" | "medium" | "low" | "info" | undefined = worst?.severity;
const text: string = (await report(files, { format: "sarif" })) + (await diagram("CREATE TABLE a (id int)", { show: "keys", focus: "a", hops: 2 }));
const schema: Catalog = await catalog({ "a.sql": "CREATE TABLE a (id int)" });
const nullable: boolean | undefined = schema.schemas["public"]?.tables["a"]?.columns[0]?.nullable;
const session: Session = (await Session.open(options)).finish((stage: "replay" | "check") => console.log(stage));
console.log(severity, text, nullable, session.check().version, (await history(files)).targets.length);
const element: HTMLElement = document.querySelector("relata-schema")!;
element.addEventListener("ready", (event) => console.log((event as CustomEvent<{ tables: number }>).detail.tables));
const ours = document.querySelector("relata-schema")!;
ours.addEventListener("select", (event) => console.log(event.detail.table, event.target));
ours.addEventListener("click", () => console.log(ours.clientWidth));
ours.sql = "CREATE TABLE a (id int)";
ours.selected = "public.a";
await ours.reload();
await report(files, { base: "CREATE TABLE a (id int)", title: "T", note: "N", sections: ["summary", "changes"], severity: "high", layout: "flyway" });
console.log((await Session.open()).reportSince(await Session.open(), { format: "pr" }));
// @ts-expect-error there is no such chapter
await report(files, { sections: ["weather"] });
// @ts-expect-error there is no such format
await report(files, { format: "docx" });
// @ts-expect-error a number is no file
await analyze(7);
`,
  );
  write(
    "tsconfig.json",
    JSON.stringify({
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        noEmit: true,
        target: "es2022",
        module: "nodenext",
        lib: ["es2024", "dom", "dom.iterable"],
        types: [],
        skipLibCheck: false,
      },
      include: ["*.ts"],
    }),
  );
  try {
    execFileSync(process.execPath, [join(HERE, "node_modules/typescript/bin/tsc"), "-p", project], { encoding: "utf8" });
  } catch (error) {
    assert.fail(error.stdout.slice(0, 4000));
  }
});

test("a page in a browser imports it without a bundler", async () => {
  const server = await serve({
    "/relata/": join(project, "node_modules/relata"),
    "/index.html": `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">
      import { analyze } from "./relata/index.mjs";
      window.answer = (await analyze(${sql})).findings.length;</script>`,
  });
  try {
    await onPage(browser, `${server.url}index.html`, async (page) => {
      await page.waitForFunction(() => window.answer > 0);
    });
  } finally {
    await server.close();
  }
});

const MAIN = `import { analyze } from "relata";
import "relata/element";
window.answer = (await analyze(${sql})).findings.length;
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => (window.fromWorker = data);
`;
const WORKER = `import { diagram } from "relata";
postMessage(await diagram(${sql}, { format: "mermaid" }));
`;
const INDEX = `<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,"></head>
<body><relata-schema><script type="text/sql">${SMALL}</script></relata-schema><script type="module" src="/main.js"></script></body></html>`;

async function worksInVite(page) {
  await page.waitForFunction(() => window.answer > 0);
  await page.waitForFunction(() => window.fromWorker?.includes("erDiagram"));
  await page.locator("relata-schema .canvas svg").waitFor();
}

test("Vite builds it for page, worker and element", async () => {
  const { build } = await import(pathToFileURL(join(HERE, "node_modules/vite/dist/node/index.js")).href);
  const root = join(project, "site");
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, "main.js"), MAIN);
  writeFileSync(join(root, "worker.js"), WORKER);
  writeFileSync(join(root, "index.html"), INDEX);
  await build({ root, logLevel: "error", base: "./", build: { target: "es2022" }, worker: { format: "es" } });
  const server = await serve({ "/below/": join(root, "dist") });
  try {
    await onPage(browser, `${server.url}below/index.html`, worksInVite);
  } finally {
    await server.close();
  }
});

test("Vite's development server serves it", async () => {
  const { createServer } = await import(pathToFileURL(join(HERE, "node_modules/vite/dist/node/index.js")).href);
  const root = join(project, "dev");
  mkdirSync(root, { recursive: true });
  cpSync(join(project, "node_modules/relata"), join(root, "node_modules/relata"), { recursive: true });
  writeFileSync(join(root, "package.json"), JSON.stringify({ type: "module", dependencies: { relata: "*" } }));
  writeFileSync(join(root, "main.js"), MAIN);
  writeFileSync(join(root, "worker.js"), WORKER);
  writeFileSync(join(root, "index.html"), INDEX);
  const server = await createServer({ root, logLevel: "error", optimizeDeps: { exclude: ["relata"] }, server: { port: 0, host: "127.0.0.1", hmr: false, ws: false } });
  await server.listen();
  try {
    await onPage(browser, `http://127.0.0.1:${server.httpServer.address().port}/`, worksInVite, { allow: [/\[vite\]/, /WebSocket/] });
  } finally {
    await server.close();
  }
});
