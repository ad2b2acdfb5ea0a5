"""Whose document it is, of which year and kind: covers, captions and texts as departments write them."""

import pytest

from crossfoot.reading.metadata import Metadata, describe
from crossfoot.reading.sections import find_sections
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import load_catalog


def described(text: str) -> Metadata:
    source = from_text(text.replace("⇥", "\t"))
    return describe(source, find_sections(source, load_catalog()))


CAPTIONED = """收入支出决算总表
公开01表
编制单位：陇县市场监督管理局
2021年度
单位：万元
项目⇥行次⇥决算数
一、财政拨款收入⇥1⇥5.00
"""
COVERS = [
    # a title in one line
    ("青川县水利局2022年度部门决算公开说明\n\n目录\n一、部门概况", ("青川县水利局", "青川县", 2022, "final_accounts")),
    # year written in Chinese, department below the title
    ("二〇二二年部门预算\n\n绵阳市文化广播电视和旅游局\n二〇二二年一月",
     ("绵阳市文化广播电视和旅游局", "绵阳市", 2022, "budget")),
    # the name over two lines
    ("中国共产主义青年团\n洛阳市委员会\n2023年部门预算公开", ("中国共产主义青年团洛阳市委员会", "", 2023, "budget")),
    # the name and the title broken in the middle
    ("西安市碑林区人民政府\n长安路街道办事处\n2021年度部门决算",
     ("西安市碑林区人民政府长安路街道办事处", "西安市碑林区", 2021, "final_accounts")),
    # the title with a book's marks and blanks
    ("《 2023 年 度 汉 中 市 民 政 局 部 门 预 算 公 开 》", ("汉中市民政局", "汉中市", 2023, "budget")),
    # no cover: the captions of the tables say who
    (CAPTIONED,
     ("陇县市场监督管理局", "陇县", 2021, "final_accounts")),
    # no cover: only the text says who and when
    ("一、部门职责\n宁强县应急管理局贯彻执行应急管理法规。\n二、收支情况\n本部门2022年预算收入100万元。",
     ("宁强县应急管理局", "宁强县", 2022, "budget")),
    # final accounts whose cover speaks of the budget's completion too
    ("兴平市审计局2020年度部门决算\n（含预算执行情况）", ("兴平市审计局", "兴平市", 2020, "final_accounts")),
    # a date of publication before the year of the accounts
    ("发布日期：2023年9月18日\n石泉县司法局2022年度部门决算", ("石泉县司法局", "石泉县", 2022, "final_accounts")),
    # the unit is a school
    ("商洛市商州区第三小学\n2024年单位预算公开说明", ("商洛市商州区第三小学", "商洛市商州区", 2024, "budget")),
    # the department in a field of the cover
    ("2023年部门综合预算公开报表\n部门名称：宝鸡市渭滨区住房和城乡建设局\n保密审查情况：已审查",
     ("宝鸡市渭滨区住房和城乡建设局", "宝鸡市渭滨区", 2023, "budget")),
    # a central department without a region
    ("国家文物局\n2022年度部门决算\n2023年7月", ("国家文物局", "", 2022, "final_accounts")),
    # Markdown and bold
    ("# **延安市宝塔区教育体育局**\n\n## **2022 年部门综合预算**",
     ("延安市宝塔区教育体育局", "延安市宝塔区", 2022, "budget")),
    # nothing to know
    ("会议纪要\n讨论了若干事项。", ("", "", None, "unknown")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), COVERS)
def test_what_a_document_is(text: str, wanted: tuple[str, str, int | None, str]) -> None:
    """Department, region, year and kind are those that a person reads off the first page."""
    assert tuple(described(text)) == wanted


@pytest.mark.parametrize(
    "name",
    [
        "武汉市人力资源和社会保障局", "陇县供销合作社联合社", "青川县人民代表大会常务委员会", "宝鸡市中心医院",
        "宁强县人民政府办公室", "洛阳市社会科学界联合会", "石泉县社会保险事业管理中心", "汉中市台湾事务办公室",
        "陇县卫生健康委员会", "商洛市商州区红十字会", "宁强县社会福利院", "绵阳市机关事务管理局",
    ],
)  # fmt: skip
def test_a_name_in_the_text_is_whole(name: str) -> None:
    """What may end a name (社, 会, 政府, 中心) may also stand inside one; what follows the name is no part of it."""
    text = f"一、部门职责\n{name}贯彻执行有关法规。\n二、收支情况\n{name}2022年预算收入100万元，比上年增加。"
    assert described(text).department == name
