// Drawings so small that one can count by eye.

import assert from "node:assert/strict";
import { test } from "node:test";
import { measure } from "./measure.mjs";

test("two lines that cross do so once, lines that touch or share a piece never", () => {
  const cross = measure([], [[[0, 5], [10, 5]], [[5, 0], [5, 10]]]);
  assert.deepEqual([cross.pairs, cross.points, cross.length], [1, 1, 20]);
  assert.equal(measure([], [[[0, 5], [10, 5]], [[5, 5], [5, 10]]]).pairs, 0);
  assert.equal(measure([], [[[0, 5], [10, 5]], [[2, 5], [20, 5]]]).pairs, 0);
});

test("a line does not cross itself", () => {
  assert.equal(measure([], [[[0, 0], [10, 0], [10, 10], [5, 10], [5, -5]]]).pairs, 0);
});

test("three lines that run as one are crossed in one place, by three pairs", () => {
  const trunk = [0, 1, 2].map((i) => [[0, 5], [10, 5], [10, 5 + i], [20, 5 + i]]);
  const { pairs, points } = measure([], [...trunk, [[5, 0], [5, 10]]]);
  assert.deepEqual([pairs, points], [3, 1]);
});

test("slanted lines are counted as upright ones are, bends and size with them", () => {
  const slanted = measure([[0, 0, 4, 4]], [[[0, 0], [10, 10]], [[0, 10], [10, 0], [12, 0]]]);
  assert.deepEqual([slanted.points, slanted.bends, slanted.width, slanted.height], [1, 1, 12, 10]);
});
