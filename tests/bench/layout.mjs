// Lays out graphs with Graphviz, ELK and dagre and measures their drawings and Relata's with one counter. `cargo xtask bench --layout` calls it:
//
//   node layout.mjs GRAPHS [TOOL...]
//
// GRAPHS holds one line of JSON for each graph, as `relata-tests`' program `layout` prints it. Each gives one line of JSON: for each tool its least time and
// what its drawing is like. Every tool gets the same boxes and edges, draws from left to right, and has otherwise its own defaults.

import { spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { measure } from "./measure.mjs";

const here = fileURLToPath(import.meta.url);
const require = createRequire(here);
/** No tool gets longer than this for one graph. */
const LIMIT_MS = Number(process.env.LAYOUT_LIMIT_MS ?? 120_000);

const TOOLS = { graphviz, elkjs, dagre };
/** In this distance from each other things are drawn: Relata's own distances. */
const [NODES, LAYERS] = [28, 84];

/** What `run` takes: the least of several rounds after one to warm up, of one where it takes long. */
async function least(run) {
  let [best, result] = [Infinity, null];
  for (let round = 0; round < 4 && (round < 1 || best < 4000); round += 1) {
    const start = performance.now();
    result = await run();
    best = Math.min(best, performance.now() - start);
  }
  return { ms: best, result };
}

async function elkjs({ nodes, edges }) {
  const ELK = require("elkjs/lib/elk.bundled.js");
  const graph = () => ({
    id: "root",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": "RIGHT",
      "elk.edgeRouting": "ORTHOGONAL",
      "elk.aspectRatio": "1.6",
      "elk.spacing.nodeNode": String(NODES),
      "elk.layered.spacing.nodeNodeBetweenLayers": String(LAYERS),
    },
    children: nodes.map(([width, height], i) => ({ id: `n${i}`, width, height })),
    edges: edges.map(([from, to], i) => ({ id: `e${i}`, sources: [`n${from}`], targets: [`n${to}`] })),
  });
  const elk = new ELK();
  const { ms, result } = await least(() => elk.layout(graph()));
  const route = ({ sections: [s] }) => [s.startPoint, ...(s.bendPoints ?? []), s.endPoint].map((p) => [p.x, p.y]);
  return { ms, boxes: result.children.map((n) => [n.x, n.y, n.width, n.height]), routes: result.edges.map(route) };
}

async function dagre({ nodes, edges }) {
  const { default: dagre } = await import("@dagrejs/dagre");
  const { ms, result } = await least(() => {
    const g = new dagre.graphlib.Graph({ multigraph: true });
    g.setGraph({ rankdir: "LR", nodesep: NODES, ranksep: LAYERS });
    g.setDefaultEdgeLabel(() => ({}));
    nodes.forEach(([width, height], i) => g.setNode(`n${i}`, { width, height }));
    edges.forEach(([from, to], i) => g.setEdge(`n${from}`, `n${to}`, {}, `e${i}`));
    dagre.layout(g);
    return g;
  });
  return {
    ms,
    boxes: nodes.map((_, i) => result.node(`n${i}`)).map((n) => [n.x - n.width / 2, n.y - n.height / 2, n.width, n.height]),
    routes: edges.map(([from, to], i) => result.edge(`n${from}`, `n${to}`, `e${i}`).points.map((p) => [p.x, p.y])),
  };
}

async function graphviz({ nodes, edges }) {
  const inch = (px) => px / 72;
  const text = [
    `digraph { rankdir=LR; nodesep=${inch(NODES)}; ranksep=${inch(LAYERS)}; node [shape=box fixedsize=true label=""]; edge [arrowhead=none];`,
    ...nodes.map(([width, height], i) => `${i} [width=${inch(width)} height=${inch(height)}];`),
    ...edges.map(([from, to], i) => `${from} -> ${to} [comment=${i}];`),
    "}",
  ].join("\n");
  // The time is that of the whole process: reading and writing are a small part of it.
  const { ms, result } = await least(() => {
    const run = spawnSync("dot", ["-Tjson0"], { input: text, maxBuffer: 1 << 30, encoding: "utf8" });
    if (run.status !== 0) throw new Error(run.stderr || String(run.error));
    return run.stdout;
  });
  const drawn = JSON.parse(result);
  const point = (word) => word.replace(/^[se],/, "").split(",").map(Number);
  const boxes = drawn.objects.map((n) => [n, point(n.pos)]).map(([n, [x, y]]) => [x - Number(n.width) * 36, y - Number(n.height) * 36, Number(n.width) * 72, Number(n.height) * 72]);
  const routes = Array.from({ length: edges.length }, () => []);
  for (const edge of drawn.edges ?? []) routes[Number(edge.comment)] = bezier(edge.pos.split(" ").map(point));
  return { ms, boxes, routes };
}

/** Cubic curves as polylines, eight pieces each. */
function bezier(points) {
  const out = [points[0]];
  for (let i = 0; i + 3 < points.length; i += 3) {
    const [a, b, c, d] = points.slice(i, i + 4);
    for (let step = 1; step <= 8; step += 1) {
      const t = step / 8;
      const mix = (k) => (1 - t) ** 3 * a[k] + 3 * (1 - t) ** 2 * t * b[k] + 3 * (1 - t) * t ** 2 * c[k] + t ** 3 * d[k];
      out.push([mix(0), mix(1)]);
    }
  }
  return out;
}

/** One tool in a process of its own, so that it can be ended when it takes too long. */
function apart(tool, graph) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--stack-size=8000", here, "--one", tool], { stdio: ["pipe", "pipe", "pipe"] });
    const [out, err] = [[], []];
    const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
    child.stdout.on("data", (data) => out.push(data));
    child.stderr.on("data", (data) => err.push(data));
    child.stdin.on("error", () => {});
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (signal) return resolve({ failed: `not within ${LIMIT_MS / 1000} s` });
      if (code !== 0) return resolve({ failed: String(Buffer.concat(err)).split("\n").find((l) => /error/i.test(l)) ?? "failed" });
      resolve(JSON.parse(Buffer.concat(out)));
    });
    child.stdin.end(JSON.stringify(graph));
  });
}

if (process.argv[2] === "--one") {
  const graph = JSON.parse(readFileSync(0, "utf8"));
  const { ms, boxes, routes } = await TOOLS[process.argv[3]](graph);
  process.stdout.write(JSON.stringify({ ms, ...measure(boxes, routes) }));
} else {
  const [file, ...tools] = process.argv.slice(2);
  for (const line of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
    const { name, ms, nodes, edges, boxes, routes } = JSON.parse(line);
    const results = { relata: { ms, ...measure(boxes, routes) } };
    for (const tool of tools.length ? tools : Object.keys(TOOLS)) results[tool] = await apart(tool, { nodes, edges });
    console.log(JSON.stringify({ name, tables: nodes.length, keys: edges.length, tools: results }));
  }
}
