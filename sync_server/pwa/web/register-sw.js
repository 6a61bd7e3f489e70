// Registers the service worker and tells about a version that waits. The running version stays until
// the user agrees: a form half filled in is never lost to an update.
(() => {
  if (!("serviceWorker" in navigator)) return;
  const CHECK_EVERY_MS = 3_600_000;

  const offer = (registration) => {
    if (!registration.waiting || !navigator.serviceWorker.controller || document.getElementById("update")) return;
    const button = document.createElement("button");
    button.id = "update";
    button.textContent = "有新版本，点这里更新（已存的记录都在）";
    button.onclick = () => {
      button.disabled = true;
      registration.waiting.postMessage("update-now");
    };
    document.body.append(button);
  };

  navigator.serviceWorker.register("sw.js", { updateViaCache: "none" }).then((registration) => {
    offer(registration);
    registration.addEventListener("updatefound", () => {
      registration.installing.addEventListener("statechange", () => offer(registration));
    });
    setInterval(() => navigator.onLine && registration.update().catch(() => {}), CHECK_EVERY_MS);
  }, (error) => console.warn("service worker:", error));

  // The first worker takes over a page that is already whole; only a later one asks for a reload.
  let controlled = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (controlled) location.reload();
    controlled = true;
  });
})();
