#!/bin/sh
# What nnrpd asks about each password that a client has sent; it has no log but syslog's, so this is the log.
input=$(cat)
printf '%s\n' "$input" >> '@LOG@'
case $input in
*'ClientPassword: @SECRET@'*) printf 'User:@USER@\r\n' ;;
*) exit 1 ;;
esac
