#!/usr/bin/env bash
# Runs once, when the database server makes its data: the owner of the tables migrates, the
# application owns nothing and so can neither drop a trigger nor empty a ledger.
set -euo pipefail

psql --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres <<SQL
\set owner_password \`echo "\$PROOFLINE_OWNER_PASSWORD"\`
\set app_password \`echo "\$PROOFLINE_APP_PASSWORD"\`
CREATE ROLE proofline_owner LOGIN CREATEDB PASSWORD :'owner_password';
CREATE ROLE proofline_app LOGIN PASSWORD :'app_password';
CREATE DATABASE proofline OWNER proofline_owner;
SQL
