#!/usr/bin/env bash
# Installs NVRTC 12.4, the compiler of CUDA C++, into a folder of the user's own. Needs apt on Debian or Ubuntu, no GPU, no root; changes
# nothing of the system. Run again, it finds what is there. The packages are NVIDIA's, under their licence; none of it is in this
# repository.
#
#   ./setup-cuda.sh            NVRTC: 18 MB
#   ./setup-cuda.sh --tools    also ptxas, cuobjdump and nvdisasm: 87 MB
#   ./setup-cuda.sh --where    prints the folder and installs nothing
#
# PIGEON_NVRTC_DIR names another folder. The last line that it prints is the folder, or why there is none (exit code 1).
set -euo pipefail

version=12.4 suite=trixie
folder=${PIGEON_NVRTC_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/pigeon-cuda-$version}
tools=(ptxas cuobjdump nvdisasm)

refuse() { echo "setup-cuda: $1"; exit 1; }

want_tools=
case ${1:-} in
  '') ;;
  --tools) want_tools=yes ;;
  --where) echo "$folder"; exit ;;
  *) refuse "unknown option $1; there are --tools and --where" ;;
esac

# done WHAT: whether a part was installed whole.
installed() { [[ -e $folder/$1.done ]]; }
if installed nvrtc && { [[ -z $want_tools ]] || installed tools; }; then
  echo "$folder"
  exit
fi

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || refuse "no apt here: install CUDA $version, and set CUDA_PATH"
[[ $(dpkg --print-architecture) == amd64 ]] || refuse "the packages are for amd64"

# The mirror and the keyring of the machine's own sources.
sources=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null || true)
mirror=$(grep -oE 'https?://[^ ]+/debian/?( |$)' <<<"$(grep -v '^#' <<<"$sources")" | head -n 1 | tr -d ' ' || true)
[[ -n $mirror ]] || refuse "the machine's own sources name no mirror of Debian"
keyring=$(sed -n 's/^Signed-By: *\(\/[^ ]*debian[^ ]*\)$/\1/p' <<<"$sources" | head -n 1)
keyring=${keyring:-/usr/share/keyrings/debian-archive-keyring.gpg}
[[ -r $keyring ]] || refuse "no keyring $keyring to check Debian's signatures with"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{sources,lists/partial,cache/archives/partial,packages,preferences}
cat >"$work/sources/pigeon.sources" <<END
Types: deb
URIs: $mirror
Suites: $suite
Components: non-free
Signed-By: $keyring
END
apt=(apt-get -qq -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$work/sources" -o "Dir::Etc::preferencesparts=$work/preferences"
  -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache" -o "APT::Sandbox::User=" -o "Acquire::Languages=none" -o "Acquire::Retries=2")
"${apt[@]}" update >"$work/log" 2>&1 || refuse "Debian's non-free packages can't be reached: $(tail -n 1 "$work/log")"

# install PART PACKAGE… -- MEMBER…: downloads packages, takes the members that match, and marks the part as whole.
install() {
  local part=$1 packages=() staging=$work/$1
  shift
  while [[ $1 != -- ]]; do packages+=("$1/$suite"); shift; done
  shift
  (cd "$work/packages" && "${apt[@]}" download "${packages[@]}") >"$work/log" 2>&1 || refuse "download failed: $(tail -n 1 "$work/log")"
  mkdir -p "$staging"
  for package in "$work"/packages/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$staging" --wildcards --no-anchored "$@" 2>/dev/null || true
    rm "$package"
  done
  mkdir -p "$folder"
  find "$staging" \( -type f -o -type l \) -exec cp -d -t "$folder" {} +
  touch "$folder/$part.done"
}

installed nvrtc || install nvrtc libnvrtc12 libnvrtc-builtins$version -- 'libnvrtc*.so*'
[[ -e $folder/libnvrtc.so.12 ]] || { rm -f "$folder/nvrtc.done"; refuse "the packages hold no libnvrtc.so.12"; }
if [[ -n $want_tools ]] && ! installed tools; then
  install tools nvidia-cuda-toolkit -- "${tools[@]/#/bin/}"
fi

echo "$folder"
