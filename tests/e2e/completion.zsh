# SPDX-License-Identifier: MIT
# Completes every line of the file $QUERIES, as if Tab was pressed at its end, and writes what the shell offers into the
# file $OFFERED, with a line "==" after each. To be sourced in an interactive zsh with a terminal. If $LOADED_FROM is a
# folder, zsh itself finds the script there.
zmodload zsh/complist
autoload -Uz compinit
if [[ -n $LOADED_FROM ]]; then
    fpath=($LOADED_FROM $fpath)
    compinit -u -D
else
    compinit -u -D
    source $SCRIPT
fi

# Notes what is offered; matches that are only asked for (-O, -A, -D) are not.
compadd() {
    local -a hits
    if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
        builtin compadd -O hits "$@"
        print -rl -- $hits >>$OFFERED
    fi
    builtin compadd "$@"
}

complete_all() {
    local query
    for query in "${(@f)$(<$QUERIES)}"; do
        BUFFER=${query% |} CURSOR=$#BUFFER
        zle list-choices
        print '==' >>$OFFERED
    done
    exit 0
}
zle -N complete_all
bindkey '^T' complete_all
print ready
