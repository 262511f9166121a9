"""Collecting garbage after every click must not walk through what imports made."""

import gc
import sys
import types

from builder.ui.shell.collecting import set_imports_aside


def test_objects_are_set_aside_once_for_each_time_that_modules_came(monkeypatch):
    try:
        set_imports_aside()
        before = gc.get_freeze_count()
        assert before > 10_000
        assert not set_imports_aside()
        monkeypatch.setitem(sys.modules, "a_module_that_came", types.ModuleType("came"))
        assert set_imports_aside()
        assert gc.get_freeze_count() >= before
        assert len(gc.get_objects()) < before / 10
    finally:
        gc.unfreeze()
