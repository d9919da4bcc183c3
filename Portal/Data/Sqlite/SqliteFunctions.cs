using System.Buffers.Binary;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Portal.Data.Sqlite;

/// <summary>Computes the comparisons of <see cref="DatabaseText"/> within SQLite.</summary>
internal static class SqliteFunctions
{
    private const string Upper = "portal_upper", AuditHash = "portal_audit_hash";

    public static void Map(ModelBuilder model)
    {
        model.HasDbFunction(Method(nameof(DatabaseText.MatchesPattern))).HasName("glob").IsBuiltIn();
        model.HasDbFunction(Method(nameof(DatabaseText.Upper))).HasName(Upper).IsBuiltIn();
    }

    public static void Register(SqliteConnection connection)
    {
        // SQLite itself changes the case of ASCII letters only.
        connection.CreateFunction(Upper, (string? text) => text?.ToUpperInvariant(), isDeterministic: true);
        connection.CreateFunction(AuditHash, values => Chain(WithoutMissingAddress(values)), isDeterministic: true);
    }

    /// <summary>Entries without an address have the hash that they had before Portal stored addresses.</summary>
    private static ReadOnlySpan<object?> WithoutMissingAddress(object?[] values)
    {
        const int WithAddress = 12;
        return values.Length == WithAddress && values[^1] is null or DBNull ? values.AsSpan(0, WithAddress - 1) : values;
    }

    /// <summary>Hashes the values with the length of each, so that no two lists of values have the same bytes.</summary>
    private static byte[] Chain(ReadOnlySpan<object?> values)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var value in values)
        {
            var bytes = value switch { null or DBNull => null, byte[] blob => blob, string text => Encoding.UTF8.GetBytes(text), _ => Encoding.UTF8.GetBytes(Convert.ToString(value, CultureInfo.InvariantCulture)!) };
            BinaryPrimitives.WriteInt32BigEndian(length, bytes?.Length ?? -1);
            hash.AppendData(length);
            hash.AppendData(bytes ?? []);
        }

        return hash.GetHashAndReset();
    }

    private static MethodInfo Method(string name) => typeof(DatabaseText).GetMethod(name, BindingFlags.Public | BindingFlags.Static)!;
}
