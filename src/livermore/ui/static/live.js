"use strict";
// Shows a session as it is now: the server sends the part that changes, escaped, whenever it has changed.
(function () {
  const place = document.getElementById("live");
  const said = document.getElementById("said");
  const lost = document.getElementById("lost");
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
    lost.hidden = true;
    if (said.textContent !== found.entries) said.textContent = found.entries;
    if (minute !== null && found.minute !== minute) {
      document.querySelectorAll("[data-chart]").forEach(chart => chart.dispatchEvent(new Event("update-chart")));
    }
    minute = found.minute;
  });
  events.addEventListener("error", () => {
    const again = events.readyState === EventSource.CLOSED ? " Start it again, and open the address that it prints." : "";
    lost.textContent = "livermore ui does not answer. What is below was true when it last did." + again;
    lost.hidden = false;
  });
  window.addEventListener("pagehide", () => events.close());
}());
