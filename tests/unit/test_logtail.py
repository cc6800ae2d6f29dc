"""The complaints in an engine's log, without what is only said under load."""

from pathlib import Path

from hookswitch.asterisk.logtail import problems


def test_a_full_queue_is_no_complaint_about_the_configuration(tmp_path: Path) -> None:
    log = tmp_path / "messages"
    log.write_text(
        "[2026-11-24 18:16:59.1] WARNING[12] taskprocessor.c: Taskprocessor"
        " 'stasis/m:devicestate:all-00000008' queue reached 500 scheduled tasks"
        " (high water mark: 500).\n"
        "[2026-11-24 18:16:59.2] WARNING[12] pbx_config.c: it is wrong at line 3\n"
        "[2026-11-24 18:16:59.3] NOTICE[12] loader.c: fine\n"
    )
    assert problems(log) == ["WARNING pbx_config.c: it is wrong at line 3"]
