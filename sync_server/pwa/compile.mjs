// node compile.mjs PYODIDE_DIR FOLDER: every .py below FOLDER becomes a sourceless .pyc.
// Unchecked hashes: the files carry no dates, and Python never looks for the sources again.
const [, , pyodideDir, folder] = process.argv;
const { loadPyodide } = await import(`${pyodideDir}/pyodide.mjs`);
// A fixed seed: the order of a frozenset of strings in a .pyc follows their hashes.
const python = await loadPyodide({ indexURL: pyodideDir, env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" } });
python.FS.mkdir("/stage");
python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, "/stage");
const failures = python.runPython(`
import pathlib, py_compile
stage = pathlib.Path("/stage")
failures = []
for source in sorted(stage.rglob("*.py")):
    try:
        py_compile.compile(
            str(source), cfile=f"{source}c", dfile=str(source.relative_to(stage)), doraise=True, optimize=0,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    except py_compile.PyCompileError as error:
        failures.append(str(error))
    else:
        source.unlink()
"\\n".join(failures)
`);
if (failures) {
  console.error(failures);
  process.exit(1);
}
process.exit(0);
