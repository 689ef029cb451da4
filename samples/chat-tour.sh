#!/bin/sh
# Opens a chat as a newcomer would, in four panes of one terminal: the server, two who talk, and one who comes late.
# Needs tmux, and samples/target/recado.jar (mvn -pl samples -am package -DskipTests).
#
#   samples/chat-tour.sh                 then try it yourself; /sair in a pane leaves
#   samples/chat-tour.sh --record FILE   writes the picture (SVG) and ends
#
# RECADO_PORT chooses another port than 5000; 0 stands for a free one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
jar="$here/target/recado.jar"
port=${RECADO_PORT:-5000}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
folder=$(mktemp -d)
[ -f "$jar" ] || { echo "chat-tour: no $jar; build it first" >&2; exit 1; }
command -v tmux > /dev/null || { echo "chat-tour: tmux is not installed" >&2; exit 1; }

tour() { tmux -S "$folder/tour" -f /dev/null -u "$@"; }
trap 'tour kill-server 2> /dev/null || true; rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM HUP

# await PANE TEXT: until it stands there, 30 seconds at most
await() {
    tries=0
    until tour capture-pane -p -t "$1" | grep -qF -- "$2"; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || { echo "chat-tour: '$2' never appeared:" >&2; tour capture-pane -p -t "$1" >&2; exit 1; }
        sleep 0.1
    done
}

# say PANE TEXT
say() {
    tour send-keys -t "$1" -l "$2"
    tour send-keys -t "$1" Enter
}

# open PANE TITLE ARGUMENTS...: replaces the pane's shell by a program
open() {
    pane=$1
    title=$2
    shift 2
    tour select-pane -t "$pane" -T "$title"
    tour respawn-pane -k -t "$pane" "exec \"$java\" -jar \"$jar\" $* --port $port"
}

tour new-session -d -s tour -x 116 -y 27 'sleep 60'
tour set -g status off
tour set -g remain-on-exit on
tour set -g pane-border-status top
tour set -g pane-border-format ' #{pane_title} '
tour split-window -h -t tour.0 'sleep 60'
tour split-window -v -t tour.0 'sleep 60'
tour split-window -v -t tour.2 'sleep 60'

open tour.0 'recado chat-server' chat-server
await tour.0 'mqtt://127.0.0.1:'
port=$(tour capture-pane -p -t tour.0 | sed -n 's|^mqtt://127.0.0.1:||p')
open tour.2 'recado chat --nick ana' chat --nick ana
await tour.2 'ana>'
open tour.3 'recado chat --nick bea' chat --nick bea
await tour.2 'bea is here'
await tour.3 'bea>'
say tour.2 'oi, bea! tudo bem?'
await tour.3 'ana: oi'
say tour.3 'tudo, e você? 日本語 também vai 🙂'
await tour.2 'bea: tudo'
open tour.1 'recado chat --nick rui (comes late)' chat --nick rui
await tour.1 'bea: tudo'
await tour.2 'rui is here'
await tour.1 'rui>'
say tour.1 'cheguei! o que perdi?'
await tour.2 'rui: cheguei'
await tour.3 'rui: cheguei'
say tour.3 '/msg rui só a piada da ana'
await tour.1 'bea (privately)'
say tour.2 '/users'
await tour.2 '* rui'
say tour.0 '/users'
await tour.0 '3 connected'
tour select-pane -t tour.1

case ${1:-} in
--record)
    # The picture of the whole window is a pane of another tmux, which looks at this one.
    viewer() { tmux -S "$folder/viewer" -f /dev/null -u "$@"; }
    trap 'viewer kill-server 2> /dev/null || true; tour kill-server 2> /dev/null || true; rm -rf "$folder"' EXIT
    viewer new-session -d -x 116 -y 27 "tmux -S '$folder/tour' -u attach"
    viewer set -g status off
    tries=0
    until viewer capture-pane -p | grep -qF 'recado chat-server'; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || { echo 'chat-tour: nothing to record' >&2; exit 1; }
        sleep 0.1
    done
    viewer capture-pane -e -p > "$folder/screen"
    "$java" -cp "$jar" "$here/TerminalPicture.java" < "$folder/screen" > "$2"
    ;;
*)
    tour set -g mouse on
    tmux -S "$folder/tour" -u attach
    ;;
esac
