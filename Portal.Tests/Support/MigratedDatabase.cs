using Microsoft.EntityFrameworkCore;

namespace Portal.Tests.Support;

/// <summary>A current database without rows. It is created once, because migrating takes longer than most tests.</summary>
internal static class MigratedDatabase
{
    private static readonly Lazy<Task<byte[]>> Bytes = new(CreateAsync);

    /// <summary>Copies it into a data directory that has no database.</summary>
    public static async Task CopyToAsync(string directory) =>
        await File.WriteAllBytesAsync(Path.Combine(directory, "portal.db"), await Bytes.Value);

    private static async Task<byte[]> CreateAsync()
    {
        var directory = Directory.CreateTempSubdirectory("portal-template-").FullName;
        await using (var context = StoredData.Open(directory))
            await context.Database.MigrateAsync();
        // Closing the last connection has moved the write-ahead log into the file.
        var bytes = await File.ReadAllBytesAsync(Path.Combine(directory, "portal.db"));
        Directory.Delete(directory, recursive: true);
        return bytes;
    }
}
