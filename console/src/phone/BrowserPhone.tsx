export function BrowserPhone() {
  return null;
}
