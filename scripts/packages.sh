# Sourced by the other scripts: installs the Debian or Ubuntu packages that they need.
#
# Usage: . scripts/packages.sh; need_packages build|run|test|bench|check

# Prints the names of the packages that a purpose needs.
packages_for() {
  case $1 in
    # The hub is run from where it was built, so both need the same.
    build | run)
      echo g++ cmake ninja-build ccache mold libcaf-dev libboost-dev-1.81+ libssl-dev rapidjson-dev \
        libsimdjson-dev libspdlog-dev libfmt-dev libsqlite3-dev libtomlplusplus-dev libyaml-cpp-dev \
        libcli11-dev doctest-dev tzdata
      ;;
    test) echo nodejs npm python3 python3-venv git procps ca-certificates bubblewrap dbus libsecret-tools gnome-keyring ;;
    bench) echo nginx-light gcc python3 ;;
    check) echo clang libclang-rt-dev llvm ;;
    *)
      echo "packages.sh: unknown purpose '$1'; use build, run, test, bench or check" >&2
      return 2
      ;;
  esac
}

# True if what a package is needed for is there. Programs may come from
# elsewhere (Node from its own packages, Python from pyenv), so they are looked
# for in PATH; libraries are asked for in one go by missing_packages.
has_program() {
  case $1 in
    ninja-build) command -v ninja ;;
    nodejs) command -v node ;;
    procps) command -v ps ;;
    nginx-light) command -v nginx || test -x /usr/sbin/nginx ;;
    python3-venv) python3 -c 'import ensurepip, venv' 2>&1 ;;
    llvm) command -v llvm-symbolizer ;;
    libclang-rt-dev) ls "$(clang --print-runtime-dir 2>&1)"/libclang_rt.fuzzer* 2>&1 ;;
    g++ | gcc | cmake | ccache | mold | npm | python3 | git | clang) command -v "$1" ;;
    *) return 1 ;;
  esac >/dev/null
}

# Prints which of the named packages are missing.
missing_packages() {
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 'libboost1.*-dev' 2>/dev/null |
    sed -n 's/^installed //p')
  for package in "$@"; do
    has_program "$package" && continue
    case $package in
      libboost-dev-1.81+) pattern='libboost1\.8[1-9]-dev|libboost1\.9[0-9]-dev' ;;
      *) pattern=$(printf '%s' "$package" | sed 's/[.+]/\\&/g') ;;
    esac
    printf '%s\n' "$installed" | grep -Eqx "$pattern" || printf '%s ' "$package"
  done
}

# Prints the names that apt has for the given ones: Boost carries its version in
# its name, and each Debian and Ubuntu ships other ones. The oldest that will do.
known_to_apt() {
  for package in "$@"; do
    if [ "$package" = libboost-dev-1.81+ ]; then
      package=$(apt-cache pkgnames libboost1. | sed -n 's/^libboost1\.\(8[1-9]\|9[0-9]\)-dev$/\1/p' | sort -n |
        while read -r minor; do
          apt-cache policy "libboost1.$minor-dev" | grep -q '^ *Candidate: [0-9]' || continue
          echo "libboost1.$minor-dev"
          break
        done)
      [ -n "$package" ] || package=libboost1.81-dev
    fi
    printf '%s ' "$package"
  done
}

# Installs what a purpose needs and is not there. Quick, and without root, when
# nothing is missing; returns 1 after saying what to do when it cannot install.
need_packages() {
  wanted=$(packages_for "$1") || return
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    for package in $wanted; do
      has_program "$package" || {
        echo "This is not Debian or Ubuntu, so nothing was installed. Needed to $1, under their Debian names:" >&2
        echo "  $wanted" >&2
        echo "Going on with what is there." >&2
        break
      }
    done
    return 0
  fi
  # shellcheck disable=SC2086 # a list of words
  missing=$(missing_packages $wanted)
  [ -n "$missing" ] || return 0
  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      as_root=sudo
    else
      echo "Missing packages: $missing" >&2
      # shellcheck disable=SC2046,SC2086
      echo "Install them as root: apt-get update && apt-get install -y $(known_to_apt $missing)" >&2
      return 1
    fi
  fi
  echo "Installing Debian packages: $missing"
  $as_root apt-get -qq -o DPkg::Lock::Timeout=300 update ||
    echo "apt-get update failed; trying with the package lists that are there." >&2
  # shellcheck disable=SC2046,SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
    install --no-install-recommends $(known_to_apt $missing) >&2 || {
    echo "apt-get could not install: $missing" >&2
    echo "Check the messages above (network, package sources), then run this script again." >&2
    return 1
  }
  case $missing in
    *nginx-light*) echo "nginx-light may have started a web server on port 80, which nothing here uses." ;;
  esac
}
