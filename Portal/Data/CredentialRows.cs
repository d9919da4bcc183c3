using System.Data.Common;

namespace Portal.Data;

/// <summary>The query for stored credentials, and its rows.</summary>
internal static class CredentialRows
{
    /// <summary>A single statement, because a change between several could produce a credential that never existed. Each secret is returned with each
    /// module; nearly always there are one or two secrets.</summary>
    public const string Columns =
        """
        SELECT t."Handle", t."Id", t."AccountId", t."Name", t."Status", t."AllModules", t."RateLimit", s."Id", s."Hash", s."EndsAt", s."EndedAt", p."ModuleId", t."StartsAt"

        """;

    public const string Tables =
        """
        FROM "Tokens" AS t
        LEFT JOIN "TokenSecrets" AS s ON s."TokenId" = t."Id"
        LEFT JOIN "TokenPermissions" AS p ON p."TokenId" = t."Id"

        """;

    /// <summary>Reads rows in which those of a token follow each other, its newest secret first.</summary>
    public static async Task ReadAsync(DbDataReader rows, Action<StoredCredential> found, CancellationToken cancellation)
    {
        StoredCredential? credential = null;
        List<StoredSecret> secrets = [];
        HashSet<string> modules = [];
        while (await rows.ReadAsync(cancellation))
        {
            var id = rows.GetInt64(1);
            if (credential?.TokenId != id)
            {
                if (credential is not null)
                    found(credential);
                (secrets, modules) = (new List<StoredSecret>(1), new HashSet<string>(StringComparer.Ordinal));
                credential = new StoredCredential(
                    id, rows.GetString(2), rows.GetString(0), rows.GetString(3), (StoredStatus)rows.GetInt32(4), rows.GetBoolean(5),
                    rows.IsDBNull(6) ? null : rows.GetString(6), secrets, modules)
                {
                    StartsAt = rows.IsDBNull(12) ? null : Utc(rows.GetDateTime(12)),
                };
            }

            if (!rows.IsDBNull(7) && (secrets.Count == 0 || secrets[^1].Id != rows.GetInt64(7)))
                secrets.Add(new StoredSecret(rows.GetInt64(7), rows.GetFieldValue<byte[]>(8), rows.IsDBNull(9) ? null : Utc(rows.GetDateTime(9)), !rows.IsDBNull(10)));
            if (!rows.IsDBNull(11))
                modules.Add(rows.GetString(11));
        }

        if (credential is not null)
            found(credential);
    }

    private static DateTime Utc(DateTime stored) => DateTime.SpecifyKind(stored, DateTimeKind.Utc);
}
