#!/bin/sh
# The browser tests need a Chromium of the system; this brings it where it may, and says what to install where it may not.
set -eu

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends chromium fonts-noto-cjk >/dev/null
    exit 0
fi

echo "The browser tests need Chromium: install the package 'chromium' (on Debian: apt-get install chromium fonts-noto-cjk)." >&2
exit 1
