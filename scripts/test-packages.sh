# Sourced by scripts/test: installs the npm and PyPI packages that only tests need, pinned in the files under tests/, and builds
# the programs on the SDKs that are compiled.
#
# Usage: . scripts/test-packages.sh; test_packages PART...   where PART is node, integration, assistants, conformance, tests, sdk1,
# sdk2, servers, fastmcp, slm3, slm4, embeddings, go, rust or java
#
# Each part lies in the cache in a folder named by the hash of its pins, and build/test-packages/PART points to it, so the
# second run only looks. Where a compiler is missing or too old, build/test-packages/PART.missing says so, and the tests that need
# the part are skipped with that reason. `root` must be set.

# The folder of the cache; one under the repository where HOME cannot be written.
test_cache() {
  folder=${XDG_CACHE_HOME:-${HOME:-$root}/.cache}/slm-hub-tests
  if ! mkdir -p "$folder" 2>/dev/null || [ ! -w "$folder" ]; then
    folder=$root/.cache/slm-hub-tests
    mkdir -p "$folder"
  fi
  printf '%s\n' "$folder"
}

# The newest Python from 3.11 on that can make virtual environments.
test_python() {
  for candidate in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      "$candidate" -c 'import sys; print(sys.executable)'
      return 0
    fi
  done
  echo "test-packages.sh: no Python from 3.11 on with venv was found; install python3 and python3-venv." >&2
  return 1
}

# The file or the folder that pins a part, or nothing where the pin is the name itself.
pins_of() {
  case $1 in
    node) echo "" ;;
    integration | conformance) echo "$root/tests/$1/package.json" ;;
    assistants) echo "$root/tests/integration/assistants/package.json" ;;
    go | rust | java) echo "$root/tests/integration/sdks/$1" ;;
    *) echo "$root/tests/integration/requirements-$1.txt" ;;
  esac
}

# All that pins a part, to be hashed.
pins_text() {
  if [ -d "$1" ]; then
    (cd "$1" && find . -type f ! -path './target/*' | LC_ALL=C sort | while read -r file; do
      echo "$file"
      cat "$file"
    done)
  elif [ -n "$1" ]; then
    cat "$1"
  fi
}

# True if version $1 is at least $2.
at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# Says why a part cannot be built here and what to do; nothing where it can.
missing_compiler() {
  case $1 in
    go)
      version=$(go env GOVERSION 2>/dev/null | sed 's/^go//')
      at_least "${version:-0}" 1.25 ||
        echo "Go 1.25 or newer is needed (found: ${version:-none}); Debian 12 ships an older one, https://go.dev/doc/install has it"
      ;;
    rust)
      version=$(cargo --version 2>/dev/null | cut -d ' ' -f 2)
      at_least "${version:-0}" 1.88 ||
        echo "Rust 1.88 or newer is needed (found: ${version:-none}); Debian 12 ships an older one, https://rustup.rs has it"
      ;;
    java)
      version=$(javac -version 2>&1 | sed -n 's/^javac //p')
      if ! at_least "${version:-0}" 17 || ! command -v mvn >/dev/null; then
        echo "A JDK from 17 on (found: ${version:-none}) and Maven are needed: apt-get install default-jdk-headless maven"
      fi
      ;;
  esac
}

# npm with nothing that asks, reports or writes a lock file.
quiet_npm() {
  npm install --no-audit --no-fund --no-package-lock --no-update-notifier --loglevel=error "$@"
}

# Fills the empty folder $2 with part $1.
install_part() {
  case $1 in
    node)
      if [ "$(node -p 'parseInt(process.versions.node) >= 22')" = true ]; then
        mkdir -p "$2/node_modules/node/bin"
        ln -s "$(node -p process.execPath)" "$2/node_modules/node/bin/node"
      else
        quiet_npm --prefix "$2" node@22
      fi
      ;;
    integration | assistants | conformance)
      cp "$(pins_of "$1")" "$2/package.json"
      quiet_npm --prefix "$2"
      ;;
    go) (cd "$(pins_of go)" && go build -buildvcs=false -o "$2/tour" .) ;;
    rust)
      cargo build --quiet --locked --manifest-path "$(pins_of rust)/Cargo.toml" --target-dir "$2/target" &&
        mv "$2/target/debug/tour" "$2/tour" && rm -rf "$2/target"
      ;;
    java)
      cp -r "$(pins_of java)" "$2/project" &&
        mvn --quiet --batch-mode -f "$2/project/pom.xml" package dependency:copy-dependencies \
          -DincludeScope=runtime "-DoutputDirectory=$2" &&
        mv "$2"/project/target/*.jar "$2/" && rm -rf "$2/project"
      ;;
    # What the memory daemon declares but does not need in these tests (models and what runs them) would take gigabytes. Of the
    # model for embeddings the files are enough: tests/integration/servers/embeddings.py computes it itself, without PyTorch.
    slm* | embeddings)
      "$(test_python)" -m venv "$2" &&
        "$2/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --no-deps -r "$(pins_of "$1")"
      ;;
    *)
      "$(test_python)" -m venv "$2" &&
        "$2/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile -r "$(pins_of "$1")"
      ;;
  esac
}

# Installs the named parts where they are missing, and points build/test-packages at them.
test_packages() {
  cache=$(test_cache)
  mkdir -p "$root/build/test-packages"
  for part in "$@"; do
    why=$(missing_compiler "$part")
    if [ -n "$why" ]; then
      echo "Without the tests that need $part: $why"
      echo "$why" >"$root/build/test-packages/$part.missing"
      continue
    fi
    rm -f "$root/build/test-packages/$part.missing"
    pins=$(pins_of "$part")
    hash=$(pins_text "$pins" | sha256sum | cut -c 1-12)
    there=$cache/$part-$hash
    # The Node of the system may have gone since it was linked.
    [ "$part" != node ] || [ -x "$there/node_modules/node/bin/node" ] || rm -rf "$there"
    if [ ! -d "$there" ]; then
      echo "Installing the packages of $part into $there"
      making=$there.$$
      rm -rf "$making" && mkdir -p "$making"
      if ! install_part "$part" "$making" >"$making.log" 2>&1 </dev/null; then
        cat "$making.log" >&2
        rm -rf "$making"
        echo "The packages of $part (${pins:-node@22}) could not be installed; the cause stands above, the log is $making.log." >&2
        return 1
      fi
      rm -f "$making.log"
      mv -T "$making" "$there" 2>/dev/null || rm -rf "$making"
    fi
    ln -sfn "$there" "$root/build/test-packages/$part"
  done
}
