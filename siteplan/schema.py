"""What a proposal says of a venue: the one list of fields for reader, form, template and schema."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from siteplan.errors import Language, Text

SHEET = Text("申报", "proposal")
HELP_SHEET = Text("填写说明", "help")
"""Sheets of the template: the one with the table, and the one that says how to fill it in."""
REQUIRED = "*"

FieldKind = Literal["text", "number", "date", "choice", "list"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a short list.

    Attributes
    ----------
    value
        Canonical.
    label
        As it is written in either language; both are accepted as values.
    others
        Further words that mean the same.
    """

    value: str | int
    label: Text
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of a proposed venue.

    Attributes
    ----------
    key
        Canonical name of the attribute.
    label
        What people call it; the Chinese one is accepted as a name of the attribute.
    kind
        `list` is several texts, whose choices are only suggestions.
    help
        What to fill in.
    required
        Without it the proposal is incomplete.
    expected
        Asked for, but a proposal without it is still judged.
    choices
        Of a `choice` all values there are.
    above, least
        A number must be greater than the one, and at least the other.
    unit
        Of a number.
    unit_words
        How people write the unit behind a number, in small letters of usual width.
    example
        A value that is accepted, as it is typed.
    """

    key: str
    label: Text
    kind: FieldKind
    help: Text
    required: bool = False
    expected: bool = False
    choices: tuple[Choice, ...] = ()
    above: float | None = None
    least: float | None = None
    unit: Text | None = None
    unit_words: tuple[str, ...] = ()
    example: str = ""

    def name_column(self, lang: Language) -> str:
        """Return the header of its column in a table: label, unit, and a mark where it is required.

        Examples
        --------
        >>> find_field("floor_area_m2").name_column("zh"), find_field("name").name_column("en")
        ('建筑面积（平方米）', 'Name*')
        """
        left, right = ("（", "）") if lang == "zh" else (" (", ")")
        unit = f"{left}{self.unit.say(lang)}{right}" if self.unit else ""
        return f"{self.label.say(lang)}{unit}{REQUIRED if self.required else ''}"

    @property
    def title(self) -> Text:
        """What messages call it: the key, in Chinese with the label before it."""
        return Text(f"{self.label.zh} {self.key} ", self.key)

    def choose(self, word: str) -> str | int | None:
        """Return the value that a word stands for, in any case or width; None for no value."""
        wanted = fold(word)
        for choice in self.choices:
            words = (str(choice.value), choice.label.zh, choice.label.en, *choice.others)
            if wanted in {fold(each) for each in words}:
                return choice.value
        return None


def fold(word: str) -> str:
    """Return a word without differences of case, width and blanks around it.

    Examples
    --------
    >>> fold(" Ｈeadquarters "), fold("总部")
    ('headquarters', '总部')
    """
    return unicodedata.normalize("NFKC", word).strip().casefold()


def _choice(value: str | int, zh: str, en: str, *others: str) -> Choice:
    return Choice(value, Text(zh, en), others)


SQUARE_METRES = Text("平方米", "m²")
TEN_THOUSAND_YUAN = Text("万元", "10,000 yuan")
DEGREES = Text("度", "degrees")
AREA_WORDS = ("平方米", "平方公尺", "平米", "m2", "sqm", "sq m", "sq. m")
COST_WORDS = ("万元", "万")

FIELDS = (
    Field(
        "name",
        Text("名称", "Name"),
        "text",
        Text("场地的名称", "What the venue is called"),
        required=True,
        example="黄村社区综合服务中心",
    ),
    Field(
        "subdistrict",
        Text("街道", "Subdistrict"),
        "text",
        Text("街道的代码或名称", "Code or name of the subdistrict"),
        required=True,
        example="440106012",
    ),
    Field(
        "id",
        Text("编号", "Id"),
        "text",
        Text("全案例内唯一；留空则自动编号", "Unique in the case; made if left empty"),
        example="440106012-1",
    ),
    Field(
        "status",
        Text("状态", "Status"),
        "choice",
        Text("留空即为拟建", "Left empty it is proposed"),
        choices=(
            _choice("existing", "现有", "existing"),
            _choice("proposed", "拟建", "proposed"),
            _choice("candidate", "备选", "candidate"),
        ),
        example="拟建",
    ),
    Field(
        "role",
        Text("角色", "Role"),
        "choice",
        Text(
            "分散布置时须确定一处为总部，其余为分站点；只有一处可留空",
            "Of several venues one is the headquarters, the others are branches; a single one needs"
            " none",
        ),
        choices=(
            _choice("headquarters", "总部", "headquarters"),
            _choice("branch", "分站点", "branch"),
        ),
        example="总部",
    ),
    Field(
        "premises",
        Text("场地来源", "Premises"),
        "choice",
        Text("场地从何而来", "Where the premises come from"),
        expected=True,
        choices=(
            _choice("new_build", "新建", "new build"),
            _choice("extension", "扩建", "extension"),
            _choice("conversion", "改建", "conversion"),
            _choice("lease", "租赁", "lease"),
            _choice("existing", "整合现有", "existing premises"),
            _choice("other", "其他", "other"),
        ),
        example="改建",
    ),
    Field(
        "floor_area_m2",
        Text("建筑面积", "Floor area"),
        "number",
        Text("以平方米填写，大于 0", "Square metres, above 0"),
        expected=True,
        above=0,
        unit=SQUARE_METRES,
        unit_words=AREA_WORDS,
        example="1200",
    ),
    Field(
        "office_area_m2",
        Text("办公面积", "Office area"),
        "number",
        Text("以平方米填写，大于 0", "Square metres, above 0"),
        above=0,
        unit=SQUARE_METRES,
        unit_words=AREA_WORDS,
        example="180",
    ),
    Field(
        "available_from",
        Text("可用日期", "Available from"),
        "date",
        Text("场地到位的日期，如 2010-08-31", "The day it can be used, e.g. 2010-08-31"),
        example="2010-08-31",
    ),
    Field(
        "mode",
        Text("运作模式", "Mode of operation"),
        "choice",
        Text("同一街道的各场地采用同一种模式", "The same for all venues of a subdistrict"),
        choices=(
            _choice(1, "购买服务", "purchase of services", "模式一"),
            _choice(2, "街道间接管理", "indirect management", "模式二"),
        ),
        example="购买服务",
    ),
    Field(
        "services",
        Text("服务项目", "Services"),
        "list",
        Text("用顿号或逗号分开", "Separated by commas"),
        choices=(
            _choice("family_service", "家庭服务", "family service"),
            _choice("elderly", "养老", "elderly"),
            _choice("youth", "青少年", "youth"),
            _choice("women", "妇女", "women"),
            _choice("disability", "助残", "disability"),
            _choice("employment", "就业", "employment"),
            _choice("health", "卫生", "health"),
            _choice("culture", "文化", "culture"),
        ),
        example="家庭服务、养老",
    ),
    Field(
        "cost_wan",
        Text("建设费用", "Building cost"),
        "number",
        Text("以万元填写", "In 10,000 yuan"),
        least=0,
        unit=TEN_THOUSAND_YUAN,
        unit_words=COST_WORDS,
        example="200",
    ),
    Field(
        "annual_cost_wan",
        Text("年度费用", "Annual cost"),
        "number",
        Text("以万元填写", "In 10,000 yuan"),
        least=0,
        unit=TEN_THOUSAND_YUAN,
        unit_words=COST_WORDS,
        example="20",
    ),
    Field(
        "address",
        Text("地址", "Address"),
        "text",
        Text("门牌地址", "Street and number"),
    ),
    Field(
        "parcel_id",
        Text("地块编号", "Parcel"),
        "text",
        Text("控制性详细规划的地块编号", "Number of the parcel in the detailed control plan"),
    ),
    Field(
        "land_use",
        Text("用地性质", "Land use"),
        "text",
        Text("规划用地性质", "Land use in the plan"),
    ),
    Field(
        "contact",
        Text("联系人", "Contact"),
        "text",
        Text("姓名和电话", "Name and telephone"),
    ),
    Field("note", Text("备注", "Note"), "text", Text("其他说明", "Anything else")),
)
"""Attributes of a venue, in the order in which people fill them in."""

POSITION = (
    Field(
        "lon",
        Text("经度", "Longitude"),
        "number",
        Text("以度填写，东经为正", "Degrees, east is positive"),
        required=True,
        least=-180,
        unit=DEGREES,
        example="113.3612",
    ),
    Field(
        "lat",
        Text("纬度", "Latitude"),
        "number",
        Text("以度填写，北纬为正", "Degrees, north is positive"),
        required=True,
        least=-90,
        unit=DEGREES,
        example="23.1301",
    ),
    Field(
        "datum",
        Text("坐标来源", "Coordinates from"),
        "choice",
        Text("坐标在何处读取；留空即为 WGS84", "Where they were read; left empty it is WGS84"),
        choices=(
            _choice("wgs84", "GPS", "GPS", "WGS-84", "WGS 84", "CGCS2000", "天地图"),
            _choice("gcj02", "高德", "Amap", "GCJ-02", "高德地图", "腾讯", "火星坐标"),
            _choice("bd09", "百度", "Baidu", "BD-09", "百度地图"),
        ),
        example="高德",
    ),
)
"""Columns of a table that say where a venue is; in GeoJSON the geometry does."""

ORIGINAL = (
    Field(
        "original_coordinates",
        Text("原坐标", "Original coordinates"),
        "text",
        Text("更正前的坐标", "The coordinates before they were corrected"),
    ),
    Field(
        "original_datum",
        Text("原坐标系", "Original datum"),
        "text",
        Text("更正前坐标的基准", "What the coordinates were in before they were corrected"),
    ),
)
"""What a correction leaves behind, so that it can be undone."""

KEYS: Mapping[str, str] = {field.key: field.label.zh for field in (*FIELDS, *ORIGINAL)}
"""Name of each attribute, and the Chinese one."""


def find_field(key: str) -> Field:
    """Return the field of a canonical key.

    Raises
    ------
    KeyError
        If there is none.
    """
    return _BY_KEY[key]


_BY_KEY = {field.key: field for field in (*FIELDS, *POSITION, *ORIGINAL)}


@lru_cache(maxsize=1024)  # asked for every cell of a table
def find_header(word: str) -> str | None:
    """Return the key of the field that a header names; None if it is none of ours.

    Known are key and labels, as they are or as the template writes them. Another unit is another
    column: what is in yuan must not be read as 10,000 yuan.

    Examples
    --------
    >>> find_header("建筑面积 (㎡)"), find_header("*名称 Name"), find_header("建设费用（元）")
    ('floor_area_m2', 'name', None)
    """
    return _BY_HEADER.get(_pack(word))


def _pack(word: str) -> str:
    return "".join(fold(word).split()).strip(REQUIRED)


def _list_headers(field: Field) -> set[str]:
    """Return what a header may be that names a field, packed."""
    zh, en = field.label.zh, field.label.en
    names = [field.key, zh, en, f"{zh}{field.key}", f"{zh}{en}"]
    units = ["", *(f"({unit})" for unit in ((field.unit.zh, field.unit.en) if field.unit else ()))]
    return {_pack(name + unit) for name in names for unit in units}


_BY_HEADER = {name: field.key for field in _BY_KEY.values() for name in _list_headers(field)}


def describe_fields(fields: Iterable[Field] = FIELDS) -> list[dict[str, object]]:
    """Return fields as JSON can hold them, for the page on which a street fills them in."""
    return [
        {
            "key": field.key,
            "label": _describe(field.label),
            "kind": field.kind,
            "help": _describe(field.help),
            "required": field.required,
            "expected": field.expected,
            "choices": [
                {"value": choice.value, "label": _describe(choice.label), "others": choice.others}
                for choice in field.choices
            ],
            "above": field.above,
            "least": field.least,
            "unit": field.unit and _describe(field.unit),
            "example": field.example,
        }
        for field in fields
    ]


def _describe(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
