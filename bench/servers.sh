# Servers that benchmarks run, each in a folder of its own and gone with it: start_NAME FOLDER [POLICY], stop_servers.
server_pids="" postgres_folder=""
postgres_bin=$(ls -d /usr/lib/postgresql/15/bin 2>/dev/null || true)

need_postgres() {
    [ -n "$postgres_bin" ] || need /usr/lib/postgresql/15/bin/postgres postgresql-15
}

as_postgres() { # it does not run as root
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"; else "$@"; fi
}

free_port() { # asked of the kernel; a benchmark does not mind that another could take it first
    perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in(0, INADDR_LOOPBACK)); print((sockaddr_in(getsockname(S)))[0])'
}

stop_servers() {
    for pid in $server_pids; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done
    server_pids=""
    [ -z "$postgres_folder" ] || as_postgres "$postgres_bin/pg_ctl" -D "$postgres_folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    postgres_folder=""
}

until_there() { # command...: half a minute at most
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || { echo "a server does not start: $*" >&2; return 1; }
        sleep 0.1
    done
}

start_vern() { # folder policy
    mkdir "$1"
    "$BENCH_BUILD/vern" init --data "$1/data" --root "$1/root.key" --register bench --policy "$2" \
        --token-file "$1/token" >/dev/null
    "$BENCH_BUILD/vern" serve --data "$1/data" --root "$1/root.key" --listen 127.0.0.1:0 --port-file "$1/port" \
        >"$1/log" 2>&1 &
    server_pids="$server_pids $!"
    until_there test -s "$1/port"
    VERN_PORT=$(cat "$1/port") VERN_TOKEN=$(cat "$1/token") VERN_DATA=$1/data
    export VERN_PORT VERN_TOKEN VERN_DATA
}

start_postgres() { # folder
    mkdir -p "$1/socket"
    [ "$(id -u)" != 0 ] || chown -R postgres "$1"
    as_postgres "$postgres_bin/initdb" -D "$1/data" -A trust -U bench -E UTF8 --locale=C >/dev/null
    port=$(free_port)
    cat >>"$1/data/postgresql.conf" <<CONF
port = $port
listen_addresses = '127.0.0.1'
unix_socket_directories = '$(cd "$1" && pwd)/socket' # a relative one would be looked for in the data
max_connections = 300
shared_buffers = 1GB
synchronous_commit = on
max_wal_size = 4GB
${POSTGRES_LOG:-logging_collector = on
log_destination = 'csvlog'
log_statement = 'all'
log_rotation_size = 0}
CONF
    postgres_folder=$1
    as_postgres "$postgres_bin/pg_ctl" -D "$1/data" -w -l "$1/started" start >/dev/null || { cat "$1/started" >&2; return 1; }
    PG_CONNECT="host=127.0.0.1 port=$port user=bench dbname=postgres"
    export PG_CONNECT
}

start_redis() { # folder
    mkdir "$1"
    REDIS_PORT=$(free_port)
    export REDIS_PORT
    redis-server --bind 127.0.0.1 --port "$REDIS_PORT" --dir "$1" --appendonly yes --appendfsync everysec --save '' \
        --daemonize no >"$1/log" 2>&1 &
    server_pids="$server_pids $!"
    until_there redis-cli -p "$REDIS_PORT" ping
}
