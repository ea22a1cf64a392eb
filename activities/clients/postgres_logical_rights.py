"""Whether the administrator of the settings may do there what its steps do: asked beforehand, by SQL alone."""

from activities.clients.postgres import Server
from activities.clients.postgres_logical import named
from runbooks.postgres_logical import PostgresLogicalSettings

_RIGHTS = """
SELECT me.rolsuper OR me.rolcreaterole AS alters,
       has_database_privilege(current_database(), 'CREATE') AS creates,
       current_setting('wal_level') AS wal_level,
       -- up to 15 whoever may create roles may alter them
       ARRAY(SELECT w.rolname::text FROM pg_roles w
             WHERE w.rolname = ANY(%(writers)s::text[]) AND NOT me.rolsuper
               AND current_setting('server_version_num')::int >= 160000
               AND NOT pg_has_role(w.oid, 'MEMBER WITH ADMIN OPTION') ORDER BY 1) AS beyond,
       ARRAY(SELECT c.oid::regclass::text FROM pg_subscription_rel r JOIN pg_class c ON c.oid = r.srrelid
             WHERE NOT pg_has_role(c.relowner, 'USAGE') ORDER BY 1) AS foreign_tables
FROM pg_roles me WHERE me.rolname = current_user
"""


async def why_unable(server: Server, settings: PostgresLogicalSettings) -> tuple[str, ...]:
    """What is missing, a sentence each. Raises StepError."""
    row = await server.row(_RIGHTS, {"writers": list(settings.writers)})
    user, found = settings.user, []
    if not row["alters"]:
        found.append(f"{user} may not alter roles at {server.where}: give it CREATEROLE.")
    if row["beyond"]:
        found.append(f"{user} has no ADMIN OPTION on {named(tuple(row['beyond']))}: grant it at {server.where}.")
    if not row["creates"]:
        found.append(f"{user} has no CREATE on the database {settings.dbname} at {server.where}.")
    if row["foreign_tables"]:
        found.append(f"{user} owns neither {named(tuple(row['foreign_tables']))} nor is a member of the owner.")
    if row["wal_level"] != "logical":
        found.append(f"wal_level of {server.where} is {row['wal_level']}, and must be logical: nobody could follow it.")
    return tuple(found)
