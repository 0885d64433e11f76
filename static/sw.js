// Keeps the page's own files, so that it opens without a network. The build puts this at the site's root, with the list of files and their
// digest; a change of any file is a new list, and so a new version of this script.
//
// A new version is fetched beside the old one and waits: the page says that it is there and lets the user decide when to go over.

const FILES = [];
const DIGEST = "none";
// The scope is in the name: caches are the host's, and two copies of the same build under two paths of it must not share one.
const OWN = `relata ${self.registration.scope} `;
const CACHE = OWN + DIGEST;

self.addEventListener("install", (event) => {
  // The browser's own cache may hold a file of the version before: the host is asked whether it is still the same.
  const requests = FILES.map((file) => new Request(file, { cache: "no-cache" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
});

// Pages that are open stay as they are; the next one that is opened comes from here.
self.addEventListener("activate", (event) => event.waitUntil(tidy()));

/** Lets go of what versions before this one kept; what other copies and other sites of the host keep has names of their own. */
async function tidy() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OWN) && name !== CACHE).map((name) => caches.delete(name)));
}

self.addEventListener("message", ({ data }) => {
  if (data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || !url.href.startsWith(self.registration.scope)) return;
  event.respondWith(answer(request, url));
});

async function answer(request, url) {
  const cache = await caches.open(CACHE);
  // Whatever stands behind `?` or `#`, the page is the same.
  const address = request.mode === "navigate" && url.pathname.endsWith("/") ? new URL("index.html", url).href : url.href.split(/[?#]/)[0];
  return (await cache.match(address)) ?? fetch(request);
}
