#!/usr/bin/env bash
# Instructions of the hot paths under callgrind: the same on a busy machine as on an idle one.
# What the start and the set-up take is left out: a path is run once and eleven times, and the difference is ten runs.
# With --gate it fails where a path takes more than its bound, and ends with 75 where it could not count at all.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

if ! command -v valgrind >/dev/null; then
  echo "SKIPPED: valgrind is not installed, so no instructions were counted and no bound was checked"
  [ "${1:-}" = --gate ] && exit 75
  exit 0
fi

program=$(cargo bench --quiet -p bedrock-cost --bench hot_paths --no-run --message-format json |
  sed -n 's/.*"executable":"\([^"]*hot_paths-[^"]*\)".*/\1/p' | tail -1)
[ -x "$program" ] || { echo "the benchmark was not built"; exit 1; }

# instructions PATH TIMES: all that the program executes.
instructions() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1 |
    sed -n 's/.*Collected : //p'
}

failed=0
# measure PATH WHAT BOUND
measure() {
  local once eleven each
  once=$(instructions "$1" 1)
  eleven=$(instructions "$1" 11)
  each=$(((eleven - once) / 10))
  printf '%-42s %10d instructions, bound %10d\n' "$2" "$each" "$3"
  if [ "$each" -le 0 ] || [ "$each" -gt "$3" ]; then failed=1; fi
}

measure estimator "100,000 bytes of English prose read" 4500000
measure scenario "scenario of one model" 150000
measure scenarios "scenarios of every model with its plans" 30000000
measure savings "savings of one workload, every rule asked" 6000000

[ "${1:-}" != --gate ] || exit $failed
