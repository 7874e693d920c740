"""Finds the functions and classes of a C++ file by its braces.

Not a parser: it knows just enough to tell what an opening brace opens. It is
used for lengths and counts, where being right about ordinary code matters and
being fooled by exotic code costs little.
"""

import re
from typing import NamedTuple

from source_tree import code_only, line_of, without_preprocessor


class Function(NamedTuple):
    name: str
    first_line: int
    last_line: int

    @property
    def lines(self) -> int:
        return self.last_line - self.first_line + 1


class Class(NamedTuple):
    name: str
    line: int
    fields: int


_TEMPLATE = re.compile(r"^\s*template\s*<")
_CLASS = re.compile(r"^\s*(?:typedef\s+)?(?:class|struct|union|enum)\b")
# What may stand between a parameter list and the body.
_AFTER_PARAMETERS = re.compile(
    r"\)\s*(?:(?:const|volatile|noexcept|override|final|mutable|try|&&?"
    r"|[A-Z][A-Z0-9_]+)\s*)*(?:->[^;{}]*)?(?:requires\b[^;{}]*)?$")
_FIELD = re.compile(r"(?<![\w.>)])([a-z]\w*_)\s*$")


def _drop_balanced(text: str, opening: str, closing: str) -> str:
    """Removes everything between brackets, and the brackets."""
    depth = 0
    kept = []
    for char in text:
        if char == opening:
            depth += 1
        elif char == closing and depth > 0:
            depth -= 1
        elif depth == 0:
            kept.append(char)
    return "".join(kept)


def _without_template(head: str) -> str:
    while _TEMPLATE.match(head):
        depth = 0
        for place in range(head.index("<"), len(head)):
            depth += {"<": 1, ">": -1}.get(head[place], 0)
            if depth == 0:
                head = head[place + 1:]
                break
        else:
            return head
    return head


def _kind(head: str) -> str:
    """What a brace opens after `head`, outside of functions."""
    head = _without_template(head).rstrip()
    if re.match(r"^\s*(?:inline\s+)?namespace\b", head):
        return "namespace"
    if re.match(r'^\s*extern\s*"\s*"?$', head) or head.strip() == "extern":
        return "namespace"
    is_function = _AFTER_PARAMETERS.search(head) is not None
    if _CLASS.match(head) and not is_function:
        return "class"
    # Between a constructor's colon and its body, `name{` initializes.
    if re.search(r"\)[^:]*(?<!:):(?!:)", head):
        return "function" if head[-1] in ")}" else "initializer"
    if is_function:
        return "function"
    return "initializer"


def _function_name(head: str) -> str:
    plain = _without_template(head)
    operator = re.search(r"operator\s*(?:\(\)|[^\s\w(]+)(?=\s*\()", plain)
    if operator is not None:
        return operator.group(0)
    flat = _drop_balanced(plain, "<", ">")
    found = re.search(r"([\w:~]+)\s*\(", flat)
    if found is None:
        return "?"
    name = found.group(1)
    if re.fullmatch(r"(?:TEST|TEST_F|TEST_P|TYPED_TEST|BENCHMARK_F)", name):
        inner = re.match(r"([^)]*)", flat[found.end():]).group(1)
        return re.sub(r"\s*,\s*", ".", inner.strip())
    return name


def _class_name(head: str) -> str:
    bare = _drop_balanced(_without_template(head), "(", ")")
    bare = re.split(r"(?<!:):(?!:)", bare)[0]
    words = [w for w in re.findall(r"\w+", bare) if w != "final"]
    return words[-1] if len(words) > 1 else "(anonymous)"


def _is_field(statement: str) -> bool:
    """Whether a statement of a class body declares a data member."""
    text = re.sub(r"^\s*(?:public|private|protected)\s*:", "", statement)
    if re.match(r"\s*(?:static|using|friend|typedef)\b", text):
        return False
    text = re.sub(r"\b[A-Z][A-Z0-9_]+\s*\([^()]*\)", "", text)  # GUARDED_BY
    text = _drop_balanced(_drop_balanced(text, "<", ">"), "[", "]")
    text = re.split(r"(?<![=<>!])=(?!=)", text)[0]
    return _FIELD.search(text) is not None


class _Scope:
    def __init__(self, kind: str, head: str, line: int):
        self.kind = kind
        self.head = head
        self.line = line
        self.fields = 0


def scan(text: str) -> tuple[list[Function], list[Class]]:
    code = without_preprocessor(code_only(text))
    functions: list[Function] = []
    classes: list[Class] = []
    scopes: list[_Scope] = []
    head_start = 0  # Where the current declaration begins.
    depth = 0       # Braces open inside a function or an initializer.
    for match in re.finditer(r"[{};]|(?:public|private|protected)\s*:", code):
        char = match.group(0)
        inside = bool(scopes) and scopes[-1].kind in ("function", "initializer")
        if inside:
            depth += {"{": 1, "}": -1}.get(char, 0)
            if depth > 0:
                continue
            scope = scopes.pop()
            if scope.kind == "initializer":
                continue  # The declaration goes on: b{1}, c{2} or ;
            functions.append(Function(_function_name(scope.head), scope.line,
                                      line_of(code, match.start())))
        elif char == "{":
            head = code[head_start:match.start()]
            first = head_start + len(head) - len(head.lstrip())
            scope = _Scope(_kind(head), head, line_of(code, first))
            scopes.append(scope)
            if scope.kind in ("function", "initializer"):
                depth = 1
            if scope.kind == "initializer":
                continue
        elif char == "}":
            if scopes:
                scope = scopes.pop()
                if scope.kind == "class":
                    classes.append(Class(_class_name(scope.head), scope.line,
                                         scope.fields))
        elif char == ";":
            statement = _drop_balanced(
                code[head_start:match.start()], "{", "}")
            if scopes and scopes[-1].kind == "class":
                scopes[-1].fields += _is_field(statement)
        head_start = match.end()
    return functions, classes
