"""Made-up pages of a made-up plant for the gallery, in English and Chinese."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django.utils import translation

from erp.core.errors import Blocker, RecordRef
from erp.ui.page import (
    Action,
    Change,
    Choice,
    Column,
    Dialog,
    Fact,
    Filter,
    FilterOption,
    FormField,
    HistoryEntry,
    HomePage,
    Link,
    ListPage,
    Moment,
    NavItem,
    Number,
    Pill,
    RecordPage,
    Row,
    Section,
    Shell,
    SignatureBox,
    SignatureMark,
    Table,
    TaskGroup,
    Tile,
    TimelineEntry,
)

NOW = dt.datetime(2026, 11, 22, 7, 41, 18, tzinfo=dt.UTC)
NAV = (
    ("home", "Home", "首页"),
    ("route", "Trace", "追溯"),
    ("shopping-cart", "Supply", "供应"),
    ("building-warehouse", "Stock", "库存"),
    ("building-factory-2", "Production", "生产"),
    ("clipboard-check", "Quality", "质量"),
    ("ruler-measure", "Equipment", "设备"),
    ("truck-delivery", "Delivery", "发运"),
    ("speakerphone", "Recall", "召回"),
    ("history", "Audit", "审计"),
    ("database", "Master data", "主数据"),
)


def t(english: str, chinese: str) -> str:
    """Return the sample text in the active language."""
    return chinese if translation.get_language() == "zh-hans" else english


def ago(**span: float) -> dt.datetime:
    """Return an instant before the gallery's now."""
    return NOW - dt.timedelta(**span)


def shell(active: str = "Stock", *, broken: bool = False) -> Shell:
    """Return the frame."""
    children = (
        NavItem(t("Lots and serials", "批号与序列号"), "", "#", active=True),
        NavItem(t("Balances", "库存余额"), "", "#"),
        NavItem(t("Movements", "库存变动"), "", "#"),
        NavItem(t("Counts", "盘点"), "", "#"),
    )
    bad = Pill(
        t("Seal does not verify", "封存校验失败"),
        "bad",
        t(
            "3 rows of the stock ledger differ from seal 48,112. Quality and IT were told.",
            "库存台账有 3 行与第 48,112 号封存不一致，已通知质量部和信息部。",
        ),
    )
    good = Pill(t("Sealed up to 15:41", "已封存至 15:41"), "good")
    return Shell(
        nav=[
            NavItem(
                t(en, zh),
                icon,
                "#",
                active=en == active,
                children=children if en == "Stock" else (),
            )
            for icon, en, zh in NAV
        ],
        sites=[
            Choice("SZ", t("Suzhou plant", "苏州工厂"), selected=True),
            Choice("TUT", t("Tuttlingen plant", "图特林根工厂")),
        ],
        site=t("Suzhou plant", "苏州工厂"),
        languages=[
            Choice("en", "English", selected=t("1", "") == "1"),
            Choice("zh-hans", "简体中文", selected=t("", "1") == "1"),
        ],
        alerts=7,
        person=t("Ada Lindqvist", "林艾达"),
        initials=t("AL", "林"),
        zone="Europe/Berlin",
        integrity=bad if broken else good,
    )


def lot_table(rows: int) -> Table:
    """Return a table of lots as list pages show it."""
    states = (
        Pill(t("Released", "已放行"), "good"),
        Pill(t("Quarantine", "待检"), "waiting"),
        Pill(t("Blocked", "已冻结"), "bad"),
        Pill(t("Recalled", "召回中"), "recall"),
        Pill(t("Draft", "草稿"), "draft"),
        Pill(t("In process", "在制"), "info"),
    )
    items = (
        t("Infusion pump PX-200, EU", "输液泵 PX-200（欧盟型）"),
        t("Drive motor 24 V, brushless", "无刷驱动电机 24 V"),
        t(
            "Silicone tubing 4.0 × 6.0 mm, sterile, double bag",
            "硅胶管 4.0 × 6.0 mm，无菌，双层袋装",
        ),
        t("Main board, revision F", "主控板 F 版"),
        t("Occlusion sensor", "阻塞传感器"),
    )
    data = [
        Row(
            cells=(
                states[(i * 7 // 3) % 6 if i % 4 else 0],
                f"R-{1042 + i * 3}",
                items[i % 5],
                Link(f"10-{4400 + i % 5 * 12}", "#", mono=True),
                Number(f"{(i * 137 + 412) % 2900:,}", t("pcs", "件") if i % 3 else "m"),
                t("Bay A-03-12", "A-03-12 库位") if i % 6 else None,
                dt.date(2028, 1 + i % 12, 1 + i % 27),
                Moment(ago(hours=3 + i * 11)),
            ),
            url="record.html",
        )
        for i in range(rows)
    ]
    return Table(
        columns=(
            Column("state", t("State", "状态"), "state"),
            Column("number", t("Lot", "批号"), "mono", sort="#", direction="desc"),
            Column("item", t("Item", "物料"), sort="#"),
            Column("code", t("Code", "物料编码"), "mono"),
            Column("quantity", t("Quantity", "数量"), "number", sort="#"),
            Column("place", t("Place", "库位")),
            Column("expiry", t("Expires", "有效期至"), "moment", sort="#"),
            Column("received", t("Received", "收货时间"), "moment", sort="#"),
        ),
        rows=data,
        empty=t("No lots yet", "还没有批次"),
    )


def option(label: str, *, active: bool = False) -> FilterOption:
    """Return a filter choice."""
    return FilterOption(label, "#", active=active, value=label)


def list_page(*, empty: bool = False) -> ListPage:
    """Return the list of lots."""
    return ListPage(
        kind=t("Lots", "批次"),
        title=t("Lots and serials", "批号与序列号"),
        crumbs=(Link(t("Stock", "库存"), "#"),),
        search="",
        filters=(
            Filter(
                t("State", "状态"),
                "state",
                (
                    option(t("Released", "已放行")),
                    option(t("Quarantine", "待检"), active=not empty),
                    option(t("Blocked", "已冻结")),
                ),
            ),
            Filter(
                t("Item", "物料"), "item", (option("PX-200", active=not empty), option("PX-210"))
            ),
            Filter(t("Place", "库位"), "place", (option("A-03"), option("B-01"))),
            Filter(t("Supplier", "供应商"), "supplier", (option("Maxon"), option("Freudenberg"))),
            Filter(
                t("Expires", "有效期至"),
                "expiry",
                (option(t("In 30 days", "30 天内")), option(t("Past", "已过期"))),
            ),
        ),
        table=lot_table(0 if empty else 24),
        count=0 if empty else 12847,
        next_url="#",
        exports=(Link("CSV", "#"), Link("Excel (.xlsx)", "#")),
        actions=(
            Action("receive", t("Receive goods", "收货"), "rows-fragment.html", primary=True),
        ),
        empty_hint=t(
            "A lot appears here when goods are received or a work order reports output."
            " Begin with a receipt.",
            "收货或工单报工后，批次会出现在这里。请先登记收货。",
        ),
    )


def blockers() -> tuple[Blocker, ...]:
    """Return what keeps a lot from being released."""
    return (
        Blocker(
            "quality.open_nc",
            t("A nonconformity of this lot is open:", "该批次有未关闭的不合格品记录："),
            RecordRef("quality.nc", "42", "NC-2026-0042", "#"),
        ),
        Blocker(
            "equipment.oot",
            t(
                "Torque driver was found out of tolerance after it was used here:",
                "扭矩螺丝刀使用后被发现超差：",
            ),
            RecordRef("equipment.instrument", "17", "C-0017", "#"),
            waivable=True,
        ),
        Blocker(
            "quality.missing",
            t("2 of 148 checks have no result:", "148 项检验中有 2 项没有结果："),
            RecordRef("quality.inspection", "9", "IN-2026-1180", "#"),
        ),
    )


def record(*, blocked: bool) -> RecordPage:
    """Return the record page of a lot."""
    state = (
        Pill(t("Quarantine", "待检"), "waiting")
        if blocked
        else Pill(t("Released", "已放行"), "good")
    )
    actions = (
        Action(
            "release",
            t("Release 412 units", "放行 412 件"),
            "#",
            blockers=blockers(),
            primary=True,
            signed=True,
        )
        if blocked
        else Action(
            "ship", t("Allocate to an order", "分配至订单"), "dialog-fragment.html", primary=True
        ),
        Action("hold", t("Put on hold", "冻结"), "dialog-fragment.html", danger=True),
        Action("split", t("Split the lot", "拆分批次"), "#"),
        Action("label", t("Print labels", "打印标签"), "#"),
        Action("sign", t("Sign the batch record", "签署批记录"), "#", signed=True),
        Action("recall", t("Open a recall", "发起召回"), "#", blockers=blockers()[:1], danger=True),
    )
    events = (
        TimelineEntry(
            ago(hours=2),
            t("Inspection finished: 146 of 148 checks in order", "检验完成：148 项中 146 项合格"),
            t(
                "2 results are missing: dielectric strength, alarm volume.",
                "缺少 2 项结果：电介质强度、报警音量。",
            ),
            t("Ben Okafor", "欧本"),
            "waiting",
            "#",
        ),
        TimelineEntry(
            ago(hours=5),
            t("Nonconformity NC-2026-0042 opened", "开立不合格品 NC-2026-0042"),
            t(
                "Housing gap 0.42 mm, limit 0.30 mm, on 3 units.",
                "3 件外壳缝隙 0.42 mm，限值 0.30 mm。",
            ),
            t("Cleo Marchetti", "马可莉"),
            "bad",
            "#",
        ),
        TimelineEntry(
            ago(hours=27),
            t("412 units reported from work order WO-2026-0311", "工单 WO-2026-0311 报工 412 件"),
            "",
            t("Line 2 station 7", "二线 7 号工位"),
            "info",
            "#",
        ),
        TimelineEntry(
            ago(days=3), t("Lot created", "批次创建"), "", t("Ada Lindqvist", "林艾达"), "draft"
        ),
    )
    history = (
        HistoryEntry(
            ago(hours=5),
            t("Cleo Marchetti", "马可莉"),
            t("Put on hold", "冻结"),
            t("Gap found at final inspection", "终检发现缝隙超限"),
            changes=(
                Change(t("State", "状态"), t("In process", "在制"), t("Quarantine", "待检")),
                Change(t("Place", "库位"), None, "Q-01-02"),
            ),
        ),
        HistoryEntry(
            ago(hours=20),
            "dba_wang",
            t("Changed in the database", "在数据库中修改"),
            "",
            outside=True,
            changes=(Change(t("Expires", "有效期至"), "2028-10-31", "2028-11-30"),),
        ),
        HistoryEntry(
            ago(days=3),
            t("Ada Lindqvist", "林艾达"),
            t("Created", "创建"),
            changes=(
                Change(t("Quantity", "数量"), None, "412"),
                Change(t("Item", "物料"), None, "10-4400"),
            ),
        ),
    )
    signatures = (
        SignatureMark(
            t("Ben Okafor", "欧本"),
            ago(hours=26),
            t("Produced as instructed", "按规程生产"),
            t(
                "I made these units following WI-0231 revision C and recorded what I did.",
                "本人按 WI-0231 C 版作业指导书生产并如实记录。",
            ),
        ),
        SignatureMark(
            t("Cleo Marchetti", "马可莉"), ago(hours=6), t("Reviewed", "已审核"), valid=False
        ),
    )
    facts = (
        Fact(
            t("Item", "物料"), Link(t("Infusion pump PX-200, EU", "输液泵 PX-200（欧盟型）"), "#")
        ),
        Fact(t("Quantity", "数量"), Number("412", t("pcs", "件"))),
        Fact(t("Item revision", "物料版本"), "F"),
        Fact(t("UDI-PI", "UDI 生产标识"), Link("(10)R1042(17)281031", mono=True)),
        Fact(t("Work order", "工单"), Link("WO-2026-0311", "#", mono=True)),
        Fact(t("Supplier's lot", "供应商批号"), None),
        Fact(t("Produced", "生产日期"), dt.date(2026, 11, 21)),
        Fact(t("Expires", "有效期至"), dt.date(2028, 10, 31)),
        Fact(
            t("Markets", "可销售市场"),
            (t("European Union", "欧盟"), t("Switzerland", "瑞士"), t("Singapore", "新加坡")),
        ),
        Fact(t("Retained sample", "留样"), Link(t("2 units in Q-09-01", "2 件，Q-09-01"), "#")),
    )
    return RecordPage(
        kind=t("Lot", "批次"),
        number="R-1042",
        title=t("Infusion pump PX-200, EU", "输液泵 PX-200（欧盟型）"),
        crumbs=(Link(t("Stock", "库存"), "#"), Link(t("Lots and serials", "批号与序列号"), "#")),
        state=state,
        badges=(
            Pill(t("Hold: final inspection", "冻结：终检"), "bad"),
            Pill(t("Hold: calibration C-0017", "冻结：C-0017 校准"), "bad"),
        )
        if blocked
        else (),
        actions=actions,
        facts=facts,
        sections=(
            Section("events", t("What happened", "经过"), timeline=events),
            Section(
                "contents",
                t("Made from", "投入物料"),
                table=lot_table(5),
                count=38,
                note=t(
                    "What really went in, per unit where it was recorded per unit.",
                    "实际投入；按单件记录的显示到单件。",
                ),
            ),
            Section(
                "evidence",
                t("Documents", "文件"),
                table=Table(
                    (),
                    (),
                    t(
                        "No document is attached. Certificates of materials stand under Made from.",
                        "没有附件。物料合格证见“投入物料”。",
                    ),
                ),
                count=0,
            ),
            Section("signatures", t("Signatures", "电子签名"), signatures=signatures, count=2),
            Section("history", t("History", "审计追踪"), history=history, count=3),
        ),
        version=7,
        subtitle=t(
            "Made on line 2 for order SO-2026-0877, Charité Berlin.",
            "二线生产，用于订单 SO-2026-0877（柏林夏里特医院）。",
        ),
    )


def release_dialog(*, faulty: bool = False, blocked: bool = False) -> Dialog:
    """Return the dialog that releases a lot."""
    return Dialog(
        title=t("Release lot R-1042", "放行批次 R-1042"),
        sentence=t(
            "412 units become available for sale in the European Union, Switzerland and Singapore.",
            "412 件将可在欧盟、瑞士和新加坡销售。",
        ),
        verb=t("Release 412 units", "放行 412 件"),
        action_url="#",
        cancel_url="#",
        fields=(
            FormField(
                "certificate",
                t("Certificate number", "合格证号"),
                required=True,
                errors=(
                    t("Enter the number printed on the certificate.", "请填写合格证上的编号。"),
                )
                if faulty
                else (),
            ),
            FormField(
                "comment",
                t("Comment", "备注"),
                "textarea",
                help=t("Printed on the certificate of conformity.", "会打印在合格证明上。"),
            ),
        ),
        blockers=blockers() if blocked else (),
        needs_reason=True,
        reason_errors=(t("Say why the concession is acceptable.", "请说明让步接收的理由。"),)
        if faulty
        else (),
        signature=SignatureBox(
            "ada",
            t("Ada Lindqvist", "林艾达"),
            t("Released", "放行"),
            t(
                "I have reviewed the batch record and release this lot for distribution.",
                "本人已审核批记录，同意放行该批次。",
            ),
            t("The password is not right.", "密码不正确。") if faulty else "",
        ),
        version=7,
        idempotency_key="0d9e",
        record=Link("R-1042", "#", mono=True),
    )


def rows_dialog() -> Dialog:
    """Return a dialog with every kind of input."""
    items = (
        Choice("10-4400", t("Infusion pump PX-200", "输液泵 PX-200")),
        Choice("10-4412", t("Drive motor", "驱动电机")),
    )
    columns = (
        FormField("item", t("Item", "物料"), "select", choices=items, required=True),
        FormField("lot", t("Supplier's lot", "供应商批号"), "scan"),
        FormField("quantity", t("Quantity", "数量"), "number", unit=t("pcs", "件"), required=True),
    )
    row = (
        FormField("item", t("Item", "物料"), "select", "10-4412", choices=items),
        FormField("lot", t("Supplier's lot", "供应商批号"), "scan", "MX-88231"),
        FormField(
            "quantity",
            t("Quantity", "数量"),
            "number",
            "-4",
            errors=(t("Must be more than 0.", "必须大于 0。"),),
        ),
    )
    return Dialog(
        title=t("Receive goods", "收货"),
        sentence=t(
            "A receipt is recorded and each line becomes a lot in quarantine.",
            "登记收货，每一行生成一个待检批次。",
        ),
        verb=t("Receive", "收货"),
        action_url="#",
        cancel_url="#",
        fields=(
            FormField(
                "order",
                t("Purchase order", "采购订单"),
                "scan",
                "PO-2026-0188",
                required=True,
                choices=items,
            ),
            FormField(
                "date", t("Arrived on", "到货日期"), "date", dt.date(2026, 11, 22), required=True
            ),
            FormField(
                "temperature",
                t("Highest temperature in transit", "运输最高温度"),
                "number",
                "23.5",
                unit="°C",
                help=t("From the logger in the parcel.", "取自包裹内的温度记录仪。"),
            ),
            FormField("slip", t("Delivery note", "送货单"), "file"),
            FormField(
                "checks",
                t("Checked at the door", "到货检查"),
                "multi",
                choices=(
                    Choice("1", t("Parcel undamaged", "外包装完好"), selected=True),
                    Choice("2", t("Seal intact", "封签完好")),
                ),
            ),
            FormField(
                "lines", t("Lines", "明细"), "rows", required=True, columns=columns, rows=(row,)
            ),
            FormField("urgent", t("Inspect first", "优先检验"), "checkbox"),
        ),
        multipart=True,
    )


def home_page() -> HomePage:
    """Return a quality engineer's home."""
    columns = (
        Column("what", t("Task", "任务")),
        Column("record", t("Record", "记录"), "mono"),
        Column("due", t("Due", "到期"), "moment"),
    )
    tasks = tuple(
        Row((title, Link(number, "#", mono=True), due), url="record.html")
        for title, number, due in (
            (t("Review batch record", "审核批记录"), "WO-2026-0311", dt.date(2026, 11, 22)),
            (
                t("Judge effect of CAPA", "评价纠正和预防措施的有效性"),
                "CAPA-2026-0009",
                dt.date(2026, 11, 24),
            ),
            (
                t("Approve change of supplier", "批准供应商变更"),
                "CC-2026-0021",
                dt.date(2026, 11, 27),
            ),
        )
    )
    stops = (
        Row(
            (
                t("Lot R-1042 waits for 2 results", "批次 R-1042 缺 2 项结果"),
                Link("IN-2026-1180", "#", mono=True),
                dt.date(2026, 11, 21),
            ),
            url="#",
        ),
    )
    return HomePage(
        greeting=t("Good afternoon, Ada", "林艾达，下午好"),
        tiles=(
            Tile(
                t("Waiting for release", "待放行"),
                "14",
                "#",
                "waiting",
                t("3 past their promised date", "3 批已过承诺日期"),
                (9, 11, 10, 14, 12, 15, 14),
            ),
            Tile(
                t("Open nonconformities", "未关闭不合格品"),
                "6",
                "#",
                "bad",
                t("oldest 19 days", "最长 19 天"),
                (3, 5, 4, 6, 6, 7, 6),
            ),
            Tile(
                t("Instruments due", "待校准器具"),
                "9",
                "#",
                "info",
                t("in the next 30 days", "30 天内"),
                (4, 4, 6, 5, 8, 9),
            ),
            Tile(
                t("First-pass yield", "一次合格率"),
                "98.4 %",
                "#",
                "good",
                t("last 30 days", "近 30 天"),
                (97.1, 97.8, 98.0, 97.6, 98.2, 98.4),
            ),
        ),
        tasks=(
            TaskGroup(t("Due this week", "本周到期"), 11, Table(columns, tasks), "#"),
            TaskGroup(
                t("Signatures asked of me", "待我签名"),
                2,
                Table(columns, tasks[:2]),
                "#",
                "info",
                "writing",
            ),
        ),
        blocked=(
            TaskGroup(t("Stopped because of me", "因我而停"), 1, Table(columns, stops), "#", "bad"),
        ),
        activity=record(blocked=True).sections[0].timeline or (),
    )


def scan_context() -> dict[str, Any]:
    """Return the result of a scan that led nowhere."""
    return {
        "scan": SimpleNamespace(
            scanned="(01)04012345678901(17)281031(10)R1O42(21)000187",
            messages=(
                (
                    "waiting",
                    t(
                        "No lot R1O42 of this item is known. The O may be a zero: R1042 exists.",
                        "此处没有该物料的批号 R1O42。字母 O 可能是数字 0：存在 R1042。",
                    ),
                ),
            ),
            facts=(
                Fact("GTIN", Link("04012345678901", "#", mono=True)),
                Fact(t("Expires", "有效期至"), dt.date(2028, 10, 31)),
                Fact(t("Lot", "批号"), Link("R1O42", mono=True)),
                Fact(t("Serial", "序列号"), Link("000187", mono=True)),
            ),
            matches=Table(
                (
                    Column("state", t("State", "状态"), "state"),
                    Column("lot", t("Lot", "批号"), "mono"),
                    Column("item", t("Item", "物料")),
                ),
                (
                    Row(
                        (
                            Pill(t("Released", "已放行"), "good"),
                            "R1042",
                            t("Infusion pump PX-200, EU", "输液泵 PX-200（欧盟型）"),
                        ),
                        url="#",
                    ),
                ),
            ),
            actions=(
                Action("search", t("Search everywhere", "全局搜索"), "#", primary=True),
                Action("report", t("Report a damaged label", "报告标签损坏"), "#"),
            ),
        )
    }


def station_context() -> dict[str, Any]:
    """Return a scan station in use."""
    return {
        "station": SimpleNamespace(
            title=t("Issue to WO-2026-0311", "发料至 WO-2026-0311"),
            expected=t("Expected next: main board, revision F.", "下一项应为：主控板 F 版。"),
            scans=(
                TimelineEntry(
                    ago(minutes=1),
                    "MB-F-22817",
                    t(
                        "Main board is revision E; this work order wants F.",
                        "该主控板为 E 版；本工单要求 F 版。",
                    ),
                    tone="bad",
                    url="#",
                ),
                TimelineEntry(
                    ago(minutes=2),
                    "R-1048",
                    t("Silicone tubing, 1.2 m issued", "硅胶管，已发 1.2 m"),
                    tone="good",
                    url="#",
                ),
                TimelineEntry(
                    ago(minutes=4),
                    "R-1045",
                    t("Drive motor, 1 issued", "驱动电机，已发 1 件"),
                    tone="good",
                    url="#",
                ),
            ),
        )
    }


def job_context() -> dict[str, Any]:
    """Return a background job half way."""
    steps = (
        ("done", t("Collect 1,204 records", "收集 1,204 条记录"), "0:04"),
        ("now", t("Render documents", "生成文件"), "318 / 512"),
        ("todo", t("Add inclusion proofs", "加入包含证明"), ""),
        ("todo", t("Pack and sign", "打包并签名"), ""),
    )
    return {
        "job": SimpleNamespace(
            title=t("Evidence pack for lot R-1042", "批次 R-1042 证据包"),
            message=t("Document 318 of 512", "第 318 / 512 份文件"),
            percent=62,
            url="job-fragment.html",
            finished=False,
            crumbs=(Link(t("Audit", "审计"), "#"),),
            steps=[SimpleNamespace(state=s, label=text, note=note) for s, text, note in steps],
        )
    }


def message_context() -> dict[str, Any]:
    """Return a refusal shown as a page."""
    return {
        "message": SimpleNamespace(
            title=t("R-1042 was changed by someone else", "R-1042 已被他人修改"),
            what=t("Your release was not carried out.", "您的放行未执行。"),
            why=t(
                "Cleo Marchetti put the lot on hold at 15:38, after you opened the page.",
                "您打开页面后，马可莉于 15:38 冻结了该批次。",
            ),
            todo=t(
                "Reload the lot and look again before you go on.",
                "请重新载入该批次，核对后再继续。",
            ),
            tone="waiting",
            links=(Link(t("Open R-1042", "打开 R-1042"), "#"),),
            blockers=(),
            reference="7f3a-1188",
        )
    }
