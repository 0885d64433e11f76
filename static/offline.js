// Has the site's files kept for use without a network, and says when a newer version is there. Nothing changes under a page that is open: going
// over is the user's choice, and a page that is merely reloaded stays on the version that it had.

/** Resolves when the files of the newest version are kept by the service worker `script`, or cannot be: no request of this page comes after that. */
export async function keep(place, script) {
  if (!("serviceWorker" in navigator) || !isSecureContext) return;
  let registration;
  try {
    registration = await navigator.serviceWorker.register(script, { scope: new URL("../", import.meta.url).pathname });
    announce(registration, place);
    // Without a network there is no newer version to be had.
    await registration.update().catch(() => {});
    await installed(registration.installing);
    announce(registration, place);
  } catch {
    // Storage is denied or full: the page works, but only with the network.
  }
}

function installed(worker) {
  if (!worker) return undefined;
  return new Promise((resolve) => {
    const look = () => worker.state !== "installing" && resolve();
    worker.addEventListener("statechange", look);
    look();
  });
}

function announce(registration, place) {
  const waiting = registration.waiting;
  // Without a version before there is nothing to go over from.
  if (!waiting || !navigator.serviceWorker.controller || document.querySelector('[data-testid="update"]')) return;
  const box = document.createElement("div");
  box.className = "relata-told";
  box.setAttribute("role", "status");
  box.dataset.testid = "update";
  const text = document.createElement("p");
  text.textContent = "A newer version of this page is ready. Going over closes what is open here.";
  const go = button("Go over", () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    waiting.postMessage("take over");
  });
  const later = button("Later", () => box.remove());
  box.append(text, go, later);
  place.before(box);
}

function button(label, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", action);
  return made;
}
