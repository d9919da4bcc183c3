using Microsoft.EntityFrameworkCore;
using Portal.Tokens;

namespace Portal.Tests.Support;

/// <summary>A data directory with one token for every module. It is created once, because starting a Portal takes longer than most tests.</summary>
internal static class DirectoryWithToken
{
    private static readonly Lazy<Task<Content>> Created = new(CreateAsync);

    /// <summary>Copies it to an empty folder.</summary>
    public static async Task<ApiKey> CopyToAsync(string folder)
    {
        var content = await Created.Value;
        foreach (var (path, bytes) in content.Files)
        {
            var target = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await File.WriteAllBytesAsync(target, bytes);
        }

        return content.Key;
    }

    private static async Task<Content> CreateAsync()
    {
        using var directory = new TemporaryDirectory();
        ApiKey key;
        await using (var portal = new PortalHost("Development", null, directory.Path))
        {
            await portal.InitializeAsync();
            key = await portal.CreateTokenAsync();
        }

        await using (var context = StoredData.Open(directory.Path))
            await context.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)");
        var files = Directory.EnumerateFiles(directory.Path, "*", SearchOption.AllDirectories)
            .Where(path => !path.EndsWith("-wal", StringComparison.Ordinal) && !path.EndsWith("-shm", StringComparison.Ordinal))
            .ToDictionary(path => Path.GetRelativePath(directory.Path, path), File.ReadAllBytes);
        return new Content(files, key);
    }

    private sealed record Content(IReadOnlyDictionary<string, byte[]> Files, ApiKey Key);
}
