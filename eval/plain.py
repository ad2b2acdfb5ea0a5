"""Measures the plain way: one instructor call that fills a whole table as objects with free numbers. `make plain`.

Each table is read by crossfoot with the same model first (eval/ours.py). instructor retries by itself (max_retries=2)
on what the validators of eval/plainmodel.py refuse. Results go to out/plain.jsonl one by one; a killed run goes on.
"""

import argparse
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ours
from conditions import CONDITIONS
from measured import ROOT, SEED, Key, Measurements, code_of, commit_of, machine
from plainmodel import answer_model, described
from plainreport import DECIDING, write_report
from smalltables import TABLES, Small, small

from crossfoot.reading.llm.asked import Asked
from crossfoot.reading.llm.endpoint import Ready
from crossfoot.reading.llm.localmodel import serve
from crossfoot.reading.llm.modelfile import DEFAULT_MODEL
from crossfoot.reading.llm.opening import Wanted, local_model, open_desk
from crossfoot.reading.llm.spending import Spending
from crossfoot.resources import DEFAULT_PROMPT
from crossfoot.tabletypes import load_catalog

if TYPE_CHECKING:
    import instructor
    from openai.types.chat import ChatCompletionMessageParam

OUT = ROOT / "out" / "plain.jsonl"
REPORT = ROOT / "eval" / "reports" / "plain.md"
RETRIES = 2
MAX_TOKENS = 3500

SYSTEM = """你是政府财政数据专家，从部门预算、决算公开文本的一张表格中提取结构化数据。规则：
1. 提取表格正文的每一行（包括合计行），不遗漏，不重复，顺序与原文相同；表头、栏次行、单位行和注释不是数据行。
2. 每个数放在它所在列对应的字段里。金额写成数字，去掉千分位逗号，小数与原文一致。
3. 单元格为空、为“—”或看不清时填 null；原文写 0 才填 0。
4. 编码和名称照抄原文，编码是字符串；名称在原文中折成几行时接成一个完整的名称。
5. 不计算，不改正，不编造。合计应等于各分项之和，可以用来检查每个数是否放对了列。
只输出一个单行紧凑JSON对象，不换行，不缩进。"""


def question(table: Small) -> "list[ChatCompletionMessageParam]":
    """Returns the messages that ask for the whole table."""
    fields = "\n".join(described(table.known))
    user = f"字段：\n{fields}\n\n文本（单元格以制表符分隔，分隔符可能已丢失）：\n{table.text}"
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": user}]


def measure(client: "instructor.Instructor", table: Small) -> dict[str, object]:
    """Returns the answer, or why there is none, and what all attempts together took."""
    from instructor.core.exceptions import InstructorError

    usage: list[tuple[int, int]] = []

    def count(completion: Any) -> None:  # noqa: ANN401  the client's
        usage.append((completion.usage.prompt_tokens, completion.usage.completion_tokens))

    client.on("completion:response", count)
    started = time.perf_counter()
    answer, why = None, ""
    try:
        answer = client.chat.completions.create(
            model=DEFAULT_MODEL.name,
            messages=question(table),
            response_model=answer_model(table.known),
            max_retries=RETRIES,
            max_tokens=MAX_TOKENS,
            temperature=0,
        ).model_dump()
    except InstructorError as error:
        why = f"{type(error).__name__}: {' '.join(str(error).split())[-300:]}"
    finally:
        with suppress(ValueError, KeyError):
            client.off("completion:response", count)
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "usage": usage,
        "answer": answer,
        "why": why,
        "model": DEFAULT_MODEL.name,
        "machine": machine(),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def measure_ours(measurements: Measurements, until: float, tables: tuple[str, ...]) -> None:
    """Measures crossfoot's own way where that is missing, table by table, while there is time."""
    catalog, commit, code = load_catalog(), commit_of(ours.DECIDING), code_of(ours.DECIDING)
    keys = [Key(ours.WAY, DEFAULT_PROMPT, condition, name, SEED, code) for name in tables for condition in CONDITIONS]
    missing = [key for key in keys if key not in measurements]
    if not missing or time.monotonic() > until:
        return
    with open_desk(Wanted(prompt=DEFAULT_PROMPT), ours.Unkept(), Spending(), print) as desk:
        if desk is None:
            raise SystemExit("there is no embedded model: crossfoot model pull")
        desk.model.ask(Asked("Answer in JSON.", 'Answer {"ready": "yes"}.', Ready, 30, {}))  # loads it
        for key in missing:
            if time.monotonic() > until:
                return
            measurement = ours.measure(desk, small(key.table, key.condition, catalog, SEED), catalog)
            measurements.add(key, {"commit": commit, **measurement})
            print(f"crossfoot {key.table}, {key.condition}: {measurement['seconds']} s", flush=True)


def measure_missing(measurements: Measurements, until: float, tables: tuple[str, ...]) -> None:
    """Measures the plain way where that is missing, table by table, while there is time."""
    import instructor
    import openai

    catalog, commit, code = load_catalog(), commit_of(DECIDING), code_of(DECIDING)
    keys = [Key("plain", "plain", condition, name, SEED, code) for name in tables for condition in CONDITIONS]
    missing = [key for key in keys if key not in measurements]
    path = local_model()
    if path is None:
        raise SystemExit("there is no embedded model: crossfoot model pull")
    if not missing or time.monotonic() > until:
        return
    with serve(path) as base_url:
        plain = openai.OpenAI(base_url=base_url, api_key="none", max_retries=0, timeout=1800)
        client = instructor.from_openai(plain, mode=instructor.Mode.JSON_SCHEMA)
        for key in missing:
            if time.monotonic() > until:
                print("no time is left; the next run goes on here")
                return
            measurement = measure(client, small(key.table, key.condition, catalog, SEED))
            measurements.add(key, {"commit": commit, **measurement})
            print(f"plain {key.table}, {key.condition}: {measurement['seconds']} s {measurement['why']}", flush=True)


def main() -> None:
    """Measures what is missing, then writes the report of all there is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1e6, help="start no table after so many minutes")
    parser.add_argument("--tables", type=int, default=len(TABLES), help="only the N smallest tables")
    parser.add_argument("--report", type=Path, default=REPORT, help="where the report is written")
    arguments = parser.parse_args()
    measurements = Measurements(OUT)
    if arguments.minutes > 0:
        until = time.monotonic() + 60 * arguments.minutes
        measure_ours(measurements, until, TABLES[: arguments.tables])
        measure_missing(measurements, until, TABLES[: arguments.tables])
    arguments.report.write_text(write_report(measurements), encoding="utf-8")
    print(f"{arguments.report}: written")


if __name__ == "__main__":
    main()
