"""Compilation of kernels in two ways: for calls from Python, and for calls from other kernels.

Numba compiles every function for both: with wrappers for Python and C, and to machine code of its own, also
where it is only ever linked into its callers, as most kernels are. Here a function that a kernel calls is
compiled to optimised LLVM code and no further, which its callers take over; wrappers, machine code and a file
in the cache are made for those functions alone that Python calls. The code that runs is the same.

Numba documents how a pipeline of its compiler is changed, but not all of the names that this needs: after a
new release of Numba the tests of `timecone.numerics` say whether they still hold.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from numba.core import ir
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.environment import lookup_environment
from numba.core.registry import CPUDispatcher
from numba.core.typed_passes import NativeLowering

_ENVIRONMENT = "_ZN08NumbaEnv"
# Expressions of Numba's intermediate representation whose arrays are those of their operands, or views.
_BORROWING = frozenset(
    {
        "getitem",
        "static_getitem",
        "getattr",
        "build_tuple",
        "exhaust_iter",
        "cast",
        "phi",
        "getiter",
        "iternext",
        "pair_first",
        "pair_second",
    }
)


class _LinkedLibrary(JITCodeLibrary):
    """Optimised code that is linked into that of callers and has no machine code of its own."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()  # type: ignore[no-untyped-call]
        self._verify_declare_only_symbols()  # type: ignore[no-untyped-call]
        self._finalized = True


def _only_borrows(state: Any) -> bool:
    """Return whether a function makes no array and returns none, so that it need not count references.

    All its arrays are then its caller's, which holds them, and views of these. Counting is an atomic
    operation, and between two of them the compiler moves nothing.
    """

    def counted(kind: Any) -> bool:
        return bool(state.targetctx.data_model_manager[kind].contains_nrt_meminfo())

    if counted(state.return_type):
        return False
    assignments = [a for block in state.func_ir.blocks.values() for a in block.find_insts(ir.Assign)]
    made = [a for a in assignments if isinstance(a.value, ir.Expr) and a.value.op not in _BORROWING]
    return not any(counted(state.typemap[a.target.name]) for a in made)


@register_pass(mutates_CFG=True, analysis_only=False)  # type: ignore[no-untyped-call]
class _LinkedLowering(NativeLowering):
    """Lowering of a function that only kernels call."""

    _name = "timecone_linked_lowering"

    def run_pass(self, state: Any) -> bool:
        if _only_borrows(state):
            state.targetctx = state.targetctx.subtarget(enable_nrt=False)
        codegen = state.targetctx.codegen()
        state.library = _LinkedLibrary(codegen, state.func_id.func_qualname)  # type: ignore[no-untyped-call]
        state.flags.no_compile = True
        super().run_pass(state)  # type: ignore[no-untyped-call]

        def name() -> None:
            """Stand for the function where callers look it up."""

        state.targetctx.insert_user_function(name, state.cr.fndesc, [state.library])
        state["cr"] = state.cr._replace(cfunc=name)
        return True


@register_pass(mutates_CFG=True, analysis_only=False)  # type: ignore[no-untyped-call]
class _EntryLowering(NativeLowering):
    """Lowering of a function that Python calls."""

    _name = "timecone_entry_lowering"

    def run_pass(self, state: Any) -> bool:
        super().run_pass(state)  # type: ignore[no-untyped-call]
        # Also those of the functions that are linked into it, as when it is read from the cache.
        for variable in state.library._final_module.global_variables:  # noqa: SLF001 - no public way
            if variable.name.startswith(_ENVIRONMENT) and not variable.is_declaration:
                environment = lookup_environment(variable.name)  # type: ignore[no-untyped-call]
                if environment is not None:
                    state.targetctx.codegen().set_env(variable.name, environment)
        return True


class _Compiler(CompilerBase):
    """Numba's compiler with another lowering."""

    lowering: type[NativeLowering]

    def define_pipelines(self) -> list[Any]:
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)  # type: ignore[no-untyped-call]
        passes.passes = [
            (self.lowering if each is NativeLowering else each, text) for each, text in passes.passes
        ]
        passes.finalize()
        return [passes]


class _LinkedCompiler(_Compiler):
    lowering = _LinkedLowering


class _EntryCompiler(_Compiler):
    lowering = _EntryLowering


class _LinkedDispatcher(CPUDispatcher):
    """A compiled function for kernels that call it; Python cannot."""

    def add_overload(self, cres: Any) -> None:
        self.overloads[tuple(cres.signature.args)] = cres


class KernelDispatcher(CPUDispatcher):
    """A compiled function: an entry for Python, and what kernels that call it are linked with.

    Parameters
    ----------
    function : callable
        The function in Python.
    locals : dict, optional
        Types of local variables, as of Numba.
    targetoptions : dict, optional
        Options of Numba's ``jit``.
    """

    def __init__(
        self,
        py_func: Any,
        locals: Any = None,  # noqa: A002 - Numba's name
        targetoptions: Any = None,
        pipeline_class: Any = None,
    ) -> None:
        options = {**(targetoptions or {}), "no_cfunc_wrapper": True}
        super().__init__(py_func, locals, options, pipeline_class or _EntryCompiler)

    @cached_property
    def linked(self) -> Any:
        """The same function for kernels that call it."""
        options = {**self.targetoptions, "no_cpython_wrapper": True}
        return _LinkedDispatcher(self.py_func, self.locals, options, _LinkedCompiler)

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Return the types of a call from another kernel."""
        return self.linked.get_call_template(args, kws)

    def get_overload(self, sig: Any) -> Any:
        """Return the name under which another kernel finds the function."""
        return self.linked.get_overload(sig)
