-- Runs once, when the database is made. Each service logs in as a role of its own and then acts as the common owner, so
-- that whoever comes first may make the tables and the others may use them. Passwords: set-passwords.
CREATE ROLE swiftscale NOLOGIN;
CREATE ROLE registry LOGIN IN ROLE swiftscale;
CREATE ROLE policy LOGIN IN ROLE swiftscale;
ALTER ROLE registry SET role = 'swiftscale';
ALTER ROLE policy SET role = 'swiftscale';
CREATE DATABASE swiftscale OWNER swiftscale ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
REVOKE ALL ON DATABASE swiftscale FROM PUBLIC;
