# Sourced by mvnw and bin/hearth. find_java MAJOR PROGRAM prints the home of the first Java of that
# major version that has bin/PROGRAM: HEARTH_JAVA, JAVA_HOME, the usual folders, the one on the PATH.
find_java() {
    _path_java=$(command -v java 2>/dev/null) && _path_java=$(readlink -f "$_path_java") || _path_java=
    for _home in "${HEARTH_JAVA:-}" "${JAVA_HOME:-}" \
        /usr/lib/jvm/*"$1"* /usr/java/*"$1"* /opt/java/*"$1"* /opt/jdk*"$1"* \
        "$HOME"/.sdkman/candidates/java/"$1"* "${_path_java%/bin/java}"; do
        [ -n "$_home" ] && [ -x "$_home/bin/$2" ] && [ -r "$_home/release" ] || continue
        grep -q "^JAVA_VERSION=\"$1[.\"]" "$_home/release" || continue
        echo "$_home"
        return 0
    done
    return 1
}
