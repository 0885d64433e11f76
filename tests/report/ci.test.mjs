// The files that docs/ci.md shows, taken out of it: valid YAML of the form that each service reads, commands that there are, and a hook that does what it
// says in a repository of its own. RELATA_BIN is the program. `cargo xtask test report` builds it and says where it is.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { after, test } from "node:test";
import { parse } from "yaml";

const relata = process.env.RELATA_BIN;
assert.ok(relata, "RELATA_BIN must name the program");
const folder = mkdtempSync(join(tmpdir(), "relata-ci-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const page = readFileSync(new URL("../../docs/ci.md", import.meta.url), "utf8");
const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({ language, text }));
const block = (language, part) => {
  const found = blocks.filter((b) => b.language === language && b.text.includes(part));
  assert.equal(found.length, 1, `one block of ${language} with ${part}`);
  return found[0].text;
};

// A folder in front of the path, with the program under the name that the page calls it by.
const bin = join(folder, "bin");
mkdirSync(bin);
symlinkSync(resolve(relata), join(bin, "relata"));
const env = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@example.org",
};
const sh = (script, cwd, more = {}) => {
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script], { cwd, env: { ...env, ...more }, encoding: "utf8" });
  return { status, out: stdout + stderr };
};
const good = "CREATE TABLE a (id bigint PRIMARY KEY);\n";
const bad = "ALTER TABLE missing ADD COLUMN x text;\n";

/** A folder with migrations of one state. */
const project = (name, files) => {
  const at = join(folder, name);
  mkdirSync(join(at, "db/migrations"), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(at, "db/migrations", file), text);
  return at;
};

/** Every option of a `relata` call is one that the command's help has. */
const optionsAreKnown = (script) => {
  const calls = script.replace(/\\\n/g, " ").split("\n").flatMap((l) => [...l.matchAll(/(?:^|[ ;&|])relata ([a-z]+)([^;&|]*)/g)]);
  for (const [call, command, rest] of calls) {
    const help = execFileSync(relata, ["help", command], { encoding: "utf8" });
    for (const [option] of rest.matchAll(/(?<= )--?[a-z][a-z-]*/g)) assert.ok(help.includes(option), `${option} in ${call}`);
  }
  return calls.length;
};

test("every relata call of the page is one that there is", () => {
  const inTables = [...page.matchAll(/`(relata [^`]*)`/g)].map(([, call]) => call);
  assert.ok(optionsAreKnown([...blocks.map((b) => b.text), ...inTables].join("\n")) >= 12);
});

test("the workflow of GitHub Actions is one, and its steps run", () => {
  const workflow = parse(block("yaml", "runs-on:"));
  // Source: GitHub Actions, "Workflow syntax".
  assert.deepEqual(Object.keys(workflow).sort(), ["jobs", "name", "on", "permissions"]);
  const job = workflow.jobs.check;
  assert.equal(job["runs-on"], "ubuntu-latest");
  const known = new Set(["name", "uses", "run", "with", "if", "env", "working-directory"]);
  for (const step of job.steps) {
    assert.ok(Boolean(step.run) !== Boolean(step.uses), JSON.stringify(step));
    assert.deepEqual(Object.keys(step).filter((key) => !known.has(key)), []);
    if (step.uses) assert.match(step.uses, /^[\w-]+\/[\w/-]+@v\d+$/);
  }
  // Source: the shell that a step runs in is `bash -e`.
  const at = join(folder, "actions");
  project("actions/head", { "1.sql": good });
  project("actions/base", { "1.sql": good });
  const variables = {
    GITHUB_SERVER_URL: "https://github.com",
    GITHUB_REPOSITORY: "a/b",
    GITHUB_SHA: "0".repeat(40),
    GITHUB_STEP_SUMMARY: join(at, "summary.md"),
  };
  let ran = 0;
  const steps = (check) => {
    for (const step of job.steps.filter((s) => s.run && !s.run.includes("cargo install"))) {
      // The comment is posted by GitHub's own program; what it posts is written by ours.
      const script = step.run.split("\n").filter((line) => !line.startsWith("gh ")).join("\n");
      const run = spawnSync("bash", ["-e", "-c", script], { cwd: join(at, step["working-directory"] ?? "."), env: { ...env, ...variables }, encoding: "utf8" });
      check(step, run);
      ran += 1;
    }
  };
  steps((step, run) => assert.equal(run.status, 0, `${step.name ?? step.run}: ${run.stdout}${run.stderr}`));
  assert.ok(ran >= 6);
  assert.match(readFileSync(variables.GITHUB_STEP_SUMMARY, "utf8"), /\S/);
  assert.match(readFileSync(join(at, "comment.md"), "utf8"), /\S/);
  assert.equal(JSON.parse(readFileSync(join(at, "schema.sarif"), "utf8")).version, "2.1.0");
  assert.match(readFileSync(join(at, "audit.html"), "utf8"), /^<!doctype html>/);
  // What is new and bad fails the last step, and no other.
  writeFileSync(join(at, "head/db/migrations/2.sql"), bad);
  const failed = [];
  steps((step, run) => {
    if (run.status !== 0) failed.push(step.name);
  });
  assert.deepEqual(failed, ["Fail on what is new and bad"]);
});

test("the pipeline of GitLab is one, and its script runs", () => {
  const pipeline = parse(block("yaml", "CI_PIPELINE_SOURCE"));
  const job = pipeline.schema;
  // Source: GitLab, "CI/CD YAML syntax reference".
  const known = new Set(["stage", "image", "cache", "rules", "variables", "before_script", "script", "artifacts"]);
  assert.deepEqual(Object.keys(job).filter((key) => !known.has(key)), []);
  for (const list of [job.before_script, job.script]) assert.ok(list.every((line) => typeof line === "string"));
  const at = project("gitlab/work", { "1.sql": good });
  const git = (line) => {
    const run = sh(line, at);
    assert.equal(run.status, 0, run.out);
    return run.out.trim();
  };
  git("git init -q && git add . && git commit -q -m one");
  const first = git("git rev-parse HEAD");
  const script = `set -e\n${job.script.join("\n")}`;
  const variables = { CI_PROJECT_URL: "https://gitlab.example/a", CI_COMMIT_SHA: first };
  const branch = sh(script, at, variables);
  assert.equal(branch.status, 0, branch.out);
  const request = sh(script, at, { ...variables, CI_MERGE_REQUEST_DIFF_BASE_SHA: first });
  assert.equal(request.status, 0, request.out);
  for (const file of job.artifacts.paths) assert.match(readFileSync(join(at, file), "utf8"), /\S/);
  git("git worktree remove --force ../base");
  writeFileSync(join(at, "db/migrations/2.sql"), bad);
  assert.equal(sh(script, at, { ...variables, CI_MERGE_REQUEST_DIFF_BASE_SHA: first }).status, 1);
});

test("the configuration of pre-commit is one, and its entry runs", () => {
  const [repo] = parse(block("yaml", "repo: local")).repos;
  // Source: pre-commit.com, "Repository local hooks": these four must be there.
  const [hook] = repo.hooks;
  assert.equal(repo.repo, "local");
  for (const key of ["id", "name", "language", "entry"]) assert.equal(typeof hook[key], "string");
  assert.ok(new RegExp(hook.files).test("db/migrations/1.sql") && !new RegExp(hook.files).test("src/db.rs"));
  const at = project("configured", { "1.sql": good });
  assert.equal(sh(hook.entry, at).status, 0);
  writeFileSync(join(at, "db/migrations/2.sql"), bad);
  assert.equal(sh(hook.entry, at).status, 1);
});

test("the hook lets good commits pass and stops bad ones, by what is staged", () => {
  const at = project("hooked", { "1.sql": good });
  const run = (line) => sh(line, at);
  assert.equal(run("git init -q").status, 0);
  const file = join(at, ".git/hooks/pre-commit");
  writeFileSync(file, block("sh", "#!/bin/sh"));
  chmodSync(file, 0o755);
  // The first commit has nothing to compare with.
  const first = run("git add . && git commit -q -m one");
  assert.equal(first.status, 0, first.out);
  // What lies around unstaged is not what is committed.
  writeFileSync(join(at, "db/migrations/2.sql"), bad);
  const other = run("echo x > other.txt && git add other.txt && git commit -q -m two");
  assert.equal(other.status, 0, other.out);
  const stopped = run("git add . && git commit -q -m three");
  assert.equal(stopped.status, 1, stopped.out);
  assert.match(stopped.out, /db\/migrations\/2\.sql:1/);
  // Staged well, whatever the working tree has by now.
  writeFileSync(join(at, "db/migrations/2.sql"), "CREATE TABLE b (id bigint PRIMARY KEY);\n");
  assert.equal(run("git add db").status, 0);
  writeFileSync(join(at, "db/migrations/2.sql"), bad);
  const passed = run("git commit -q -m three");
  assert.equal(passed.status, 0, passed.out);
  assert.equal(run("git log --format=%s | tr '\\n' ' '").out.trim(), "three two one");
});
