// Follows a slider while it is dragged, says the answer to a screen reader, and asks for the curves
// under the sliders once these have rested.
// Streamlit sends a slider's value only when it is let go. Here the next value leaves when the
// answer to the last one has been drawn; where that takes long, nothing leaves until the release.
// Back or Forward right after an answer is told twice: the first time, a message that left the
// browser before the address that was written last arrived can take its place. Not so once something
// was pressed: the second time would undo it.
// After a cut of the line the page is asked for again: an answer may have been lost on the way, and
// neither side knows.
const CLICK = 90 // ms: a pointer that is let go sooner has clicked, not dragged
const SLOW = 900 // ms: an answer that takes longer is not worth following
const QUIET = 700 // ms without a new answer before it is read aloud and curves are asked for
const BACK = 300 // ms after a connection is there again
const STILL = 600 // ms after an answer, when its address has arrived

const TEXT_BOX = "textarea, input:is([type=text], [type=number]):not([role=combobox])"

const follower = {drag: 0, saw: 0, drawn: null, send: () => {}}
const history = {drawn: 0, timer: 0}

function value(slider) {
  return slider.querySelector("input[type=range]").value
}

function start(slider) {
  const name = /st-key-set_(\w+)/.exec(slider.className)?.[1]
  if (!name || !slider.querySelector("input[type=range]")) return
  follower.drag += 1
  const began = performance.now()
  let busy = 0, last = value(slider), sent = false, timer

  const look = () => {
    clearTimeout(timer)
    const now = performance.now(), wait = began + CLICK - now
    if (wait > 0) timer = setTimeout(look, wait)
    else if (!busy && value(slider) !== last) {
      last = value(slider)
      busy = now
      sent = true
      follower.send({name, value: last, drag: follower.drag})
    }
  }
  const observer = new MutationObserver(look)
  observer.observe(slider, {subtree: true, attributeFilter: ["aria-valuetext", "value"]})
  follower.drawn = () => {
    if (busy && performance.now() - busy < SLOW) {
      busy = 0
      look()
    }
  }
  const end = () => {
    observer.disconnect()
    clearTimeout(timer)
    follower.drawn = null
    window.removeEventListener("pointerup", end, true)
    window.removeEventListener("pointercancel", end, true)
    // after Streamlit's own message, which comes only if the value is another one than before
    if (sent) setTimeout(() => follower.send({name, value: value(slider), drag: 0}), 0)
  }
  window.addEventListener("pointerup", end, true)
  window.addEventListener("pointercancel", end, true)
}

function tellAgain(event) {
  if (!event.isTrusted) return
  clearTimeout(history.timer)
  if (performance.now() - history.drawn > STILL) return
  const again = new PopStateEvent("popstate", {state: event.state})
  history.timer = setTimeout(() => window.dispatchEvent(again), STILL)
}

// A connection that breaks while the server draws makes Streamlit show an empty page: what is drawn
// next builds on parts that never arrived. The address still holds the scenario, so load it again.
function drawAnew() {
  const later = () => setTimeout(drawAnew, 1000)
  fetch(location.href, {method: "HEAD"}).then(() => location.reload(), later)
}

function askAfterCut(changes) {
  for (const {target, oldValue} of changes) {
    if (oldValue !== "CONNECTED" && target.dataset.testConnectionState === "CONNECTED") {
      setTimeout(() => follower.send({saw: follower.saw}), BACK)
    }
  }
}

// On paper nothing can be pressed.
const CONTROLS = "[data-testid=stSidebar], [data-testid=stButtonGroup], [data-testid=stBottom], "
  + "[data-testid=stBottomBlockContainer], [data-testid=stSelectbox], .stButton, .stPopover"

function hideControls(hidden) {
  for (const part of document.querySelectorAll(CONTROLS)) part.style.display = hidden ? "none" : ""
}

function listen() {
  matchMedia("print").addEventListener("change", ({matches}) => hideControls(matches))
  const root = document.getElementById("root")
  new MutationObserver(askAfterCut).observe(root, {
    subtree: true, attributeFilter: ["data-test-connection-state"], attributeOldValue: true
  })
  new MutationObserver((_, observer) => {
    if (root.querySelector("[data-testid=stApp]")) return
    observer.disconnect()
    drawAnew()
  }).observe(root, {childList: true})
  window.addEventListener("popstate", tellAgain)
  for (const press of ["pointerdown", "keydown"]) {
    window.addEventListener(press, () => clearTimeout(history.timer), true)
  }
  document.addEventListener("pointerdown", (event) => {
    const slider = event.target.closest?.("[class*=st-key-set_]")
    if (slider) start(slider)
  }, true)
  // Undo in a box for text belongs to the box
  window.addEventListener("keydown", (event) => {
    const isText = event.target.matches?.(TEXT_BOX)
    if (isText && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.stopImmediatePropagation()
    }
  }, true)
}

let isListening = false
let speaking

// A message holds the value of every slider. While the server draws, it may be setting some.
function isIdle() {
  return document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
}

export default function ({data, parentElement, setTriggerValue}) {
  follower.send = (moved) => setTriggerValue("moved", moved)
  follower.saw = data.drawn
  history.drawn = performance.now()
  if (!isListening) listen()
  isListening = true
  follower.drawn?.()
  clearTimeout(speaking)
  const status = parentElement.querySelector("[role=status]")
  const rest = () => {
    if (status.textContent !== data.answer) status.textContent = data.answer
    if (!data.curves || follower.drawn) return
    if (isIdle()) setTriggerValue("rested", data.drawn)
    else speaking = setTimeout(rest, QUIET)
  }
  speaking = setTimeout(rest, QUIET)
}
