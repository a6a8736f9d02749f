// Takes the first paint away once its styles hide it, for good: the page's chart may go again.
const first = document.getElementById("first");
const look = () => {
  if (getComputedStyle(first).display !== "none") return;
  first.remove();
  watch.disconnect();
  removeEventListener("focusin", look);
};
const watch = new MutationObserver(look);
watch.observe(document.getElementById("root"), { childList: true, subtree: true });
addEventListener("focusin", look);
