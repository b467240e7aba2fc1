"""Where commands write: never among the input of a case."""

from pathlib import Path

from siteplan.errors import Defect, OutputExistsError, Text

INPUT = "data"


def refuse_input(folder: Path, case: Path) -> None:
    """Make sure that nothing is written where a case is read from.

    Parameters
    ----------
    folder
        Where a command is to write; it need not be there.
    case
        Folder of the case.

    Raises
    ------
    OutputExistsError
        If it lies in the folder of its input: the next run would take what is there for data.
    """
    data = (case / INPUT).resolve()
    if folder.resolve().is_relative_to(data):
        problem = Text(
            f"在案例的输入文件夹 {INPUT} 之内，下次评审会把成果当作输入",
            f"lies in {INPUT}, which the case is read from: outputs there would be taken for input",
        )
        remedy = Text("请用 --out 指定别处", "Name --out elsewhere")
        raise OutputExistsError(Defect(str(folder), problem, remedy))
