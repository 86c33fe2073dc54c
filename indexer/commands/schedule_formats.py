"""The texts that let systemd, cron, launchd or the Windows task scheduler run a command, each in its own notation."""

from __future__ import annotations

import plistlib
import re
import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

from corpus.errors import KesouError

_MINUTES_A_DAY: Final = 24 * 60
#: cron cuts or refuses longer commands.
_MAX_CRON_CHARS: Final = 990
_TASK_SCHEMA: Final = "http://schemas.microsoft.com/windows/2004/02/mit/task"
#: Words that systemd takes as they are.
_PLAIN: Final = re.compile(r"[\w@+=:,./-]+")


class CannotSchedule(KesouError):
    """A format has no way to say what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A program (with options that it needs itself) and its arguments, the folder where it runs, and when.

    It runs every day at `hour`:`minute`, or, if `every_minutes` is given, so often. `nice` is 0 to 19, `io` one of
    `indexer.commands.priority.IO_PRIORITIES`. `log` takes what it prints where the system keeps no log.
    """

    name: str
    program: Sequence[str]
    arguments: Sequence[str]
    folder: Path
    hour: int
    minute: int
    every_minutes: int | None
    nice: int
    io: str
    log: Path

    @property
    def command(self) -> list[str]:
        """Program and arguments."""
        return [*self.program, *self.arguments]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How a job is written: a text for each file name, the folder where they belong, and the command that installs."""

    texts: Callable[[Job], Mapping[str, str]]
    folder: str
    install: str


def _systemd(job: Job) -> Mapping[str, str]:
    folder = str(job.folder)
    if folder != folder.strip() or folder.endswith("\\"):
        raise CannotSchedule(f"systemd cannot run a command in {folder!r}: a blank or \\ ends the name")
    program, *arguments = job.command
    # Systemd replaces $ in arguments, not in the program, and % everywhere.
    words = [_systemd_word(program), *(_systemd_word(word.replace("$", "$$")) for word in arguments)]
    io = {"idle": "IOSchedulingClass=idle\n", "low": "IOSchedulingPriority=7\n"}.get(job.io, "")
    service = (
        "[Unit]\nDescription=Kesou: index what has changed\n\n"
        f"[Service]\nType=oneshot\nWorkingDirectory={folder.replace('%', '%%')}\nExecStart={' '.join(words)}\n"
        f"# With status 1 the index is published, without some records.\nSuccessExitStatus=1\nNice={job.nice}\n{io}"
    )
    when = f"OnCalendar=*-*-* {job.hour:02}:{job.minute:02}:00\nPersistent=true\n"
    if job.every_minutes:
        when = f"OnActiveSec=0\nOnUnitInactiveSec={job.every_minutes}min\n"
    timer = f"[Unit]\nDescription=Kesou: when to index\n\n[Timer]\n{when}\n[Install]\nWantedBy=timers.target\n"
    return {f"{job.name}.service": service, f"{job.name}.timer": timer}


def _systemd_word(word: str) -> str:
    if _PLAIN.fullmatch(word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("'", "\\'")
    return f'"{escaped}"'


def _cron(job: Job) -> Mapping[str, str]:
    every = job.every_minutes
    if every is None:
        when = f"{job.minute} {job.hour} * * *"
    elif 60 % every == 0:
        when = f"*/{every} * * * *" if every < 60 else "0 * * * *"
    elif every % 60 == 0 and _MINUTES_A_DAY % every == 0:
        when = f"0 */{every // 60} * * *" if every < _MINUTES_A_DAY else "0 0 * * *"
    else:
        raise CannotSchedule(f"cron cannot repeat a job every {every} minutes: give a divisor of an hour or of a day")
    command = [*job.program, "--nice", str(job.nice), "--io", job.io, *job.arguments]
    line = f"cd {shlex.quote(str(job.folder))} && {shlex.join(command)} >> {shlex.quote(str(job.log))} 2>&1"
    line = line.replace("%", "\\%")  # cron would end the command at a %
    if len(line.encode()) > _MAX_CRON_CHARS:
        raise CannotSchedule(f"the command is longer than the {_MAX_CRON_CHARS} bytes that cron takes")
    return {f"{job.name}.cron": f"{when} {line}\n"}


def _launchd(job: Job) -> Mapping[str, str]:
    content: dict[str, Any] = {
        "Label": job.name,
        "ProgramArguments": list(job.command),
        "WorkingDirectory": str(job.folder),
        "StandardOutPath": str(job.log),
        "StandardErrorPath": str(job.log),
        "Nice": job.nice,
        "LowPriorityIO": job.io != "normal",
    }
    if job.every_minutes:
        content |= {"StartInterval": job.every_minutes * 60, "RunAtLoad": True}
    else:
        content["StartCalendarInterval"] = {"Hour": job.hour, "Minute": job.minute}
    return {f"{job.name}.plist": plistlib.dumps(content, sort_keys=False).decode("utf-8")}


def _windows(job: Job) -> Mapping[str, str]:
    """ASCII only, with references for other characters, so that no code page can change them."""
    strange = next((word for word in (*job.command, str(job.folder)) if "%" in word or "$(" in word), None)
    if strange:
        raise CannotSchedule(f"the task scheduler of Windows would replace a part of {strange!r}; rename it")
    task = ET.Element("Task", version="1.2", xmlns=_TASK_SCHEMA)
    triggers = ET.SubElement(task, "Triggers")
    if job.every_minutes:
        trigger = ET.SubElement(triggers, "TimeTrigger")
        repetition = ET.SubElement(trigger, "Repetition")
        ET.SubElement(repetition, "Interval").text = f"PT{job.every_minutes}M"
        ET.SubElement(trigger, "StartBoundary").text = "2020-01-01T00:00:00"
    else:
        trigger = ET.SubElement(triggers, "CalendarTrigger")
        ET.SubElement(trigger, "StartBoundary").text = f"2020-01-01T{job.hour:02}:{job.minute:02}:00"
        ET.SubElement(ET.SubElement(trigger, "ScheduleByDay"), "DaysInterval").text = "1"
    settings = ET.SubElement(task, "Settings")
    for name, value in (
        ("MultipleInstancesPolicy", "IgnoreNew"),
        ("DisallowStartIfOnBatteries", "false"),
        ("StartWhenAvailable", "true"),
        ("ExecutionTimeLimit", "PT0S"),  # no limit
        ("Priority", "7"),  # below normal, for the processor and for disks
    ):
        ET.SubElement(settings, name).text = value
    action = ET.SubElement(ET.SubElement(task, "Actions"), "Exec")
    ET.SubElement(action, "Command").text = job.command[0]
    ET.SubElement(action, "Arguments").text = subprocess.list2cmdline(job.command[1:])
    ET.SubElement(action, "WorkingDirectory").text = str(job.folder)
    ET.indent(task)
    text = ET.tostring(task, encoding="us-ascii", xml_declaration=False).decode("ascii")
    return {f"{job.name}.xml": f"{text}\n"}


FORMATS: Final[Mapping[str, Format]] = {
    "systemd": Format(
        texts=_systemd,
        folder="~/.config/systemd/user",
        install="systemctl --user daemon-reload && systemctl --user enable --now {name}.timer",
    ),
    "cron": Format(texts=_cron, folder=".", install="(crontab -l 2>/dev/null; cat {file}) | crontab -"),
    "launchd": Format(
        texts=_launchd, folder="~/Library/LaunchAgents", install="launchctl bootstrap gui/$(id -u) {file}"
    ),
    "windows": Format(texts=_windows, folder=".", install="schtasks /create /tn {name} /xml {file}"),
}
