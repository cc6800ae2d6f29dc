"""Settings of a number, a queue, a Webhook object and voicemail, typed as an administrator does."""

from desk.pages import Desk


async def fill_in(desk: Desk, called: str) -> None:
    """What is drawn gets its settings: the queue rings Alice for two seconds."""
    number = await desk.settings("Inbound number")
    await number.get_by_placeholder("Type a number").fill(called)
    await desk.page.keyboard.press("Enter")
    await desk.page.keyboard.press("Escape")
    queue = await desk.settings("Queue")
    await queue.get_by_role("button", name="Add agent").click()
    await desk.choose("User", "Alice (1001)", within=queue)
    await queue.get_by_role("textbox", name="Maximum wait").fill("2")
    await desk.page.keyboard.press("Escape")
    webhook = await desk.settings("Webhook")
    await webhook.get_by_role("textbox", name="URL").fill(
        f"{desk.office.listener.url.rstrip('/')}/own"
    )
    await webhook.get_by_role("textbox", name="Component name").fill("Nobody answered")
    await desk.page.keyboard.press("Escape")
    voicemail = await desk.settings("Voicemail")
    await desk.choose("Mailbox", "Office (1001)", within=voicemail)
    await desk.page.keyboard.press("Escape")
