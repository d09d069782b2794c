# Installs what is missing to build and test Vern on Debian 12. Says which packages and why, and asks
# for root for that alone. Sourced by ./check, ./demo and .ci/run; $* names the parts that are wanted.

vern_packages="
gcc:build:compiler
cmake:build:build files
ninja-build:build:build tool
pkg-config:build:finds the libraries
libyaml-dev:build:policy files
libsqlite3-dev:build:the embedded store
libpq-dev:build:registers in PostgreSQL
libssl-dev:build:sealing and hashing
libsodium-dev:build:signatures and key memory
libuv1-dev:build:the server's loop
libcurl4-openssl-dev:build:webhooks, mail and providers of sign-in
libcjose-dev:build:signatures of ID tokens
libjansson-dev:build:what libcjose builds on
nodejs:pages:builds the pages of the portal and the console
npm:pages:installs what they are made of
node-llhttp:build:the HTTP parser, as C files
libarchive-dev:build:the package that a person takes along, a zip
libbrotli-dev:build:the script of the banner in few bytes
libidn2-dev:build:addresses in every script
libunistring-dev:build:normal forms of text
libcmocka-dev:build:unit tests
tzdata:build:time zones
curl:demo:the demo's own lines
clang:check:the second compiler, sanitizers
libclang-rt-14-dev:check:the sanitizers' runtime
nodejs:check:runs the script of the page that verifies a package, and a provider of sign-in
npm:check:installs the provider of sign-in that tests run
chromium:check:opens the pages in tests
jq:check:reads JSON in tests
python3:check:receives webhooks in tests
python3-aiosmtpd:check:receives mail in tests
mandoc:check:reads manual pages in tests
wrk:check:drives the server in benchmarks
postgresql-15:check:holds registers in tests and runs beside Vern in benchmarks
pgbouncer:check:stands between Vern and PostgreSQL in tests
redis-server:check:runs beside Vern in benchmarks
libhiredis-dev:check:asks it
valgrind:check:counts instructions
dpkg-dev:package:builds the package
debhelper:package:builds the package
fakeroot:package:builds the package
lintian:package:looks at the package
"

install_missing() {
    missing="" parts=" $* "
    IFS_before=$IFS
    IFS='
'
    for line in $vern_packages; do
        package=${line%%:*}
        rest=${line#*:}
        part=${rest%%:*}
        why=${rest#*:}
        case "$parts" in *" $part "*) ;; *) continue ;; esac
        # Some builds of node bring npm along, and Debian's package would not go beside them.
        [ "$package" = npm ] && command -v npm >/dev/null 2>&1 && continue
        if ! dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
            echo "missing: $package ($why)"
            missing="$missing $package"
        fi
    done
    IFS=$IFS_before
    [ -z "$missing" ] && return 0
    echo "installing:$missing"
    if [ "$(id -u)" = 0 ]; then
        as_root=""
    else
        as_root="sudo"
        echo "root is needed for this step only"
    fi
    $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# What tests run that Debian has not, exactly as tests/package-lock.json says, without any script of
# its packages. Installed again only when that file has changed.
install_test_packages() {
    held=tests/node_modules/.installed
    if [ -f "$held" ] && cmp -s tests/package-lock.json "$held"; then
        return 0
    fi
    echo "installing what tests/package-lock.json names"
    (cd tests && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null) || return 1
    cp tests/package-lock.json "$held"
}

# Newer majors of PostgreSQL than Debian's (tests/newer), of which npm has betas alone: where one does not
# come, or does not run, the test that needs it is skipped, and says so.
install_newer_postgres() {
    held=tests/newer/node_modules/.installed
    if [ -f "$held" ] && cmp -s tests/newer/package-lock.json "$held"; then
        return 0
    fi
    echo "installing what tests/newer/package-lock.json names"
    (cd tests/newer && timeout 120 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null &&
        node links.mjs node_modules/postgres-*) || { echo "no newer PostgreSQL comes from npm"; return 0; }
    cp tests/newer/package-lock.json "$held"
}

# What the pages of web/ are made of, likewise; and a Node to build them by, where the system's is
# older than Vite asks for.
install_web_packages() {
    held=web/node_modules/.installed
    if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number)
        process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null; then
        (cd web/node && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null) || return 1
    fi
    if [ -f "$held" ] && cmp -s web/package-lock.json "$held"; then
        return 0
    fi
    echo "installing what web/package-lock.json names"
    (cd web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null) || return 1
    cp web/package-lock.json "$held"
}
