// Tells the server of each move of a slider, says the answer to a screen reader, and asks for the
// curves under the sliders once these have rested.
// Streamlit would send a slider's value when it is let go, and run the whole page for it. Here the
// values leave while it is dragged, and only what they change is drawn. At most MOST are under way:
// the server works on one while the browser draws the one before. Where that takes long, nothing
// leaves until the release.
// Back or Forward right after an answer is told twice: the first time, a message that left the
// browser before the address that was written last arrived can take its place. Not so once something
// was pressed: the second time would undo it.
// After a cut of the line the page is asked for again: an answer may have been lost on the way, and
// neither side knows.
const MOST = 2 // messages under way
const CLICK = 90 // ms: a pointer that is let go sooner, and did not move, has clicked
const MOVED = 2 // pixels from where it went down: it drags
const SLOW = 900 // ms: an answer that takes longer is not worth following
const LOST = 3000 // ms: an answer that takes longer is not waited for
const QUIET = 700 // ms without a new answer before it is read aloud and curves are asked for
const BACK = 300 // ms after a connection is there again
const STILL = 600 // ms after an answer, when its address has arrived

const TEXT_BOX = "textarea, input:is([type=text], [type=number]):not([role=combobox])"

const follower = {drags: 0, sent: 0, saw: 0, pressed: 0, look: null, send: () => {}}
let waiting = null // the slider whose step is not told yet
let keyed = null // the slider that takes a key now
const underWay = new Map() // number of a message -> when it left
const history = {drawn: 0, timer: 0}

function range(slider) {
  return slider.querySelector("input[type=range]")
}

function nameOf(slider) {
  return /st-key-set_(\w+)/.exec(slider.className)?.[1]
}

function tell(slider, drag = 0, ends = false) {
  follower.sent += 1
  underWay.set(follower.sent, performance.now())
  const moved = {name: nameOf(slider), value: range(slider).value, drag, ends}
  follower.send({...moved, number: follower.sent})
}

// Whether another message may leave: those that the server has heard are no longer under way.
function isFree() {
  for (const [number, left] of underWay) {
    if (performance.now() - left > LOST) underWay.delete(number)
  }
  return underWay.size < MOST
}

// Forgets the messages that are drawn now; the longest time, in ms, that one of them took.
function heard(number) {
  let longest = 0
  for (const [one, left] of underWay) {
    if (one > number) continue
    longest = Math.max(longest, performance.now() - left)
    underWay.delete(one)
  }
  return longest
}

function drag(slider, from) {
  const number = ++follower.drags, began = performance.now(), first = range(slider).value
  let last = first, sent = false, slow = false, moved = false, timer

  const look = (took = 0) => {
    clearTimeout(timer)
    slow ||= took > SLOW
    const wait = moved ? 0 : began + CLICK - performance.now()
    if (wait > 0) timer = setTimeout(look, wait)
    else if (!slow && range(slider).value !== last && isFree()) {
      last = range(slider).value
      sent = true
      tell(slider, number)
    }
  }
  const observer = new MutationObserver(() => look())
  observer.observe(slider, {subtree: true, attributeFilter: ["aria-valuetext", "value"]})
  follower.look = look
  const move = ({clientX}) => moved ||= Math.abs(clientX - from) > MOVED
  window.addEventListener("pointermove", move, true)
  const end = () => {
    observer.disconnect()
    clearTimeout(timer)
    follower.look = null
    window.removeEventListener("pointermove", move, true)
    for (const type of ["pointerup", "pointercancel"]) window.removeEventListener(type, end, true)
    setTimeout(() => { // once the slider has taken it
      if (sent || range(slider).value !== first) tell(slider, sent ? number : 0, true)
    }, 0)
  }
  for (const type of ["pointerup", "pointercancel"]) window.addEventListener(type, end, true)
}

// A key, or the step of a screen reader; while two answers are under way it waits for one.
function step(slider, before) {
  setTimeout(() => { // once the slider has taken it
    keyed = null
    if (!range(slider) || range(slider).value === before) return
    if (isFree()) return tell(slider)
    waiting = slider
    setTimeout(tellWaiting, LOST)
  }, 0)
}

function tellWaiting() {
  if (waiting && range(waiting)) tell(waiting)
  waiting = null
}

function press(event) {
  clearTimeout(history.timer)
  follower.pressed = performance.now()
  const slider = event.target.closest?.("[class*=st-key-set_]")
  const isKey = event.type === "keydown"
  if (slider !== waiting || !isKey) tellWaiting() // before what is pressed now
  if (!slider || !range(slider)) return
  if (!isKey) return drag(slider, event.clientX)
  keyed = slider
  step(slider, range(slider).value)
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
  for (const type of ["pointerdown", "keydown"]) window.addEventListener(type, press, true)
  window.addEventListener("input", ({target}) => { // of a screen reader: no key, no pointer
    const slider = target.closest?.("[class*=st-key-set_]")
    if (slider && range(slider) === target && slider !== keyed && !follower.look) step(slider)
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
  const took = heard(data.heard)
  follower.look?.(took)
  if (isFree()) tellWaiting()
  clearTimeout(speaking)
  const status = parentElement.querySelector("[role=status]")
  const rest = () => {
    if (status.textContent !== data.answer) status.textContent = data.answer
    if (!data.curves) return
    // not in the middle of what follows a press: the message would hold what widgets held before
    const isQuiet = performance.now() - follower.pressed > QUIET && !follower.look && !waiting
    if (isQuiet && isIdle()) dispatchEvent(new Event("sliders-rest"))
    else speaking = setTimeout(rest, QUIET)
  }
  speaking = setTimeout(rest, QUIET)
}
