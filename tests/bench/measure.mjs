// What a drawing is like, counted in the same way whoever made it.

/**
 * Crossings, length and bends of edges that are drawn as polylines (`[[x, y], ...]`, one for each edge), and the size of what they and the boxes
 * (`[x, y, width, height]`) cover.
 *
 * `pairs` counts every proper intersection of a piece of one edge with a piece of another. `points` counts the places where that happens: what the
 * eye meets, since edges that run as one line, to the same end, cross a third one in one place.
 */
export function measure(boxes, routes) {
  const pieces = [];
  let [length, bends] = [0, 0];
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const include = (x, y) => {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  };
  for (const [x, y, width, height] of boxes) {
    include(x, y);
    include(x + width, y + height);
  }
  routes.forEach((points, edge) => {
    points.forEach(([x, y]) => include(x, y));
    bends += Math.max(0, points.length - 2);
    for (let i = 1; i < points.length; i += 1) {
      const [[ax, ay], [bx, by]] = [points[i - 1], points[i]];
      length += Math.hypot(bx - ax, by - ay);
      if (ax !== bx || ay !== by) pieces.push({ edge, ax, ay, bx, by });
    }
  });
  const [width, height] = boxes.length ? [right - left, bottom - top] : [0, 0];
  return { ...crossings(pieces), length: Math.round(length), bends, width: Math.round(width), height: Math.round(height) };
}

function crossings(pieces) {
  // A sweep from left to right: only pieces that overlap in x are compared, and of those only the ones that overlap in y.
  const sorted = pieces.map((p) => ({ ...p, from: Math.min(p.ax, p.bx), to: Math.max(p.ax, p.bx), low: Math.min(p.ay, p.by), high: Math.max(p.ay, p.by) }));
  sorted.sort((p, q) => p.from - q.from);
  let open = [];
  let pairs = 0;
  const points = new Set();
  for (const p of sorted) {
    open = open.filter((q) => q.to >= p.from);
    for (const q of open) {
      if (q.edge === p.edge || q.high < p.low || p.high < q.low) continue;
      const at = meeting(p, q);
      if (!at) continue;
      pairs += 1;
      // Quarters of a pixel; both numbers in one, since there may be millions. A set holds no more than 2^24.
      if (points.size < 1 << 24) points.add((Math.round(at[0] * 4) + (1 << 22)) * 2 ** 26 + Math.round(at[1] * 4) + (1 << 25));
    }
    open.push(p);
  }
  return { pairs, points: points.size };
}

/** Where two pieces cross, both inside; `null` where they only touch or do not meet. */
function meeting(p, q) {
  const side = (s, x, y) => Math.sign((s.bx - s.ax) * (y - s.ay) - (s.by - s.ay) * (x - s.ax));
  if (side(p, q.ax, q.ay) * side(p, q.bx, q.by) >= 0 || side(q, p.ax, p.ay) * side(q, p.bx, p.by) >= 0) return null;
  const [ux, uy, vx, vy] = [p.bx - p.ax, p.by - p.ay, q.bx - q.ax, q.by - q.ay];
  const t = ((q.ax - p.ax) * vy - (q.ay - p.ay) * vx) / (ux * vy - uy * vx);
  return [p.ax + t * ux, p.ay + t * uy];
}
