"""The long-running parts of a process: one that ends by itself is a fault."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack


class Tasks:
    """`failed` is set when a part ends by itself: the process ends, its supervisor restarts it."""

    def __init__(self) -> None:
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(
        self,
        stack: AsyncExitStack,
        name: str,
        work: Coroutine[None, None, None],
        stop: Callable[[], None],
    ) -> None:
        """Run a part until the stack unwinds; then it is told to stop and waited for."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._fail_with)

        async def end() -> None:
            task.remove_done_callback(self._fail_with)
            stop()
            await asyncio.gather(task, return_exceptions=True)

        stack.push_async_callback(end)

    def _fail_with(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and not self.failed.done():
            error = task.exception() or RuntimeError(f"{task.get_name()} ended")
            self.failed.set_exception(error)
