"""Compilation of kernels in two ways: for calls from Python, and for calls from other kernels.

Numba compiles every function for both: with wrappers for Python and C, and to machine code of its own, also
where it is only ever linked into its callers, as most kernels are. Here a function that a kernel calls is
compiled to optimised LLVM code and no further, which its callers take over; wrappers, machine code and a file
in the cache are made for those functions alone that Python calls. The code that runs is the same.

LLVM's part of the work needs no lock of Python's interpreter. A second thread does it, while the first goes
on with the next function: a caller needs the types of what it calls, not its code.

Numba documents how a pipeline of its compiler is changed, but not all of the names that this needs: after a
new release of Numba the tests of `timecone.numerics` say whether they still hold.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from typing import Any, ClassVar

from numba.core import cgutils, codegen, ir, types
from numba.core.codegen import CodeLibrary, JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.environment import lookup_environment
from numba.core.registry import CPUDispatcher
from numba.core.typed_passes import NativeLowering

# LLVM as Numba uses it.
_llvm: Any = codegen.__dict__["ll"]
_NUMBERS = (types.Number, types.Boolean)
_ENVIRONMENT = "_ZN08NumbaEnv"
_OWN = "_ZN8timecone"
# LLVM's instructions of a function above which it is not inlined.
_MOST_INLINED = 150
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


class _Background:
    """A second thread in which LLVM works while an entry is compiled; it ends with the compilation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._executor: ThreadPoolExecutor | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Have the thread at hand inside the context."""
        with self._lock:
            self._users += 1
            if self._executor is None:
                self._executor = ThreadPoolExecutor(1, "timecone-llvm")
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                ended, self._executor = (None, self._executor) if self._users else (self._executor, None)
            if ended is not None:
                ended.shutdown()

    def submit(self, work: Callable[[], None]) -> Future[None]:
        """Do a work after those submitted before: at once, where no thread is at hand."""
        with self._lock:
            if self._executor is not None:
                return self._executor.submit(work)
        done: Future[None] = Future()
        work()
        done.set_result(None)
        return done


_background = _Background()


class _LinkedLibrary(JITCodeLibrary):
    """Optimised code that is linked into that of callers and has no machine code of its own."""

    def __init__(self, codegen: Any, name: str) -> None:
        # Its parent's would ask LLVM for an empty module now, and wait for the other thread.
        CodeLibrary.__init__(self, codegen, name)
        self._linking_libraries: list[Any] = []
        self._shared_module = None
        self._texts: list[tuple[str, str]] = []
        self._done: Future[None] | None = None
        #: Large functions that this code calls, directly or not. No caller is optimised together with them
        #: but the entry, which is linked with everything.
        self.apart: dict[_LinkedLibrary, None] = {}
        #: Whether callers inline the code whatever its size, and whether they would not.
        self.is_inlined, self.is_large = False, False

    def add_ir_module(self, ir_module: Any) -> None:
        """Add Numba's code of a function."""
        self._texts.append((ir_module.name, cgutils.normalize_ir_text(str(ir_module))))  # type: ignore[no-untyped-call]

    def add_linking_library(self, library: Any) -> None:
        """Add what this code calls."""
        if not isinstance(library, _LinkedLibrary):
            library._ensure_finalized()  # noqa: SLF001 - no public way
        self._linking_libraries.append(library)

    def optimise(self) -> None:
        """Begin to optimise what has been added; nothing can be added any more."""
        if self._done is None:
            self._done = _background.submit(self._optimise)

    def finalize(self) -> None:
        """Wait until the code is optimised."""
        self.optimise()
        assert self._done is not None
        self._done.result()

    def _optimise(self) -> None:
        # As its parent does at once.
        empty = str(self.create_ir_module(self.name))  # type: ignore[no-untyped-call]
        self._final_module = _llvm.parse_assembly(empty)
        self._final_module.name = cgutils.normalize_ir_text(self.name)  # type: ignore[no-untyped-call]
        for name, text in self._texts:
            module = _llvm.parse_assembly(text)
            module.name = name
            self.add_llvm_module(module)  # type: ignore[no-untyped-call]
        self._texts.clear()
        for library in dict.fromkeys(self._linking_libraries):
            self._reload_init.update(library._reload_init)  # noqa: SLF001 - as its parent does
            if isinstance(library, _LinkedLibrary):
                self.apart |= library.apart
                if library.is_large:
                    self.apart[library] = None
                    continue
                module = library.own_module()
            else:
                module = library._get_module_for_linking()  # noqa: SLF001 - as its parent does
            self._final_module.link_in(module, preserve=True)
        self._optimize_final_module()  # type: ignore[no-untyped-call]
        self._finalize_dynamic_globals()  # type: ignore[no-untyped-call]
        instructions = sum(
            1
            for each in self._final_module.functions
            if not each.is_declaration
            for block in each.blocks
            for _ in block.instructions
        )
        self.is_large = not self.is_inlined and instructions > _MOST_INLINED
        self._finalized = True

    def own_module(self) -> Any:
        """Return the code without the large functions that it calls."""
        return super()._get_module_for_linking()  # type: ignore[no-untyped-call]

    def _get_module_for_linking(self) -> Any:
        own = self.own_module()
        if not self.apart:
            return own
        whole = own.clone()
        # Callers first: LLVM links only what is already called.
        for library in reversed(self.apart):
            whole.link_in(library.own_module(), preserve=True)
        return whole


def _of(state: Any, *kinds: type) -> list[Any]:
    """Return the statements of some kinds in a function."""
    return [
        each for block in state.func_ir.blocks.values() for kind in kinds for each in block.find_insts(kind)
    ]


def _fills_one_element(state: Any, statement: Any) -> bool:
    """Return whether a statement sets an element of an array, not a slice."""
    variable = statement.index_var if isinstance(statement, ir.StaticSetItem) else statement.index
    index: Any = state.typemap[variable.name]
    is_tuple = isinstance(index, types.BaseTuple)
    parts = index.types if is_tuple else (index,)
    return all(isinstance(part, types.Integer) for part in parts)


def _only_borrows(state: Any) -> bool:
    """Return whether a function makes no array and returns none, so that it need not count references.

    All its arrays are then its caller's, which holds them, and views of these. Counting is an atomic
    operation, and between two of them the compiler moves nothing. To fill a slice, Numba makes views that
    it counts.
    """

    def counted(kind: Any) -> bool:
        return bool(state.targetctx.data_model_manager[kind].contains_nrt_meminfo())

    if counted(state.return_type):
        return False
    if any(not _fills_one_element(state, each) for each in _of(state, ir.SetItem, ir.StaticSetItem)):
        return False
    assignments = _of(state, ir.Assign)
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
        state.library = _LinkedLibrary(codegen, state.func_id.func_qualname)
        state.library.is_inlined = state.flags.forceinline
        state.flags.no_compile = True
        super().run_pass(state)  # type: ignore[no-untyped-call]
        state.library.optimise()

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
        for each in state.library._final_module.functions:  # noqa: SLF001 - no public way
            if each.is_declaration and each.name.startswith(_OWN):
                message = f"{each.name} is called by {state.library.name} and linked with nothing"
                raise AssertionError(message)
        # Also those of the functions that are linked into it, as when it is read from the cache.
        for variable in state.library._final_module.global_variables:  # noqa: SLF001 - no public way
            if variable.name.startswith(_ENVIRONMENT) and not variable.is_declaration:
                environment = lookup_environment(variable.name)  # type: ignore[no-untyped-call]
                if environment is not None:
                    state.targetctx.codegen().set_env(variable.name, environment)
        return True


class _Passes(PassManager):
    """Passes of the compiler, run without the records that Numba's debugging keeps of every one of them."""

    def _runPass(self, index: int, pss: Any, internal_state: Any) -> None:  # noqa: ARG002, N802 - Numba's name
        pss.analysis = self._analysis
        for stage in (pss.run_initialization, pss.run_pass, pss.run_finalizer):
            stage(internal_state)


class _Typing:
    """Numba's typing context, which remembers the types of arithmetic on numbers.

    For every operation of a function Numba tries the rules of scalars, arrays and NumPy's ufuncs anew. Rules
    for numbers do not change.
    """

    _known: ClassVar[dict[Any, Any]] = {}

    def __init__(self, context: Any) -> None:
        self._context = context

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def resolve_function_type(self, func: Any, args: Any, kws: Any) -> Any:
        """Return the signature of a call."""
        if kws or not isinstance(func, types.Function) or not all(isinstance(a, _NUMBERS) for a in args):
            return self._context.resolve_function_type(func, args, kws)
        key = (func, tuple(args))
        if key not in self._known:
            signature = self._context.resolve_function_type(func, args, kws)
            if signature is None or not isinstance(signature.return_type, _NUMBERS):
                return signature
            self._known[key] = signature
        return self._known[key]


class _Compiler(CompilerBase):
    """Numba's compiler with another lowering."""

    lowering: type[NativeLowering]
    _passes: _Passes | None = None

    def define_pipelines(self) -> list[Any]:
        if not isinstance(self.state.typingctx, _Typing):
            self.state.typingctx = _Typing(self.state.typingctx)
        cls = type(self)
        if cls._passes is None:
            usual = DefaultPassBuilder.define_nopython_pipeline(self.state)  # type: ignore[no-untyped-call]
            cls._passes = _Passes(usual.pipeline_name)  # type: ignore[no-untyped-call]
            for each, text in usual.passes:
                chosen = self.lowering if each is NativeLowering else each
                cls._passes.add_pass(chosen, text)  # type: ignore[no-untyped-call]
            cls._passes.finalize()  # type: ignore[no-untyped-call]
        return [cls._passes]


class _LinkedCompiler(_Compiler):
    lowering = _LinkedLowering


class _EntryCompiler(_Compiler):
    lowering = _EntryLowering


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Pause Python's garbage collection: of a compilation's millions of objects it frees few."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


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

    def compile(self, sig: Any) -> Any:
        """Compile for calls from Python of these types, unless that has been done."""
        with _collection_paused(), _background.running():
            return super().compile(sig)

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Return the types of a call from another kernel."""
        return self.linked.get_call_template(args, kws)

    def get_overload(self, sig: Any) -> Any:
        """Return the name under which another kernel finds the function."""
        return self.linked.get_overload(sig)
