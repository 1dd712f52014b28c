"use strict";
// Shows a session as it is now: the server sends the part that changes, escaped, whenever it has changed.
(function () {
  const place = document.getElementById("live");
  const said = document.getElementById("said");
  let minute = null;

  function show(html) {
    // A table that is being scrolled or read with the keyboard is not taken away from under the reader.
    const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
    place.innerHTML = html;
    if (focused) [...place.querySelectorAll("[aria-label]")].find(part => part.getAttribute("aria-label") === focused)?.focus();
  }

  const events = new EventSource(place.dataset.events);
  events.addEventListener("message", event => {
    const found = JSON.parse(event.data);
    show(found.html);
    if (said.textContent !== found.entries) said.textContent = found.entries;
    if (minute !== null && found.minute !== minute) {
      document.querySelectorAll("[data-chart]").forEach(chart => chart.dispatchEvent(new Event("update-chart")));
    }
    minute = found.minute;
  });
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) said.textContent = "livermore ui does not answer any more; load the page again.";
  });
  window.addEventListener("pagehide", () => events.close());
}());
