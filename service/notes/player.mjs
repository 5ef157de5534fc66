// The player: one playhead over the waveform, and which second of whose song sounds under it.

import { byId, element, fill, sub } from "./view.mjs";

const PLAY = "M7 4v16l13-8z";
const PAUSE = "M6 4h4v16H6zM14 4h4v16h-4z";
const PAGE_S = 5;
const SVG = "http://www.w3.org/2000/svg";

/** Return the parts that sound at frame `at`: of each reference the one that began last. */
export function soundingAt(rendered, at) {
  const found = new Map();
  for (const unit of rendered) {
    const isOn = unit.output.from_frame <= at && at < unit.output.until_frame;
    const known = found.get(unit.row);
    if (isOn && !(known && known.output.from_frame > unit.output.from_frame)) found.set(unit.row, unit);
  }
  return [...found.values()].sort((a, b) => a.row - b.row);
}

/** Return the frame of its song that a part sounds at output frame `at`, and no frame beyond its end. */
export function sourceFrame({ source, output }, at) {
  const done = (at - output.from_frame) / (output.until_frame - output.from_frame);
  return Math.floor(source.from_frame + done * (source.until_frame - source.from_frame));
}

/** Return seconds for people: minutes, seconds, tenths. */
export function timeText(seconds) {
  const tenths = Math.floor(seconds * 10 + 1e-6);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
}

/** A player over checked bytes. `tell(frame)` returns the rows of the table, and which lanes are on. */
export class Player {
  constructor() {
    this.audio = byId("audio");
    this.playhead = byId("playhead");
    this.url = null;
    byId("play").addEventListener("click", () => this.toggle());
    this.playhead.addEventListener("input", () => this.seek(Number(this.playhead.value)));
    this.playhead.addEventListener("keydown", (event) => this.key(event));
    for (const name of ["play", "pause", "ended", "seeked", "timeupdate"]) {
      this.audio.addEventListener(name, () => this.follow());
    }
  }

  /** Load checked bytes, and what to tell at each moment. */
  load(bytes, mediaType, { duration, lanes, tell }) {
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
    this.audio.src = this.url;
    Object.assign(this, { duration, tell });
    this.playhead.max = String(duration);
    this.playhead.disabled = false;
    byId("play").disabled = false;
    byId("length").textContent = `of ${timeText(duration)}`;
    byId("lanes").replaceChildren(...lanes.map((lane) => drawLane(lane, duration)));
    this.follow();
  }

  /** Play or pause. */
  toggle() {
    if (this.audio.paused) this.audio.play();
    else this.audio.pause();
  }

  /** Put the playhead at a second. */
  seek(seconds) {
    this.audio.currentTime = Math.min(Math.max(seconds, 0), this.duration);
    this.follow();
  }

  key(event) {
    const step = { PageUp: PAGE_S, PageDown: -PAGE_S }[event.key];
    if (step) this.seek(this.audio.currentTime + step);
    else if (event.key === " ") this.toggle();
    else return; // arrows, Home and End are the range's own
    event.preventDefault();
  }

  // Shows where the playhead is; while it moves, with every frame of the screen.
  follow() {
    const at = this.audio.currentTime;
    const isPlaying = !this.audio.paused;
    byId("play-shape").setAttribute("d", isPlaying ? PAUSE : PLAY);
    byId("play").setAttribute("aria-label", isPlaying ? "Pause" : "Play");
    byId("clock").textContent = timeText(at);
    byId("needle").style.left = `${(100 * at) / this.duration}%`;
    if (document.activeElement !== this.playhead || isPlaying) this.playhead.value = String(at);
    const { rows, on, words } = this.tell(at);
    this.playhead.setAttribute("aria-valuetext", `${timeText(at)}: ${words || "nothing of anybody"}`);
    fill("now", rows);
    byId("lanes").querySelectorAll(".lane").forEach((lane, place) => lane.classList.toggle("on", on.has(place)));
    if (isPlaying && !this.frame) {
      this.frame = requestAnimationFrame(() => {
        this.frame = null;
        this.follow();
      });
    }
  }
}

function drawLane({ name, parts }, duration) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", `0 0 ${duration} 26`);
  drawing.setAttribute("preserveAspectRatio", "none");
  for (const [from, until] of parts) {
    const rect = document.createElementNS(SVG, "rect");
    const place = { x: from, width: until - from, y: 4, height: 18 };
    for (const [key, value] of Object.entries(place)) rect.setAttribute(key, String(value));
    drawing.append(rect);
  }
  return element("div", { class: "lane" }, drawing, element("span", { class: "name" }, name));
}

/** Return the row that says that nothing sounds. */
export function silence() {
  return element("tr", {}, element("td", { colspan: "5" }, "Nothing of anybody sounds here.", sub("no interval of the file covers this moment")));
}
