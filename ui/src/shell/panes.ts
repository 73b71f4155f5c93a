// F6: the focus goes from pane to pane, in the order of the page.

/** Panes name themselves with `data-pane`; each says by `data-pane-stop` what takes the focus in it. */
export function nextPane(root: ParentNode = document): void {
  const panes = [...root.querySelectorAll<HTMLElement>('[data-pane]')].filter((pane) => pane.offsetParent !== null || pane.isConnected);
  if (panes.length === 0) return;
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  for (let step = 1; step <= panes.length; step += 1) {
    const pane = panes[(at + step) % panes.length];
    const stop = pane?.querySelector<HTMLElement>('[data-pane-stop], button:not([disabled]), input:not([disabled]), [tabindex="0"]');
    const own = pane?.matches('[tabindex]') ? pane : null;
    if (stop ?? own) {
      (stop ?? own)?.focus();
      return;
    }
  }
}
