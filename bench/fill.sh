# What the benchmarks over HTTP share: a server with a register of $people (1,000) people with an application of eight
# items each. To be sourced in the project's root with $build set; gives $work, $token, $url, $server, post and $work/ids.
# Sourced twice, with $program set, it gives a server of each; $register and $init_more say more of where its data lie.
vern=$build/${program:-vern}
work=$(mktemp -d -p "${TMPDIR:-$build}") # not where others make and delete files, or where memory is the disk
works="${works:-} $work"
token=""
pids=${pids:-}
finish() {
    for pid in $pids; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done
    # shellcheck disable=SC2086
    rm -rf $works
}
trap finish EXIT INT TERM
start=2026-01-15T09:00:00Z
policy=policies/confect.yaml
deployment=policies/confect.deploy.yaml

wait_for() { # file pid
    while [ ! -s "$1" ]; do [ -d "/proc/$2" ] || { cat "$work"/*.log; exit 1; }; done
}

# shellcheck disable=SC2086
$vern init --data "$work/data" --root "$work/root.key" --register ${register:-bench} --policy $policy \
    --deployment $deployment --clock simulated --start $start --token-file "$work/token" ${init_more:-} >/dev/null
token=$(cat "$work/token")
$vern serve --data "$work/data" --root "$work/root.key" --listen 127.0.0.1:0 \
    --port-file "$work/port" >"$work/server.log" 2>&1 &
server=$!
pids="$pids $server"
wait_for "$work/port" $server
url=http://127.0.0.1:$(cat "$work/port")
idle_kb=$(awk '/^RssAnon/ {print $2}' /proc/$server/status)

# The policy has two companies: whose use it is stands in each request.
post() {
    curl -s -H "Authorization: Bearer $token" -H 'X-Vern-Controller: confect' -H 'Content-Type: application/json' \
        -d "$2" "$url$1"
}

# People with one application each, of eight items.
values='"basic.name":"Kari Prøve","basic.email":"%s@example.test","basic.phone":"+47 900 00 000","basic.address":"Eksempelveien 1, 0001 Oslo","job_application.application":"Jeg søker.","job_application.cv":"Ti år med prøvedata, i syntetiske virksomheter.","job_application.reference":"Ola Prøve","job_application.other_document":"Vitnemål"'
n=0
: >"$work/people.ndjson"
while [ $n -lt ${people:-1000} ]; do
    n=$((n + 1))
    # shellcheck disable=SC2059
    printf '{"number":"B-%s","roles":["candidate"],"collect":[{"intake":"application","source":"person","channel":"web","controller":"confect","said_optional":true,"values":{'"$values"'},"events":["application_received"]}]}\n' $n "b$n" >>"$work/people.ndjson"
done
$vern import "$work/people.ndjson" --server "$url" --token-file "$work/token" >/dev/null
next=""
: >"$work/ids"
while :; do
    page=$(curl -s -H "Authorization: Bearer $token" "$url/v1/subjects$next")
    printf '%s' "$page" | grep -oE '"[A-Za-z0-9_-]{22}"' | tr -d '"' >>"$work/ids"
    cursor=$(printf '%s' "$page" | sed -n 's/.*"next":"\([^"]*\)".*/\1/p')
    [ -n "$cursor" ] || break
    next="?cursor=$cursor"
done
