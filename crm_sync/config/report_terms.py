"""Thresholds of reports in config.toml: when a customer sleeps, and how customers are scored."""

from __future__ import annotations

from typing import Annotated, Self, TypeAlias

from pydantic import Field, Strict, StrictInt, model_validator

from crm_sync.config.parts import Section
from crm_sync.core.values import N_
from crm_sync.messages.faults import Wrong

Factor: TypeAlias = Annotated[float, Strict(), Field(gt=0, le=100, allow_inf_nan=False)]
Days: TypeAlias = Annotated[StrictInt, Field(ge=1, le=3650)]
Amount: TypeAlias = Annotated[float, Strict(), Field(ge=0, allow_inf_nan=False)]
_SCORES = 4


class SleepSettings(Section):
    """`[sleep]`: after how much silence a customer is cooling, sleeping, lost.

    With a rhythm of its own (three dates of purchase or more): after `cooling` and `sleeping` times
    the rhythm, sleeping after `least_days` at the earliest, both after `most_days` at the latest;
    lost after `lost` times the rhythm, after `most_days` at the earliest. Without one: sleeping
    after `default_days`, cooling after two thirds of that. A customer with whom somebody has spoken
    is not listed for `recall_days`; a missed call is listed after `missed_call_hours`.
    """

    cooling: Factor = 1.5
    sleeping: Factor = 2
    lost: Factor = 4
    least_days: Days = 30
    most_days: Days = 365
    default_days: Days = 90
    season_months: Annotated[StrictInt, Field(ge=1, le=11)] = 3
    recall_days: Annotated[StrictInt, Field(ge=0, le=3650)] = 30
    missed_call_hours: Annotated[StrictInt, Field(ge=0, le=720)] = 0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.cooling < self.sleeping < self.lost:
            raise Wrong(N_("cooling must be less than sleeping, and sleeping less than lost."))
        if self.least_days > self.most_days:
            raise Wrong(N_("least_days must not be more than most_days."))
        return self


class RfmSettings(Section):
    """`[rfm]`: scores from 1 to 5. Ranked are customers with a purchase in the last `recent_days`;
    new is whose first purchase is at most `new_days` old. With fewer ranked than `few`, the scores
    2, 3, 4, 5 ask for at most so many `days` of silence, at least so many `purchases`, at least so
    much `money`; without these lists such customers are ranked as well.
    """

    recent_days: Days = 365
    new_days: Days = 60
    few: Annotated[StrictInt, Field(ge=0)] = 25
    days: tuple[Annotated[StrictInt, Field(ge=0)], ...] = ()
    purchases: tuple[Annotated[StrictInt, Field(ge=1)], ...] = ()
    money: tuple[Amount, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = (self.days, self.purchases, self.money)
        if any(given) and any(len(each) != _SCORES for each in given):
            raise Wrong(N_("days, purchases and money need four numbers each, or none at all."))
        if list(self.days) != sorted(self.days, reverse=True):
            raise Wrong(N_("days go from many to few."))
        if any(list(each) != sorted(each) for each in (self.purchases, self.money)):
            raise Wrong(
                N_("purchases and money go from little to much: the score 2 asks for least.")
            )
        return self
