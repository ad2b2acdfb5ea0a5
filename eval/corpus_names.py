"""Names for made documents: cities, districts, counties and departments as they are common in China."""

_CITIES = (
    "宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛 铜川 成都 绵阳 德阳 南充 达州 泸州 宜宾 乐山 "
    "遂宁 内江 自贡 郑州 洛阳 开封 新乡 许昌 信阳 周口 驻马店 平顶山 安阳 焦作 濮阳 商丘 漯河 "
    "三门峡 鹤壁 武汉 襄阳 宜昌 荆州 黄冈 孝感 十堰 长沙 株洲 湘潭 衡阳 岳阳 常德 太原 大同 "
    "临汾 运城 兰州 天水 平凉"
)
#: District names that many cities have; that a city has this very one matters to nobody.
DISTRICTS = ("新城区", "城关区", "雁塔区", "桥西区", "高新区", "东湖区", "西湖区", "南山区", "金水区", "长安区")
COUNTIES = (
    "洋县 勉县 略阳县 留坝县 佛坪县 镇巴县 宁强县 城固县 石泉县 紫阳县 岚皋县 平利县 镇坪县 "
    "白河县 洛南县 丹凤县 商南县 山阳县 柞水县 蓝田县 周至县 凤翔县 岐山县 扶风县 眉县 陇县 "
    "千阳县 麟游县 太白县 三原县 泾阳县 乾县 礼泉县 永寿县 长武县 旬邑县 淳化县 大荔县 合阳县 "
    "澄城县 蒲城县 白水县 富平县 延长县 延川县 志丹县 吴起县 甘泉县 富县 洛川县 宜川县 黄龙县 "
    "黄陵县"
).split()
DEPARTMENTS = (
    "民政局 教育局 财政局 司法局 水利局 审计局 统计局 交通运输局 农业农村局 文化和旅游局 应急管理局 "
    "住房和城乡建设局 自然资源局 生态环境局 林业局 体育局 商务局 科学技术局 医疗保障局 退役军人事务局 "
    "行政审批服务局 人力资源和社会保障局"
).split()


def cities() -> list[str]:
    """Returns the cities' names in full."""
    return [f"{name}市" for name in _CITIES.split()]
