"""Whether a remark says that the person of its row has died, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sync_server.roster.values import folded, read_month

_WORD = r"(?:去世|死亡|亡故|身故|已故|过世|逝世|离世|病逝|病故|病亡|身亡|亡|殁)"
_DATE = r"[\d〇零○一二三四五六七八九十年月日号初底.\-/]*"
_HIMSELF = re.compile(
    rf"(?:该?(?:本人|对象|同志|老人|人员|人))?(?:已经|已|现已|现|确认)?(?:于|在)?{_DATE}(?:份|左右|前后)?"
    rf"(?:因[病故伤]|因公|意外|自然|不幸)?(?:已经|已)?{_WORD}{_DATE}(?:人员|老人|对象)?了?"
)
_SOMEBODY = re.compile(
    r"去世|死亡|亡故|身故|已故|过世|逝世|离世|病逝|病亡|(?<![伤逃流])亡|殁|病故(?!军人|的?军)"
)
_KIN = re.compile(
    r"^(?:亡[妻夫父母]|(?:其|的|家中)?(?:妻子?|夫|丈夫|配偶|父母?|母|父亲|母亲|爱人|老伴|儿子?|女儿?|子女?|长子|次子|兄弟?|弟|姐|妹"
    r"|孙子?|岳父|岳母|家属)(?![说称报反告]))"
)
_NOT = re.compile(r"(?:未|没有?|无|不含|是否|谣传|误报)[^,;。、]{0,3}$")
_CLAUSES = re.compile(r"[,;。，；、\n()（）]+")


@dataclass(frozen=True, slots=True)
class Death:
    """`is_dead`: said of the person himself. `unclear`: a death is spoken of, and not clearly whose."""

    is_dead: bool = False
    died: str | None = None
    unclear: str = ""
    words: str = ""  # of the remark that says he is dead

    def of_survivor(self) -> Death:
        """As said beside a soldier's survivor: 病故 there may be the soldier's death, so it is asked."""
        return Death(unclear=self.words) if self.is_dead and "病故" in self.words else self


def read_death(words: str) -> Death:
    """What a remark says: 2021年12月去世 is the person's death, 妻子去世 is not."""
    open_words = ""
    for clause in (folded(c) for c in _CLAUSES.split(words)):
        if clause and _HIMSELF.fullmatch(clause):
            return Death(True, read_month(re.sub(_WORD, "", clause)), words=clause)
        if (found := _SOMEBODY.search(clause)) is None or _KIN.match(clause):
            continue
        if not _NOT.search(clause[: found.start()]):
            open_words = words
    return Death(unclear=open_words)
