# need PROGRAM PACKAGE: a benchmark that needs a program ends here where that is not installed, and says so; in CI that
# is a failure, elsewhere the code by which ctest knows a test that was left out.
need() {
    command -v "$1" >/dev/null 2>&1 && return 0
    echo "SKIPPED: $1 is not installed (package $2)" >&2
    [ "${CI:-}" != true ] || exit 1
    exit 77
}
