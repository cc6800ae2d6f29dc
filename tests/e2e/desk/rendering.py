"""Counts what React draws, by the hook that it offers to developers' tools."""

from playwright.async_api import Page

COUNT = """
const drawn = (window.__drawn = {});
const PERFORMED_WORK = 1;
const nameOf = ({ memoizedProps: props }) => {
  if (props?.data?.object && props?.id) return `card ${props.data.object.name}`;
  if (props?.kinds && props?.objects) return "canvas";
  if (props?.kinds && props?.document) return "editor";
  if (props?.layOut) return "toolbar";
  return "";
};
const walk = (now, before) => {
  if (before === now) return;
  if (before && typeof now.type !== "string" && now.flags & PERFORMED_WORK) {
    const name = nameOf(now);
    if (name) drawn[name] = (drawn[name] ?? 0) + 1;
  }
  if (before && now.child === before.child) return;
  for (let child = now.child; child; child = child.sibling) walk(child, child.alternate);
};
window.__REACT_DEVTOOLS_GLOBAL_HOOK__ = {
  supportsFiber: true, inject: () => 1, checkDCE() {}, onCommitFiberUnmount() {},
  onPostCommitFiberRoot() {}, onScheduleFiberRoot() {},
  onCommitFiberRoot: (_id, root) => walk(root.current, root.current.alternate),
};
"""


async def count_drawn(page: Page) -> None:
    """From the next page that is opened on."""
    await page.add_init_script(COUNT)


async def drawn_since(page: Page) -> dict[str, int]:
    """How often each part was drawn again since it was last asked."""
    found = await page.evaluate(
        "() => { const all = { ...window.__drawn };"
        " for (const name in all) delete window.__drawn[name]; return all; }"
    )
    return dict(found)
