#!/bin/sh
# Builds the Debian package from a copy of the tree, looks at it and runs what is in it.
#   tools/package.sh        the packages are then in build-package
set -eu
cd "$(dirname "$0")/.."
. tools/install.sh
install_missing build pages package
install_web_packages
rm -rf build-package
mkdir -p build-package/vern
git ls-files -co --exclude-standard | tar cf - -T - | tar xf - -C build-package/vern
for modules in web/node_modules web/node/node_modules; do # what the pages are made of, fetched above
    [ ! -d $modules ] || cp -r $modules "build-package/vern/${modules%/*}/"
done
(cd build-package/vern && dpkg-buildpackage -us -uc -b >../build.txt 2>&1) || { tail -40 build-package/build.txt; exit 1; }
lintian --fail-on error --suppress-tags bad-distribution-in-changes-file build-package/*.changes
for package in build-package/*.deb; do
    case $package in *dbgsym*) ;; *) dpkg-deb -x "$package" build-package/root ;; esac
done
root=build-package/root
"$root/usr/bin/vern" --version
grep -qa importmap "$root/usr/bin/vern" || { echo "the package lacks the pages"; exit 1; }
for file in bin/vern share/man/man1/vern.1.gz share/man/man1/vern-log-verify.1.gz share/bash-completion/completions/vern; do
    test -s "$root/usr/$file" || { echo "the package lacks usr/$file"; exit 1; }
done
test -s "$root/lib/systemd/system/vern.service" || test -s "$root/usr/lib/systemd/system/vern.service"
! test -e "$root/var/lib/vern" || { echo "the package makes data"; exit 1; }
echo "the package is whole"
