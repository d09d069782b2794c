# What grow, import, disk and sweep share: bulk PEOPLE ROUNDS [kept] prints the row of bench/bulk.c.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bench/gdpr_policy >"$work/policy.yaml"
people=${BULK_PEOPLE:-12500} rounds=2000
[ "$BENCH_SHORT" = no ] || { people=200 rounds=16; }
bulk() { "$BENCH_BUILD/bench_bulk" "$work/policy.yaml" "$@"; }
