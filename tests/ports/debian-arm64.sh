#!/bin/sh
# Gets kernels and a shell for ARM64 from Debian, with a configuration of its own: `apt-get` of this machine stays as it is.
#
# tests/ports/debian-arm64.sh FOLDER
set -eu

mkdir -p "$1"
cd "$1"
if [ -e kernel-4k ] && [ -e kernel-16k ] && [ -e busybox ]; then exit 0; fi
mkdir -p lists/partial cache/archives/partial parts
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e $keys ] || { echo "Debian's keys are not there; hint: apt install debian-archive-keyring" >&2; exit 1; }
echo "deb [signed-by=$keys] http://deb.debian.org/debian trixie main" > sources.list
cat > apt.conf <<CONFIGURATION
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "";
Dir::State::lists "$PWD/lists";
Dir::State::status "/dev/null";
Dir::Cache "$PWD/cache";
Dir::Etc::sourcelist "$PWD/sources.list";
Dir::Etc::sourceparts "$PWD/parts";
CONFIGURATION
export APT_CONFIG="$PWD/apt.conf"
apt-get --quiet=2 update
for pages in 4k 16k; do
    [ $pages = 4k ] && meta=linux-image-cloud-arm64 || meta=linux-image-arm64-16k
    # What the package stands for: the newest kernel.
    apt-get --quiet=2 download "$(apt-cache depends $meta | sed -n 's/^ *Depends: //p' | head -n 1)"
    dpkg-deb --fsys-tarfile linux-image-*.deb | tar -xO --wildcards './boot/vmlinuz*' > part
    rm linux-image-*.deb
    mv part kernel-$pages
done
apt-get --quiet=2 download busybox-static
dpkg-deb --fsys-tarfile busybox-static*.deb | tar -xO --wildcards '*/bin/busybox' > busybox
chmod +x busybox
