"""stamp: time that rises on a device, and that no wrong clock can win by."""

from __future__ import annotations

from app.domain.stamp import effective, hlc_of, ms_of, tick


def test_ticks_rise_though_the_wall_clock_is_set_back():
    first = tick(0, now_ms=1_000_000)
    second = tick(first, now_ms=500_000)
    assert second == first + 1
    assert ms_of(second) == 1_000_000


def test_a_clock_a_year_ahead_counts_as_arrival():
    year = 365 * 86_400_000
    stamp = effective(hlc_of(10**12 + year), offset_ms=0, arrived_ms=10**12, previous=0)
    assert ms_of(stamp) == 10**12


def test_a_measured_offset_is_taken_off():
    hour = 3_600_000
    stamp = effective(hlc_of(10**12 + hour), offset_ms=-hour, arrived_ms=10**12 + 5, previous=0)
    assert stamp == hlc_of(10**12)


def test_stamps_of_one_device_rise_with_its_numbers():
    earlier = effective(hlc_of(2000), offset_ms=0, arrived_ms=10_000, previous=0)
    assert effective(hlc_of(1000), offset_ms=0, arrived_ms=10_000, previous=earlier) == earlier + 1
